/* What the map shows and how, as a person, a link or the page wants it. The methods of the layer (layer.js) that change its
   state; the engine, the overlay and the legend are told, the view stays. */
// Relies on: map/layer, map/state.
(function () {
  'use strict';
  const { gcMap } = window;

  Object.assign(gcMap.Layer.prototype, {
    setFilter(wanted) { this.page = wanted; this.tellFilter(); },

    setLights(names) { this.state.lights = names; this.tellFilter(); },

    /** What the page asks for and what the legend shows hold together. */
    tellFilter() {
      const { lights, stages } = this.page, all = this.state.lights.length === gcMap.LIGHTS.length;
      const shown = lights?.length ? this.state.lights.filter((name) => lights.includes(name)) : all ? null : this.state.lights;
      this.lights = shown;
      this.send({ t: 'filter', wanted: { lights: shown, stages } });
      this.legend.set({ lights: this.state.lights, filtered: Boolean(shown || stages?.length) });
      if (this.state.list) this.send({ t: 'list' });
    },

    setColour(mode) {
      this.state.colour = mode;
      // Another share has other bounds; until they have come the legend says so.
      this.legend.set(mode === this.legend.state.mode ? { mode } : { mode, share: null });
      this.send({ t: 'colour', mode });
      this.wantOverlay();
    },

    setLayers(names) {
      this.state.layers = names;
      const on = (name) => names.includes(name), tiles = Boolean(this.tiles) && on('tiles');
      if (this.tiles && tiles !== this.map.hasLayer(this.tiles)) this.map[tiles ? 'addLayer' : 'removeLayer'](this.tiles);
      this.send({ t: 'layers', layers: { borders: on('borders'), cases: on('cases'), video: on('video'), names: on('names'), tiles } });
      this.legend.set({ cases: on('cases') });
      this.wantOverlay();
    },

    wantOverlay() {
      const { colour, layers } = this.state;
      this.overlay.want({ share: colour === 'on_time' || colour === 'coverage' ? colour : null, video: layers.includes('video') });
    },

    /** Borders as they were on a day ('' = now); the cases stay those of now, and the legend says so. */
    setAt(day) {
      this.state.at = day;
      this.legend.set({ historic: day });
      clearTimeout(this.retry);
      this.load();
    },

    tellAll() {
      this.setColour(this.state.colour);
      this.setLayers(this.state.layers);
      this.tellFilter();
      this.legend.set({ historic: this.state.at });
    },

    /** Another address in the same page: all of it holds. */
    restore(state) {
      const moved = state.at !== this.state.at;
      this.state = state;
      this.tellAll();
      this.tools.openList(state.list);
      this.tools.enlarge(state.full);
      this.tools.bar.draw();
      if (state.view) this.map.setView([state.view.lat, state.view.lon], state.view.zoom, { animate: false });
      if (moved) this.setAt(state.at);
    },
  });
})();
