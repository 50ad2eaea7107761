/* The words on the map: the tip under the pointer and the legend. Everything that came from data is set as text, never as markup. */
(function () {
  'use strict';
  const gcMap = (window.gcMap = window.gcMap || {});
  const WORDS = {
    zh: {
      open: '在办', red: '超期', amber: '将超期', more: '同处另有 {n} 件，再次点击切换', late: '已超期', left: '剩余', unknown: '剩余未知（数据中断）', none: '无时限', paused: '计时暂停', green: '正常',
      overdue: '超期占比', due: '将超期占比', crowd: '在办高于均值', slow: '此浏览器不支持后台绘图，地图较慢', failed: '网格边界未加载，正在重试', filtered: '已筛选', stale: '数据中断，颜色停用',
      danger: '危险且超期（远景只标最新12件）', keys: '地图。方向键平移，加减键缩放，N 和 P 按紧急程度切换案件，回车打开。', d: '天', h: '小时', m: '分',
    },
    en: {
      open: 'open', red: 'overdue', amber: 'due soon', more: '{n} more here, click again for the next', late: 'overdue by', left: 'left', unknown: 'time left unknown (feed stale)', none: 'no limit', paused: 'clock paused', green: 'on time',
      overdue: 'share overdue', due: 'share due soon', crowd: 'open above the mean', slow: 'This browser cannot draw in the background: the map is slower', failed: 'Grid borders not loaded, trying again', filtered: 'filtered', stale: 'Feed stale, no colours',
      danger: 'overdue danger (from afar the newest 12)', keys: 'Map. Arrows pan, plus and minus zoom, N and P go through cases by urgency, Enter opens.', d: ' d', h: ' h', m: ' min',
    },
  };
  const say = (language, key) => (WORDS[language] || WORDS.en)[key] || key;
  const MARK = { red: '▼', amber: '◐', green: '●', none: '○', paused: '‖' };

  function element(tag, className, ...children) {
    const made = document.createElement(tag);
    made.className = className;
    made.append(...children);
    return made;
  }

  function duration(language, ms) {
    const minutes = Math.floor(Math.abs(ms) / 60000), d = Math.floor(minutes / 1440), h = Math.floor((minutes % 1440) / 60);
    if (d) return `${d}${say(language, 'd')} ${h}${say(language, 'h')}`;
    return h ? `${h}${say(language, 'h')} ${minutes % 60}${say(language, 'm')}` : `${minutes}${say(language, 'm')}`;
  }

  class Tip {
    constructor(container, language) {
      this.language = language; this.container = container;
      this.box = element('div', 'gc-map-tip');
      this.box.hidden = true;
      container.append(this.box);
    }

    hide() { this.box.hidden = true; }

    show({ case: hit, place, cell }, at, stale) {
      const lines = hit ? this.ofCase(hit, cell, stale) : place ? this.ofPlace(place.name, place) : cell ? this.ofPlace(cell.name, cell, cell.path) : null;
      if (!lines) return this.hide();
      this.box.replaceChildren(...lines);
      this.box.hidden = false;
      const { clientWidth, clientHeight } = this.container, { offsetWidth, offsetHeight } = this.box;
      const x = at.x + 16 + offsetWidth > clientWidth ? at.x - 16 - offsetWidth : at.x + 16;
      const y = at.y + 16 + offsetHeight > clientHeight ? at.y - 16 - offsetHeight : at.y + 16;
      this.box.style.transform = `translate(${Math.max(4, x)}px,${Math.max(4, y)}px)`;
    }

    ofPlace(name, counts, path = []) {
      const l = this.language(), line = element('div', 'gc-map-tip-counts', `${say(l, 'open')} ${counts.open}`);
      if (counts.red) line.append(element('span', 'gc-map-critical', ` ▼ ${say(l, 'red')} ${counts.red}`));
      if (counts.amber) line.append(element('span', 'gc-map-warning', ` ◐ ${say(l, 'amber')} ${counts.amber}`));
      const lines = [element('b', '', name), line];
      if (path.length) lines.push(element('div', 'gc-map-tip-path', path.join(' › ')));
      return lines;
    }

    ofCase(hit, cell, stale) {
      const l = this.language(), light = element('div', `gc-map-${stale ? 'normal' : { red: 'critical', amber: 'warning' }[hit.light] || 'normal'}`, `${MARK[hit.light]} ${this.clock(hit, stale)}`);
      const lines = [element('b', '', hit.subject), light];
      if (cell) lines.push(element('div', 'gc-map-tip-path', [...cell.path, cell.name].join(' › ')));
      if (hit.stacked > 1) lines.push(element('div', 'gc-map-tip-path', say(l, 'more').replace('{n}', hit.stacked - 1)));
      return lines;
    }

    clock({ light, left }, stale) {
      const l = this.language();
      if (stale) return say(l, 'unknown');
      if (light === 'paused' || left === null) return say(l, light === 'paused' ? 'paused' : 'none');
      return `${say(l, left < 0 ? 'late' : 'left')} ${duration(l, left)}`;
    }
  }

  /** What the marks mean, and what is wrong with the map itself. Redrawn only when one of its facts changes. */
  class Legend {
    constructor(container, wall) {
      this.state = { mode: 'overdue', near: false, where: [], language: 'zh', slow: false, failed: false, filtered: false, stale: false };
      this.box = element('div', `gc-map-legend${wall ? ' gc-map-legend-wall' : ''}`);
      container.append(this.box);
      this.draw();
    }

    set(facts) {
      const before = JSON.stringify(this.state);
      Object.assign(this.state, facts);
      if (before !== JSON.stringify(this.state)) this.draw();
    }

    draw() {
      const { mode, near, where, language: l, ...facts } = this.state, parts = [];
      if (where.length) parts.push(element('div', 'gc-map-where', where.join(' › ')));
      const row = element('div', 'gc-map-key');
      for (const light of ['red', 'amber', ...(near ? ['green', 'paused', 'none'] : [])]) {
        const tone = facts.stale ? 'normal' : { red: 'critical', amber: 'warning' }[light] || 'normal';
        row.append(element('span', '', element('i', `gc-map-${tone}`, MARK[light]), say(l, light)));
      }
      row.append(element('span', '', element('i', `gc-map-danger${facts.stale ? '' : ' gc-map-critical'}`, MARK.red), say(l, 'danger')));
      const steps = element('span', `gc-map-steps gc-map-steps-${facts.stale ? 'open' : mode}`, ...[1, 2, 3, 4].map((n) => element('i', `gc-map-step-${n}`)));
      row.append(element('span', '', steps, say(l, mode === 'open' ? 'crowd' : mode)));
      parts.push(row);
      for (const fact of ['stale', 'failed', 'slow', 'filtered']) if (facts[fact]) parts.push(element('div', `gc-map-note gc-map-note-${fact}`, say(l, fact)));
      this.box.replaceChildren(...parts);
    }
  }

  Object.assign(gcMap, { Tip, Legend, say, duration });
})();
