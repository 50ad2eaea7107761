/* The map's own words in both languages, and the few ways to make an element. What came from data is set as text, never as markup. */
(function () {
  'use strict';
  const { gcMap } = window;
  const WORDS = {
    zh: {
      open: '在办', red: '超期', amber: '将超期', green: '正常', paused: '计时暂停', none: '无时限', late: '已超期', left: '剩余', unknown: '剩余未知（数据中断）',
      more: '同处另有 {n} 件，再次点击切换', slow: '此浏览器不支持后台绘图，地图较慢', failed: '网格边界未加载，正在重试', filtered: '已筛选', stale: '数据中断，颜色停用',
      danger: '险情：新报，或已超期（远景只标最新12件）', keys: '地图。方向键平移，加减键缩放，N 和 P 按紧急程度切换案件，回车打开。', d: '天', h: '小时', m: '分',
      'key.open': '在办高于均值', 'key.overdue': '超期占比', 'key.due': '将超期占比', 'key.on_time': '近{days}天按期结案率低于{bound}（不足{least}件不着色）', 'key.coverage': '视频几何覆盖低于{bound}（面积占比）',
      'key.wait': '正在读取…', 'key.error': '指标未读取，正在重试',
      colour: '着色', 'colour.overdue': '按超期', 'colour.due': '按将超期', 'colour.open': '按在办', 'colour.on_time': '按期结案率', 'colour.coverage': '视频覆盖',
      layers: '图层', 'layer.borders': '网格边界', 'layer.cases': '案件', 'layer.video': '视频点', 'layer.names': '地名', 'layer.tiles': '底图', bar: '地图工具',
      box: '框选案件（或按住 Shift 拖动）', lasso: '圈选案件', list: '列表', full: '放大地图', copy: '复制此视图的链接', copied: '链接已复制', uncopied: '浏览器不允许复制，请从地址栏复制链接',
      drawBox: '拖出一个方框，Esc 取消', drawLasso: '按住拖动圈出案件，Esc 取消', selecting: '正在查找…', selected: '已选 {n} 件', clear: '清除选择', empty: '范围内没有在办案件',
      tooMany: '范围内有 {n} 件，超过上限 2,000，请缩小范围', unselected: '选择未完成，请重试', refused: '所画范围无效，请重画',
      at: '查看历史边界', atNow: '回到现在', historic: '历史边界 {at}', whole: '全域', video: '视频点放大到街道后显示', working: '视频点在线', broken: '视频点故障',
      'status.ON': '在线', 'status.OFF': '离线', 'status.VLOST': '画面丢失', 'status.DEFECT': '画面异常', on_time: '按期结案率', coverage: '视频覆盖（几何）', few: '应结案 {d} 件，不足 {least} 件，不计算', unmeasured: '无应结案案件',
      listTitle: '视野内 {n} 件在办', listCut: '列出最急的 {shown} 件', listUnits: '各单位', listPoints: '视频点位（离视野中心最近 {n} 个）', pointName: '查看名称与位置', facing: '朝向 {n}°', around: '全向', listNews: '有更新，点击刷新', listNone: '视野内没有在办案件', close: '关闭',
    },
    en: {
      open: 'open', red: 'overdue', amber: 'due soon', green: 'on time', paused: 'clock paused', none: 'no limit', late: 'overdue by', left: 'left', unknown: 'time left unknown (feed stale)',
      more: '{n} more here, click again for the next', slow: 'This browser cannot draw in the background: the map is slower', failed: 'Grid borders not loaded, trying again', filtered: 'filtered', stale: 'Feed stale, no colours',
      danger: 'danger: new, or overdue (from afar the newest 12)', keys: 'Map. Arrows pan, plus and minus zoom, N and P go through cases by urgency, Enter opens.', d: ' d', h: ' h', m: ' min',
      'key.open': 'open above the mean', 'key.overdue': 'share overdue', 'key.due': 'share due soon', 'key.on_time': 'closed on time below {bound}, last {days} days (not below {least} cases)', 'key.coverage': 'geometric video coverage below {bound} of the area',
      'key.wait': 'reading …', 'key.error': 'Figures not read, trying again',
      colour: 'Colour by', 'colour.overdue': 'Overdue', 'colour.due': 'Due soon', 'colour.open': 'Open', 'colour.on_time': 'On-time rate', 'colour.coverage': 'Video coverage',
      layers: 'Layers', 'layer.borders': 'Grid borders', 'layer.cases': 'Cases', 'layer.video': 'Video points', 'layer.names': 'Names', 'layer.tiles': 'Base map', bar: 'Map tools',
      box: 'Select a box (or Shift and drag)', lasso: 'Draw around cases', list: 'List', full: 'Enlarge the map', copy: 'Copy a link to this view', copied: 'Link copied', uncopied: 'The browser does not allow copying: take the link from the address bar',
      drawBox: 'Drag a box, Esc cancels', drawLasso: 'Hold and draw around cases, Esc cancels', selecting: 'Searching …', selected: '{n} selected', clear: 'Clear the selection', empty: 'No open cases inside',
      tooMany: '{n} cases inside, more than 2,000: draw a smaller area', unselected: 'Not selected, please try again', refused: 'The line encloses no area, draw again',
      at: 'Borders as of', atNow: 'Back to now', historic: 'Historic borders {at}', whole: 'All', video: 'Zoom in to streets to see video points', working: 'video point working', broken: 'video point faulty',
      'status.ON': 'online', 'status.OFF': 'offline', 'status.VLOST': 'picture lost', 'status.DEFECT': 'picture defect', on_time: 'Closed on time', coverage: 'Video coverage (geometric)', few: '{d} cases due, fewer than {least}: not judged', unmeasured: 'No cases due',
      listTitle: '{n} open in view', listCut: 'the {shown} most urgent', listUnits: 'By unit', listPoints: 'Video points (the {n} nearest to the middle)', pointName: 'Show name and place', facing: 'facing {n}°', around: 'all around', listNews: 'Changed: refresh', listNone: 'No open cases in view', close: 'Close',
    },
  };
  const MARK = { red: '▼', amber: '◐', green: '●', none: '○', paused: 'Ⅱ' };

  /** The word for a key, with {name} filled from `facts`. */
  const say = (language, key, facts = {}) => ((WORDS[language] || WORDS.en)[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

  const number = (n) => n.toLocaleString('en');
  const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)}%`;

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  }

  /** A button with a name for everybody; `key` finds it again when its row is drawn anew. */
  function button(className, key, label, press, ...children) {
    const made = element('button', className, ...children);
    made.type = 'button';
    made.dataset.key = key;
    made.title = label;
    made.setAttribute('aria-label', label);
    made.addEventListener('click', press);
    return made;
  }

  /** Draws the inside of `box` anew; the focus stays on the part with the same key. */
  function redraw(box, parts) {
    const key = box.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    box.replaceChildren(...parts);
    if (key) box.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }

  function duration(language, ms) {
    const minutes = Math.floor(Math.abs(ms) / 60000), d = Math.floor(minutes / 1440), h = Math.floor((minutes % 1440) / 60);
    if (d) return `${d}${say(language, 'd')} ${h}${say(language, 'h')}`;
    return h ? `${h}${say(language, 'h')} ${minutes % 60}${say(language, 'm')}` : `${minutes}${say(language, 'm')}`;
  }

  /** What a case's clock says in words. */
  function remaining(language, { light, left }, stale) {
    if (stale) return say(language, 'unknown');
    if (light === 'paused' || left === null) return say(language, light === 'paused' ? 'paused' : 'none');
    return `${say(language, left < 0 ? 'late' : 'left')} ${duration(language, left)}`;
  }

  /** Class of a light's colour: grey is normal, and everything is when the feed is stale. */
  const tone = (light, stale) => `gc-map-${stale ? 'normal' : { red: 'critical', amber: 'warning' }[light] || 'normal'}`;

  Object.assign(gcMap, { WORDS, MARK, say, number, percent, element, button, redraw, duration, remaining, tone });
})();
