/* The tools on a desk's map: colour, layers, selection, list, link. One row that fits the narrowest side of the desk; every tool
   is a button with a name, and says what it does where it does it. */
// Relies on: map/state, map/word.
(function () {
  'use strict';
  const { gcMap } = window;
  const SVG = 'http://www.w3.org/2000/svg';
  const ICON = {
    layers: 'M12 3 2 8.5 12 14l10-5.5zM4 12.6l8 4.4 8-4.4M4 16.6l8 4.4 8-4.4',
    box: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M10.5 4h3M10.5 20h3M4 10.5v3M20 10.5v3',
    lasso: 'M12 4c5 0 8.5 2.2 8.5 5.5S17 15 12 15s-8.5-2.2-8.5-5.5S7 4 12 4zM7 14.5c-1.5 1-1.5 3 0 3.5s2 2 .5 3',
    list: 'M9 6h12M9 12h12M9 18h12M3.5 6h1M3.5 12h1M3.5 18h1',
    full: 'M9 4H4v5M15 4h5v5M20 15v5h-5M4 15v5h5M4 4l6 6M20 4l-6 6M20 20l-6-6M4 20l6-6',
    copy: 'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5',
  };

  function icon(name) {
    const svg = document.createElementNS(SVG, 'svg'), path = document.createElementNS(SVG, 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    path.setAttribute('d', ICON[name]);
    svg.append(path);
    return svg;
  }

  class Bar {
    /** `read()` gives {state, language, tool, tiles}; `act` is what the tools do. */
    constructor(parent, read, act) {
      Object.assign(this, { read, act, open: false });
      this.box = gcMap.element('div', 'gc-map-bar');
      this.box.setAttribute('role', 'toolbar');
      this.status = gcMap.element('div', 'gc-map-status');
      this.status.setAttribute('role', 'status');
      parent.append(this.box, this.status);
      this.box.addEventListener('keydown', (event) => { if (event.key === 'Escape' && this.open) { event.stopPropagation(); this.toggle(false); } });
      document.addEventListener('pointerdown', (this.outside = (event) => { if (this.open && !this.box.contains(event.target)) this.toggle(false); }));
      this.draw();
    }

    say(key, facts) { return gcMap.say(this.read().language, key, facts); }

    toggle(open) {
      this.open = open;
      this.draw();
      this.box.querySelector(`[data-key="${open ? 'layer-borders' : 'layers'}"]`).focus();
    }

    draw() {
      const { state, tool } = this.read(), { act } = this;
      this.box.setAttribute('aria-label', this.say('bar'));
      const layers = this.tool('layers', () => this.toggle(!this.open));
      layers.setAttribute('aria-expanded', String(this.open));
      const pressed = (made, on) => { made.setAttribute('aria-pressed', String(on)); return made; };
      gcMap.redraw(this.box, [
        this.colour(state), layers,
        ...['box', 'lasso'].map((name) => pressed(this.tool(name, () => act.draw(tool === name ? null : name)), tool === name)),
        pressed(this.tool('list', () => act.list(!state.list)), state.list), pressed(this.tool('full', () => act.full(!state.full)), state.full), this.tool('copy', () => act.copy()), ...(this.open ? [this.panel()] : []),
      ]);
    }

    tool(name, press) { return gcMap.button('gc-map-button', name, this.say(name), press, icon(name)); }

    colour({ colour }) {
      const select = gcMap.element('select', 'gc-map-select', ...gcMap.COLOURS.map((mode) => { const made = gcMap.element('option', '', this.say(`colour.${mode}`)); made.value = mode; return made; }));
      select.value = colour;
      select.dataset.key = 'colour';
      select.title = this.say('colour');
      select.setAttribute('aria-label', this.say('colour'));
      select.addEventListener('change', () => this.act.colour(select.value));
      return select;
    }

    panel() {
      const { element } = gcMap, { state, tiles } = this.read();
      const layers = gcMap.LAYERS.filter((name) => name !== 'tiles' || tiles).map((name) => {
        const box = element('input', ''), on = state.layers.includes(name);
        Object.assign(box, { type: 'checkbox', checked: on });
        box.dataset.key = `layer-${name}`;
        box.addEventListener('change', () => this.act.layers(gcMap.LAYERS.filter((one) => (one === name ? box.checked : state.layers.includes(one)))));
        return element('label', '', box, this.say(`layer.${name}`));
      });
      return element('div', 'gc-map-panel', ...layers, this.at(state));
    }

    at({ at }) {
      const { element, button } = gcMap, day = element('input', 'gc-map-day');
      Object.assign(day, { type: 'date', value: at, max: new Date().toISOString().slice(0, 10) });
      day.dataset.key = 'at';
      day.addEventListener('change', () => this.act.at(day.value));
      const back = at ? [button('gc-map-back', 'now', this.say('atNow'), () => this.act.at(''), this.say('atNow'))] : [];
      return element('div', 'gc-map-at', element('label', '', this.say('at'), day), ...back);
    }

    /** A line near the map; `clear` adds a button that ends what it says. */
    tell(text, clear = null) {
      this.status.replaceChildren(...(text ? [text] : []), ...(clear ? [gcMap.button('gc-map-clear', 'clear', this.say('clear'), clear, '×')] : []));
      clearTimeout(this.telling);
      if (text && !clear) this.telling = setTimeout(() => this.tell(''), 6000);
    }

    close() { document.removeEventListener('pointerdown', this.outside); clearTimeout(this.telling); }
  }

  /** Copies where the browser allows it; over plain HTTP only the old way works. */
  gcMap.copy = async function (text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text).then(() => true, () => false);
    const field = gcMap.element('textarea', 'gc-map-hidden');
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  };

  gcMap.Bar = Bar;
})();
