/* The desk's hands on its map: bar, list, drawn lines, the address. A wall has none of it. The layer draws; what a person wants
   from it is decided here, and kept in the address so that a link shows the same. */
// Relies on: map/bar, map/draw, map/list, map/overlay, map/state, map/word.
(function () {
  'use strict';
  const { gcMap } = window;

  class Tools {
    constructor(layer, parent) {
      this.layer = layer; this.map = layer.map; this.ids = [];
      const language = layer.language;
      this.draw = new gcMap.Draw(layer.map, () => layer.crs, (polygon) => this.select(polygon), () => this.onTool());
      this.bar = new gcMap.Bar(parent, () => ({ state: layer.state, language: language(), tool: this.draw?.tool, tiles: Boolean(layer.tiles) }), {
        colour: (mode) => this.set(() => layer.setColour(mode)),
        layers: (names) => this.set(() => layer.setLayers(names)),
        draw: (tool) => this.take(tool),
        list: (on) => this.set(() => this.openList(on)),
        full: (on) => this.set(() => this.enlarge(on)),
        copy: () => this.copy(),
        at: (day) => this.set(() => layer.setAt(day)),
      });
      this.list = new gcMap.List(parent, language, {
        ask: () => layer.send({ t: 'list' }),
        pick: (info) => this.open(info),
        hover: (id) => layer.send({ t: 'hover', id }),
        place: (place) => layer.flyTo(place),
        point: ({ lon, lat }) => layer.fly(lon, lat),
        nameOf: (one) => layer.overlay.nameOf(one),
        close: () => { this.set(() => this.openList(false)); this.bar.box.querySelector('[data-key="list"]').focus(); },
      });
      // Where the page has no Esc of its own; the desk's comes first and asks gc.map.escape.
      parent.addEventListener('keydown', (this.keys = (event) => event.key === 'Escape' && !event.isComposing && this.escape(false)));
      this.hash = () => layer.restore(gcMap.readState(location.hash));
      window.addEventListener('hashchange', this.hash);
      this.list.open(layer.state.list);
      this.enlarge(layer.state.full);
    }

    say(key, facts) { return gcMap.say(this.layer.language(), key, facts); }

    /** What a person asks for: done, shown on the bar, said in the address. */
    set(change) { change(); this.bar.draw(); this.remember(); }

    openList(on) { this.layer.state.list = on; this.list.open(on); }

    /** Over the whole page below its head: the queue can wait while somebody draws around cases. */
    enlarge(on) {
      const { frame } = this.layer, main = frame.closest('main'), { map } = this, at = this.layer.placed && [map.getCenter(), map.getZoom()];
      this.layer.state.full = on;
      frame.dataset.full = on ? '1' : '0';
      frame.style.setProperty('--gc-map-top', `${main ? main.getBoundingClientRect().top : 0}px`);
      map.invalidateSize({ pan: false });
      // What was in the middle stays there.
      if (at) map.setView(...at, { animate: false });
    }

    /** From the list: the case is shown where it lies, then opened. */
    open(info) {
      this.map.panInside([info.lat, info.lon], { padding: [80, 80] });
      this.layer.options.onPick(info.id, info);
    }

    /* ---- the address ---- */

    remember() {
      clearTimeout(this.remembering);
      this.remembering = setTimeout(() => this.write(), 400);
    }

    write() {
      clearTimeout(this.remembering);
      const { lat, lng } = this.map.getCenter(), view = { zoom: this.map.getZoom(), lat, lon: lng };
      history.replaceState(history.state, '', location.pathname + location.search + gcMap.writeState(location.hash, { ...this.layer.state, view }));
    }

    async copy() {
      this.write();
      this.bar.tell(this.say((await gcMap.copy(location.href)) ? 'copied' : 'uncopied'));
    }

    /* ---- selection ---- */

    take(tool) {
      this.draw.take(tool);
      this.map.getContainer().focus({ preventScroll: true });
    }

    onTool() {
      if (!this.bar) return;
      this.layer.tip.hide();
      this.bar.draw();
      if (this.draw.tool) this.bar.tell(this.say(this.draw.tool === 'box' ? 'drawBox' : 'drawLasso'), () => this.draw.take(null));
      else if (!this.draw.drawing) this.count();
    }

    async select(polygon) {
      this.layer.options.onLasso(polygon);
      this.bar.tell(this.say('selecting'));
      const { lights, state } = this.layer, asked = (this.asked = {});
      // What is not shown cannot be meant.
      const hidden = lights?.length === 0 || !state.layers.includes('cases');
      const answer = hidden ? { cases: [], total: 0 } : await gcMap.select(polygon, lights || []);
      if (asked !== this.asked) return;
      this.hold((answer.cases || []).map((one) => one.case));
      if (!answer.total) this.bar.tell(this.say(answer.wrong || 'empty', { n: answer.n }));
    }

    /** These cases are the selection of the page: the desk's queue listens. None ends it. */
    hold(ids) {
      this.asked = null; this.ids = ids;
      this.layer.send({ t: 'selected', ids });
      if (!ids.length) this.draw.clear();
      this.count();
      document.dispatchEvent(new CustomEvent('gc:selected', { detail: { cases: ids, total: ids.length } }));
    }

    count() {
      if (!this.ids.length) return this.bar.tell('');
      this.bar.tell(this.say('selected', { n: gcMap.number(this.ids.length) }), () => { this.hold([]); this.map.getContainer().focus({ preventScroll: true }); });
    }

    /** Esc closes the layers or puts a tool down, then closes the list, then makes the map small; true if there was something to do. Under a drawer
        (`covered`) only a tool in hand is put down: the drawer is nearer. */
    escape(covered) {
      const { draw, list, layer } = this, inside = !covered && layer.frame.contains(document.activeElement);
      if (this.bar.open) this.bar.toggle(false);
      else if (draw.tool || draw.drawing) draw.take(null);
      else if (inside && layer.state.list) list.act.close();
      else if (inside && layer.state.full) this.set(() => this.enlarge(false));
      else return false;
      return true;
    }

    close() {
      this.layer.frame.removeEventListener('keydown', this.keys);
      window.removeEventListener('hashchange', this.hash);
      clearTimeout(this.remembering);
      this.list.open(false);
      this.bar.close();
      this.draw.close();
    }
  }

  gcMap.Tools = Tools;
})();
