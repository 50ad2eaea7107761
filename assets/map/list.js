/* The map in words, for the keyboard, for a screen reader, and for whoever prefers a list: the cases in view by urgency, and from
   afar the units with their counts. News never move a row under the pointer or the focus: they wait behind a button. */
// Relies on: map/word, shell/words.
(function () {
  'use strict';
  const { gcMap } = window;

  class List {
    /** `act` {ask(), pick(info), hover(id or null), place(unit), point(one), nameOf(one), close()}. */
    constructor(parent, language, act) {
      Object.assign(this, { language, act, at: 0, held: null, named: new Set(), shown: { total: 0, units: [], cases: [], points: [] } });
      this.box = gcMap.element('section', 'gc-map-list');
      this.box.hidden = true;
      this.box.addEventListener('pointerleave', () => act.hover(null));
      parent.append(this.box);
    }

    say(key, facts) { return gcMap.say(this.language(), key, facts); }

    open(on) {
      this.box.hidden = !on;
      clearInterval(this.clock);
      if (!on) return this.act.hover(null);
      this.act.ask();
      this.clock = setInterval(() => document.hidden || this.act.ask(), 2000);
    }

    /** The engine's answer; at once when nobody stands in the list, else behind the button. */
    take(answer, moved) {
      const order = (given) => JSON.stringify([given.total, given.units, given.points, given.cases.map(({ id, version, light }) => [id, version, light])]);
      const engaged = this.box.matches(':hover') || this.box.querySelector('ul')?.matches(':focus');
      if (engaged && !moved && this.shown.cases.length && order(answer) !== order(this.shown)) { this.held = answer; return this.news(); }
      this.show(answer);
    }

    show(answer) {
      const chosen = this.shown.cases[this.at]?.id;
      this.held = null; this.shown = answer;
      this.at = Math.max(0, answer.cases.findIndex((one) => one.id === chosen));
      this.draw();
    }

    news() { const made = this.box.querySelector('.gc-map-list-news'); if (made) made.hidden = false; }

    draw() {
      const { element, button, number, redraw } = gcMap, { scrollTop } = this.box, { total, units, cases, points } = this.shown;
      this.box.setAttribute('aria-label', this.say('list'));
      const title = element('div', 'gc-map-list-title', element('b', '', this.say('listTitle', { n: number(total) })), ...(cases.length < total ? [' ', this.say('listCut', { shown: cases.length })] : []));
      title.setAttribute('role', 'status');
      const news = button('gc-map-list-news', 'news', this.say('listNews'), () => this.held && this.show(this.held), this.say('listNews'));
      news.hidden = !this.held;
      const head = element('header', '', title, news, button('gc-map-button', 'close', this.say('close'), () => this.act.close(), '×'));
      redraw(this.box, [head, ...this.units(units), cases.length ? this.cases(cases) : element('p', '', this.say('listNone')), ...this.points(points)]);
      this.box.scrollTop = scrollTop;
    }

    units(units) {
      const { element, button, number } = gcMap;
      if (!units.length) return [];
      const rows = units.map((unit) => button('gc-map-list-unit', `unit-${unit.code}`, `${unit.name} ${this.say('open')} ${unit.open}, ${this.say('red')} ${unit.red}, ${this.say('amber')} ${unit.amber}`, () => this.act.place(unit),
        element('b', '', unit.name), element('span', '', number(unit.open)), element('span', 'gc-map-critical', unit.red ? `▼ ${number(unit.red)}` : ''), element('span', 'gc-map-warning', unit.amber ? `◐ ${number(unit.amber)}` : '')));
      return [element('h3', '', this.say('listUnits')), element('div', 'gc-map-list-units', ...rows)];
    }

    /** Video points in words; a name is asked for when somebody chooses its row, which also shows where it stands. */
    points(points) {
      const { element, button } = gcMap;
      if (!points.length) return [];
      const rows = points.map((one) => {
        const works = one.status === 'ON', status = `${works ? '●' : '×'} ${this.say(`status.${one.status}`)}`, looks = this.say(one.around ? 'around' : 'facing', { n: one.direction });
        const name = (this.named.has(one.index) && this.act.nameOf(one)?.name) || this.say('pointName');
        return button('gc-map-list-point', `point-${one.index}`, `${name}, ${this.say(`status.${one.status}`)}, ${looks}`, () => this.point(one), element('span', works ? 'gc-map-normal' : 'gc-map-warning', status), element('span', '', looks), element('b', '', name));
      });
      return [element('h3', '', this.say('listPoints', { n: points.length })), element('div', 'gc-map-list-points', ...rows)];
    }

    point(one) {
      this.named.add(one.index);
      this.act.nameOf(one);
      this.act.point(one);
      this.draw();
    }

    cases(cases) {
      const list = gcMap.element('ul', 'gc-map-list-cases', ...cases.map((one, i) => this.row(one, i)));
      list.tabIndex = 0;
      list.dataset.key = 'cases';
      list.setAttribute('role', 'listbox');
      list.setAttribute('aria-label', this.say('layer.cases'));
      list.addEventListener('keydown', (event) => this.onKey(event));
      list.addEventListener('focus', () => this.mark(this.at));
      list.addEventListener('blur', () => this.act.hover(null));
      this.list = list;
      this.mark(this.at, false);
      return list;
    }

    row(one, i) {
      const { element, MARK, tone, remaining } = gcMap, gc = window.gc || {}, stale = document.documentElement.dataset.gcFeed === 'stale';
      const severity = one.severity === 'normal' ? [] : [element('span', `gc-severity`, gc.word?.(`severity.${one.severity}`) || one.severity)];
      if (severity.length) severity[0].dataset.severity = one.severity;
      const made = element('li', '', element('span', tone(one.light, stale), `${MARK[one.light]} ${remaining(this.language(), one, stale)}`), ...severity, element('b', '', gc.category?.(one.category) || one.subject), element('span', 'gc-map-tip-path', gc.place?.(one.grid) || one.grid || ''));
      made.id = `gc-map-row-${i}`;
      made.setAttribute('role', 'option');
      made.addEventListener('pointerenter', () => this.act.hover(one.id));
      made.addEventListener('click', () => { this.mark(i); this.act.pick(one); });
      return made;
    }

    mark(at, tell = true) {
      this.at = Math.max(0, Math.min(at, this.shown.cases.length - 1));
      [...this.list.children].forEach((row, i) => row.setAttribute('aria-selected', String(i === this.at)));
      this.list.setAttribute('aria-activedescendant', `gc-map-row-${this.at}`);
      if (!tell) return;
      this.list.children[this.at]?.scrollIntoView({ block: 'nearest' });
      this.act.hover(this.shown.cases[this.at]?.id ?? null);
    }

    onKey(event) {
      const to = { ArrowDown: this.at + 1, ArrowUp: this.at - 1, Home: 0, End: Infinity, PageDown: this.at + 10, PageUp: this.at - 10 }[event.key];
      if (to !== undefined) this.mark(to);
      else if (event.key === 'Enter') this.act.pick(this.shown.cases[this.at]);
      else return;
      event.preventDefault();
      event.stopPropagation();
    }
  }

  gcMap.List = List;
})();
