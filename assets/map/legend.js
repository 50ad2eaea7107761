/* What the marks mean, where one is, and what is wrong with the map itself. On the desk its lights are switches and its places
   are ways back; on a wall it only tells. Drawn anew only when one of its facts changes. */
// Relies on: map/state, map/word.
(function () {
  'use strict';
  const { gcMap } = window;
  const STEPS = [1, 2, 3, 4];

  class Legend {
    /** `act` {lights(names), place(place or null)} makes it a tool; without it, it takes no pointer. */
    constructor(parent, wall, act = null) {
      this.act = act;
      this.state = { mode: 'overdue', share: null, near: false, where: [], language: 'zh', lights: gcMap.LIGHTS, cases: true, video: '', slow: false, failed: false, filtered: false, stale: false, historic: '' };
      this.box = gcMap.element('div', `gc-map-legend${wall ? ' gc-map-legend-wall' : ''}${act ? ' gc-map-legend-tool' : ''}`);
      parent.append(this.box);
      this.draw();
    }

    set(facts) {
      const before = JSON.stringify(this.state);
      Object.assign(this.state, facts);
      if (before !== JSON.stringify(this.state)) this.draw();
    }

    say(key, facts) { return gcMap.say(this.state.language, key, facts); }

    draw() {
      const { element } = gcMap, { cases, stale } = this.state, row = element('div', 'gc-map-key');
      row.append(...this.lights());
      if (cases) row.append(element('span', '', element('i', `gc-map-danger${stale ? '' : ' gc-map-critical'}`, gcMap.MARK.red), this.say('danger')));
      row.append(this.steps(), ...this.video());
      gcMap.redraw(this.box, [...this.where(), row, ...this.notes()]);
    }

    where() {
      const { element, button } = gcMap, { where } = this.state, row = element('nav', 'gc-map-where');
      if (!this.act) return where.length ? [element('div', 'gc-map-where', where.map((place) => place.name).join(' › '))] : [];
      row.setAttribute('aria-label', this.say('whole'));
      [null, ...where].forEach((place, i) => {
        const name = place ? place.name : this.say('whole');
        row.append(...(i ? [' › '] : []), button('gc-map-crumb', `crumb-${place?.code || ''}`, name, () => this.act.place(place), name));
      });
      return [row];
    }

    lights() {
      const { element, button, MARK } = gcMap, { near, stale, lights } = this.state;
      const shown = this.act ? gcMap.LIGHTS : ['red', 'amber', ...(near ? ['green', 'paused', 'none'] : [])];
      return shown.map((light) => {
        const parts = [element('i', gcMap.tone(light, stale), MARK[light]), this.say(light)];
        if (!this.act) return element('span', '', ...parts);
        const on = lights.includes(light);
        const made = button('gc-map-light', `light-${light}`, this.say(light), () => this.act.lights(gcMap.LIGHTS.filter((one) => (one === light ? !on : lights.includes(one)))), ...parts);
        made.setAttribute('aria-pressed', String(on));
        return made;
      });
    }

    /** What the colour of a grid means, with its bound and unit. */
    steps() {
      const { mode, stale, share } = this.state, { element } = gcMap;
      const measured = mode === 'on_time' || mode === 'coverage';
      const text = !measured || share?.bound ? this.say(`key.${mode}`, share?.bound ? { ...share, bound: gcMap.percent(share.bound, 0) } : {}) : this.say(`key.${share?.failed ? 'error' : 'wait'}`);
      const ramp = element('span', `gc-map-steps gc-map-steps-${stale ? 'open' : mode}`, ...STEPS.map((n) => element('i', `gc-map-step-${n}`)));
      return element('span', '', ramp, text);
    }

    video() {
      const { element } = gcMap, { video, stale } = this.state;
      if (!video) return [];
      if (video === 'far') return [element('span', '', this.say('video'))];
      return [element('span', '', element('i', 'gc-map-view'), this.say('working')), element('span', '', element('i', `gc-map-view gc-map-view-broken${stale ? ' gc-map-view-stale' : ''}`, '×'), this.say('broken'))];
    }

    notes() {
      const { historic } = this.state, notes = ['stale', 'failed', 'slow', 'filtered'].filter((fact) => this.state[fact]);
      const made = notes.map((fact) => gcMap.element('div', `gc-map-note gc-map-note-${fact}`, this.say(fact)));
      return historic ? [gcMap.element('div', 'gc-map-historic', this.say('historic', { at: historic })), ...made] : made;
    }
  }

  gcMap.Legend = Legend;
})();
