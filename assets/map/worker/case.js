/* The open cases in the map worker: columns, not objects (100,000 cases are 100,000 slots of a few typed arrays).
   A light is the server's word, made worse by time alone: a case turns amber or red between two frames. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const LIGHT = { none: 0, paused: 1, green: 2, amber: 3, red: 4 };
  const LIGHT_NAMES = Object.keys(LIGHT);
  const SEVERITY = { normal: 0, urgent: 1, danger: 2 };
  const SEVERITY_NAMES = Object.keys(SEVERITY);
  const NUMERIC = { x: Float64Array, y: Float64Array, amber: Float64Array, due: Float64Array, version: Float64Array, base: Uint8Array, light: Uint8Array, severity: Uint8Array, cell: Int32Array };
  const TEXT = ['id', 'subject', 'stage', 'category', 'unit', 'grid'];

  /** Light at server time `now` (ms). `base` is what the server said, made worse by time alone; amber and due are instants or Infinity. */
  function lightAt(base, amber, due, now) {
    if (base <= LIGHT.paused) return base;
    return Math.max(base, LIGHT[root.gcRunning(amber, due, now)]);
  }

  /** Degrees -> Web-Mercator fractions of the world, as dashboard/wire/geometry.py. */
  function mercator(lon, lat) {
    const sin = Math.sin((lat * Math.PI) / 180);
    return [lon / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
  }

  const isNew = (alarm) => !alarm.acknowledged && (alarm.kind === 'new_danger' || alarm.kind === 'flood');

  class Cases {
    constructor() { this.clear(); }

    clear() {
      this.size = 0;
      this.slot = new Map();
      this.offset = 0;
      this.alarmed = new Set(); // new dangers that nobody has acknowledged
      for (const name of TEXT) this[name] = [];
      for (const [name, Type] of Object.entries(NUMERIC)) this[name] = new Type(1024);
    }

    /** Applies a frame of the contract; `place(lon, lat)` gives [x, y], `cellOf(grid, x, y)` a cell number or -1. */
    apply(frame, received, place, cellOf) {
      if (frame.t === 'snapshot') this.clear();
      // Server minus browser; the largest seen is the frame that travelled fastest.
      if (frame.at) this.offset = this.offset ? Math.max(this.offset - 0.5, frame.at - received) : frame.at - received;
      if (frame.alarms) this.alarmed = new Set(frame.alarms.filter(isNew).flatMap((a) => [a.case, ...a.cases]));
      const c = frame.cases;
      const n = c && c.case ? c.case.length : 0;
      for (let i = 0; i < n; i++) this.upsert(c, i, place, cellOf);
      for (const id of frame.gone || []) this.remove(id);
    }

    upsert(c, i, place, cellOf) {
      const id = c.case[i], version = c.version ? c.version[i] : 0;
      let s = this.slot.get(id);
      if (s !== undefined && version < this.version[s]) return;
      if (s === undefined) this.slot.set(id, (s = this.take()));
      const lon = c.lon[i], lat = c.lat[i], known = lon !== null && lat !== null && Number.isFinite(lon) && Number.isFinite(lat);
      const [x, y] = known ? place(lon, lat) : [NaN, NaN];
      const grid = c.grid ? c.grid[i] : '';
      this.id[s] = id; this.x[s] = x; this.y[s] = y; this.version[s] = version; this.grid[s] = grid;
      this.base[s] = LIGHT[c.light[i]] ?? LIGHT.none;
      this.severity[s] = SEVERITY[c.severity ? c.severity[i] : 'normal'] ?? SEVERITY.normal;
      this.amber[s] = c.amber?.[i] ?? Infinity;
      this.due[s] = c.due?.[i] ?? Infinity;
      this.cell[s] = cellOf(grid, x, y);
      this.subject[s] = id.slice(id.indexOf('~') + 1);
      this.stage[s] = c.stage?.[i] ?? '';
      this.category[s] = c.category?.[i] ?? '';
      this.unit[s] = c.unit?.[i] ?? '';
    }

    take() {
      if (this.size === this.x.length) {
        for (const [name, Type] of Object.entries(NUMERIC)) {
          const larger = new Type(this.size * 2);
          larger.set(this[name]);
          this[name] = larger;
        }
      }
      return this.size++;
    }

    /** Whether a danger is to be seen from anywhere: it is new and nobody has acknowledged it, or it is overdue. */
    loud(s) { return this.severity[s] === SEVERITY.danger && (this.light[s] === LIGHT.red || this.alarmed.has(this.id[s])); }

    /** The last slot moves into the gap: the columns stay dense. */
    remove(id) {
      const s = this.slot.get(id);
      if (s === undefined) return;
      const last = --this.size;
      this.slot.delete(id);
      if (s !== last) {
        for (const name of Object.keys(NUMERIC)) this[name][s] = this[name][last];
        for (const name of TEXT) this[name][s] = this[name][last];
        this.slot.set(this.id[s], s);
      }
      for (const name of TEXT) this[name].length = last;
    }

    /** Sets every light for server time `now`; true if one changed. */
    tick(now) {
      let changed = false;
      for (let s = 0; s < this.size; s++) {
        const light = lightAt(this.base[s], this.amber[s], this.due[s], now);
        if (light !== this.light[s]) { this.light[s] = light; changed = true; }
      }
      return changed;
    }

    /** Finds the cells again, after the polygons came or changed. */
    locate(cellOf) {
      for (let s = 0; s < this.size; s++) this.cell[s] = cellOf(this.grid[s], this.x[s], this.y[s]);
    }
  }

  /** What is shown: lists of light and stage names; absent = all, an empty list of lights = none. */
  function makeFilter(wanted) {
    const lights = wanted?.lights ? new Set(wanted.lights.map((name) => LIGHT[name])) : null;
    const stages = wanted?.stages?.length ? new Set(wanted.stages) : null;
    return (cases, s) => (!lights || lights.has(cases.light[s])) && (!stages || stages.has(cases.stage[s]));
  }

  /** Counts per cell and per place: {open, red, amber: Int32Array} each, of the cases that pass. 2 ms at 100,000 cases. */
  function count(cases, city, passes) {
    const make = (n) => ({ open: new Int32Array(n), red: new Int32Array(n), amber: new Int32Array(n) });
    const cell = make(city.cells), place = make(city.places.length);
    for (let s = 0; s < cases.size; s++) {
      const c = cases.cell[s];
      if (c < 0 || !passes(cases, s)) continue;
      cell.open[c]++;
      if (cases.light[s] === LIGHT.red) cell.red[c]++;
      else if (cases.light[s] === LIGHT.amber) cell.amber[c]++;
    }
    for (let c = 0; c < city.cells; c++) {
      for (let r = 0; r < 3; r++) {
        const p = city.place[c * 3 + r];
        if (p === gcMap.NO_PLACE) break;
        place.open[p] += cell.open[c]; place.red[p] += cell.red[c]; place.amber[p] += cell.amber[c];
      }
    }
    return { cell, place };
  }

  /** Slots of every new danger, and of the `most` overdue ones that fell due last, of those that pass and have a point. */
  function newest(cases, passes, most) {
    const fresh = [], overdue = [];
    for (let s = 0; s < cases.size; s++) {
      if (cases.loud(s) && cases.x[s] === cases.x[s] && passes(cases, s)) (cases.alarmed.has(cases.id[s]) ? fresh : overdue).push(s);
    }
    return [...fresh, ...overdue.sort((a, b) => cases.due[b] - cases.due[a]).slice(0, most)];
  }

  Object.assign(gcMap, { newest, LIGHT, LIGHT_NAMES, SEVERITY, SEVERITY_NAMES, lightAt, mercator, Cases, makeFilter, count });
})(typeof self !== 'undefined' ? self : globalThis);
