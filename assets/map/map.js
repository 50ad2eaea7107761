/* The map for the rest of the page: finds the Leaflet maps that Dash makes, gives each its layer, and offers gc.map.
   gc.map.attach(leafletMap, {wall, scope, language, onPick(caseId), onView(view), onLasso(polygon)}) -> layer
   gc.map.feed(frame)  highlight(caseId|null)  hover(caseId|null)  fly(lon, lat, zoom)  filter({lights, stages})
   gc.map.colour('open'|'overdue'|'due'|'on_time'|'coverage')  lasso(on)
   escape(covered) -> whether there was something that Esc ends; and the events gc:pick {case}, gc:grid {grid}, gc:place {unit}, gc:lasso {polygon}, gc:selected {cases: [id], total}: the open cases inside a drawn line, none when the selection is cleared.
   Frames come as the event gc:frame; a map that is late asks for gc:need-snapshot. Data never moves view, choice or hover. */
// Relies on: map/layer.
(function () {
  'use strict';
  const { gc, gcMap } = window;
  const script = document.currentScript ? document.currentScript.src : '';
  /** Where these files lie, the query that marks their version, and where the app lies: it may live below a prefix. */
  gcMap.folder = script.replace(/[^/]*$/, '') || '/assets/map/';
  gcMap.version = (script.match(/\?.*$/) || [''])[0];
  gcMap.base = gcMap.folder.replace(/assets\/map\/$/, '');

  const layers = new Map();
  const each = (call) => layers.forEach(call);
  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
  const wanted = { filter: {}, highlight: null };

  function attach(map, options = {}) {
    if (layers.has(map)) return layers.get(map);
    const layer = new gcMap.Layer(map, {
      ...options,
      onPick(id, info) {
        gc.map.highlight(id);
        say('gc:pick', { case: id, info });
        if (options.onPick) options.onPick(id);
      },
      onReady: () => say('gc:need-snapshot', {}),
      onGrid: (grid) => say('gc:grid', { grid }),
      onPlace: (unit) => say('gc:place', { unit }),
      onLasso(polygon) {
        say('gc:lasso', { polygon });
        if (options.onLasso) options.onLasso(polygon);
      },
    });
    layers.set(map, layer);
    map.on('unload', () => { layers.delete(map); layer.close(); });
    layer.setFilter(wanted.filter);
    layer.send({ t: 'highlight', id: wanted.highlight });
    return layer;
  }

  gc.map = {
    attach,
    feed: (frame) => each((layer) => layer.feed(frame)),
    highlight(id) { wanted.highlight = id ?? null; each((layer) => layer.send({ t: 'highlight', id: wanted.highlight })); },
    hover: (id) => each((layer) => layer.send({ t: 'hover', id: id ?? null })),
    fly: (lon, lat, zoom) => each((layer) => layer.fly(lon, lat, zoom)),
    filter(only) { wanted.filter = only || {}; each((layer) => layer.setFilter(wanted.filter)); },
    colour: (mode) => each((layer) => (layer.tools ? layer.tools.set(() => layer.setColour(mode)) : layer.setColour(mode))),
    escape: (covered = false) => [...layers.values()].some((layer) => layer.tools?.escape(covered)),
    lasso: (on = true) => each((layer) => layer.tools?.take(on ? 'lasso' : null)),
  };

  document.addEventListener('gc:frame', (event) => gc.map.feed(event.detail));

  /** A map inside data-gc-map="wall"|"desk" gets its layer by itself. Asked once more later: React may still be mounting. */
  function adopt(map, again = true) {
    const frame = map.getContainer().closest('[data-gc-map]');
    if (!frame) return void (again && setTimeout(() => map.getContainer()?.isConnected && adopt(map, false), 50));
    const wall = frame.dataset.gcMap === 'wall' || Boolean(frame.closest('.gc-wall-map'));
    attach(map, { wall, scope: frame.dataset.gcScope || '', language: frame.dataset.gcLang });
  }

  window.L.Map.addInitHook(function () { setTimeout(() => adopt(this)); });
})();
