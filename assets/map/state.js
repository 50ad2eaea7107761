/* What a copied link restores: the view, the colour, the layers, the lights, the list, its size, the date of the borders. All of it lives
   in the address behind the #, beside whatever else stands there. Pure: text in, facts out. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const COLOURS = ['overdue', 'due', 'open', 'on_time', 'coverage'];
  const LAYERS = ['borders', 'cases', 'video', 'names', 'tiles'];
  const LIGHTS = ['red', 'amber', 'green', 'paused', 'none'];
  const SHOWN = LAYERS.filter((name) => name !== 'video');
  const OURS = ['map', 'colour', 'layers', 'lights', 'list', 'full', 'at'];

  const initial = () => ({ view: null, colour: 'overdue', layers: [...SHOWN], lights: [...LIGHTS], list: false, full: false, at: '' });

  const parts = (hash) => hash.replace(/^#/, '').split('&').filter(Boolean).map((part) => { const at = part.indexOf('='); return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)]; });

  /** '#map=12/32.05/118.78&colour=due…' -> state; what is missing or makes no sense is as at first. */
  function readState(hash) {
    const given = Object.fromEntries(parts(hash)), state = initial();
    const view = /^([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/.exec(given.map || '');
    if (view && view.slice(1).every((n) => Number.isFinite(+n)) && Math.abs(view[2]) <= 85 && Math.abs(view[3]) <= 180) state.view = { zoom: +view[1], lat: +view[2], lon: +view[3] };
    if (COLOURS.includes(given.colour)) state.colour = given.colour;
    if ('layers' in given) state.layers = LAYERS.filter((name) => given.layers.split('.').includes(name));
    if ('lights' in given) state.lights = LIGHTS.filter((name) => given.lights.split('.').includes(name));
    state.list = given.list === '1';
    state.full = given.full === '1';
    if (/^\d{4}-\d\d-\d\d$/.test(given.at || '') && !Number.isNaN(instant(given.at))) state.at = given.at;
    return state;
  }

  /** The hash with this state in it; what is as at first is not said, what is not ours stays. */
  function writeState(hash, { view, colour, layers, lights, list, full, at }) {
    const first = initial(), say = [];
    if (view) say.push(['map', `${view.zoom.toFixed(2)}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`]);
    if (colour !== first.colour) say.push(['colour', colour]);
    if (LAYERS.some((name) => layers.includes(name) !== first.layers.includes(name))) say.push(['layers', layers.join('.')]);
    if (lights.length < LIGHTS.length) say.push(['lights', lights.join('.')]);
    if (list) say.push(['list', '1']);
    if (full) say.push(['full', '1']);
    if (at) say.push(['at', at]);
    const others = parts(hash).filter(([name]) => !OURS.includes(name));
    return '#' + [...others, ...say].map(([name, value]) => (value ? `${name}=${value}` : name === 'layers' || name === 'lights' ? `${name}=` : name)).join('&');
  }

  /** Noon of a day: what was valid on it, whatever zone this browser stands in. */
  const instant = (day) => Date.parse(`${day}T12:00:00`);

  Object.assign(gcMap, { COLOURS, LAYERS, LIGHTS, initialState: initial, readState, writeState, instant });
})(typeof self !== 'undefined' ? self : globalThis);
