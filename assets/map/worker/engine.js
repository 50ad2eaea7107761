/* The map's engine: keeps the cells and the cases, paints one picture of the view that was asked for, answers what lies
   under the pointer. It runs as a worker; where a browser lacks Worker or OffscreenCanvas, link.js runs it in the page. */
(function (root) {
  'use strict';
  const inWorker = typeof WorkerGlobalScope !== 'undefined' && root instanceof WorkerGlobalScope;
  if (inWorker) {
    // The same query, so that a new version of the page never gets old parts from the cache.
    importScripts(...['../../light.js', '../shift.js', 'cell.js', 'case.js', 'paint.js', 'mark.js', 'name.js', 'sector.js', 'answer.js', 'picture.js'].map((file) => file + root.location.search));
  }
  const gcMap = (root.gcMap = root.gcMap || {});
  const REST_MS = 100, MOVING_MS = 200;

  function nowhere() {
    const none = new Uint32Array(1);
    return {
      origin: [0, 0], quantum: Math.pow(2, -29), codes: [], names: [], namesEn: [], places: [], cells: 0, side: 0, place: new Uint16Array(0), cellRing: none,
      ringVertex: none, arcRank: new Uint8Array(0), arcBox: new Int32Array(0), x: new Int32Array(0), y: new Int32Array(0), box: new Int32Array(0), number: new Map(), spacing: [],
    };
  }

  class Engine {
    constructor(post, makeCanvas) {
      this.post = post; this.makeCanvas = makeCanvas;
      this.city = nowhere(); this.crs = 'wgs84'; this.cases = new gcMap.Cases();
      this.options = { scale: 1, nameScale: 1, language: 'zh', scope: '', css: {}, stale: false };
      this.layers = { borders: true, cases: true, video: false, names: true, tiles: false };
      this.mode = 'overdue'; this.passes = gcMap.makeFilter(null); this.chosen = this.pointed = null; this.selected = []; this.measured = null; this.crowded = 1;
      this.view = null; this.busy = false; this.held = false; this.last = 0; this.timer = 0;
      this.dirty = { cells: true, lines: true, table: true, counts: true, views: true };
      this.widths = new Map();
      this.restyle();
      this.clock = setInterval(() => { if (this.cases.tick(this.now())) this.changed(); }, 1000);
    }

    now() { return Date.now() + this.cases.offset; }

    receive(message) { this[`on_${message.t}`](message); }

    on_city({ buffer, crs }) {
      const { origin, quantum } = this.city;
      this.crs = crs || 'wgs84';
      this.city = buffer ? gcMap.decode(buffer) : nowhere();
      if (this.crs !== 'wgs84') this.shiftCity();
      for (let s = 0; s < this.cases.size; s++) {
        this.cases.x[s] = (this.cases.x[s] * quantum + origin[0] - this.city.origin[0]) / this.city.quantum;
        this.cases.y[s] = (this.cases.y[s] * quantum + origin[1] - this.city.origin[1]) / this.city.quantum;
      }
      this.cases.locate(this.cellOf);
      if (this.video) gcMap.settle(this.video, this.place);
      this.measure();
      Object.assign(this.dirty, { cells: true, lines: true, views: true });
      this.bubbles = null;
      this.changed();
      this.post({ t: 'ready', cells: this.city.cells, extent: this.scoped() });
    }

    /** Marks the cells outside the scope, and gives the corners of what is inside (null: no such place, or the city). */
    scoped() {
      const { cells, place, places, number, box } = this.city, { scope } = this.options;
      const p = places.findIndex((one) => one.code === scope), own = number.get(scope);
      if (p < 0 && own === undefined) return null;
      this.city.scopeRank = p < 0 ? 3 : places[p].rank;
      this.city.outside = Uint8Array.from({ length: cells }, (_, c) => (p < 0 ? c !== own : place[c * 3 + places[p].rank - 1] !== p) ? 1 : 0);
      this.city.inside = new Set(place.filter((_, i) => !this.city.outside[Math.floor(i / 3)]));
      const [x0, y0, x1, y1] = p < 0 ? box.subarray(own * 4, own * 4 + 4) : places[p].box || [0, 0, 0, 0];
      return [this.degrees(x0, y1), this.degrees(x1, y0)];
    }

    shiftCity() {
      const { x, y, places } = this.city;
      for (let i = 0; i < x.length; i++) [x[i], y[i]] = this.place(...this.degrees(x[i], y[i])).map(Math.round);
      for (const place of places) if (place.label) place.label = this.place(...this.degrees(...place.label));
      gcMap.measure(this.city);
    }

    place = (lon, lat) => {
      const [x, y] = gcMap.mercator(...gcMap.shift(this.crs, [lon, lat]));
      return [(x - this.city.origin[0]) / this.city.quantum, (y - this.city.origin[1]) / this.city.quantum];
    };

    /** Lattice -> degrees as drawn (shifted, if the tiles are). */
    degrees(x, y) {
      const mx = x * this.city.quantum + this.city.origin[0], my = y * this.city.quantum + this.city.origin[1];
      return [(mx - 0.5) * 360, (Math.atan(Math.sinh(Math.PI * (1 - 2 * my))) * 180) / Math.PI];
    }

    isNear(view) { return gcMap.isNear(this.city, view, this.options.scale, this.crowded); }

    /** A grid that the map does not have (yet): then the point decides, so that the counts stay exact. */
    cellOf = (grid, x, y) => this.city.number.get(grid) ?? (x === x ? gcMap.cellAt(this.city, x, y) : -1);

    on_options(message) {
      Object.assign(this.options, message.options);
      this.restyle();
      this.bubbles = null;
      Object.assign(this.dirty, { lines: true, views: true });
      this.changed();
    }

    on_layers({ layers }) {
      this.layers = layers;
      Object.assign(this.dirty, { lines: true, views: true });
      this.changed();
    }

    /** A share by grid, as the server measured it; it is drawn when its colour is chosen. */
    on_shares({ column }) { this.column = column; this.measure(); this.changed(); }

    measure() { this.measured = this.column && this.column.name === this.mode ? gcMap.share(this.city, this.column) : null; }

    on_video({ buffer }) {
      this.video = gcMap.decodeVideo(buffer);
      gcMap.settle(this.video, this.place);
      this.dirty.views = true;
      this.wake(0);
    }

    restyle() {
      this.theme = gcMap.makeTheme(this.options.css, this.options.stale);
      this.made = null;
    }

    on_frame({ frame, received, more }) {
      this.cases.apply(frame, received, this.place, this.cellOf);
      if (frame.t === 'snapshot') this.fresh = true;
      this.held = Boolean(more);
      if (more) return;
      if (this.fresh) this.crowded = gcMap.crowding(this.cases, this.city);
      this.fresh = false;
      this.cases.tick(this.now());
      this.changed();
    }

    on_colour({ mode }) { this.mode = mode; this.measure(); this.changed(); }
    on_filter({ wanted }) { this.passes = gcMap.makeFilter(wanted); this.changed(); }
    on_selected({ ids }) { this.selected = ids; this.wake(0); }
    on_highlight({ id }) { this.chosen = id; this.wake(0); }
    on_hover({ id }) { this.pointed = id; this.wake(0); }
    on_moving({ moving }) { this.moving = moving; }

    on_view({ view, moving }) {
      const old = this.view;
      if (!old || ['zoom', 'left', 'top', 'width', 'height', 'ratio'].some((key) => old[key] !== view[key])) Object.assign(this.dirty, { cells: true, lines: true, views: true });
      this.view = view; this.moving = moving;
      this.wake(0);
    }

    /** The page has put the last picture up: only now may the next one be made, or pictures pile up by 16 MB each. */
    on_shown() {
      this.busy = false;
      if (this.waiting) this.wake();
    }

    changed() { this.dirty.counts = this.dirty.table = true; this.wake(); }

    wake(delay = Math.max(0, this.last + (this.moving ? MOVING_MS : REST_MS) - Date.now())) {
      this.waiting = true;
      if (this.busy || this.held || !this.view) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.paint(), delay);
    }

    paint() {
      if (this.busy || this.held || !this.view) return;
      const began = performance.now();
      this.waiting = false; this.busy = true; this.last = Date.now();
      const view = this.view, { width, height } = view;
      if (!this.canvas) this.canvas = this.makeCanvas(width, height);
      if (this.canvas.width !== width || this.canvas.height !== height) { this.canvas.width = width; this.canvas.height = height; }
      const ctx = this.canvas.getContext('2d'), near = this.isNear(view);
      if (near !== this.near) { this.near = near; this.dirty.table = true; }
      this.paintCells(ctx, view, near);
      this.paintLines(ctx, view);
      this.paintVideo(ctx, view);
      if (!this.layers.cases) this.paintNames(ctx, view, new gcMap.Room());
      else if (near) this.paintCases(ctx, view);
      else this.paintCounts(ctx, view);
      if (near && this.layers.cases) this.paintSelected(ctx, view);
      this.paintChosen(ctx, view, near);
      const bitmap = this.canvas.transferToImageBitmap ? this.canvas.transferToImageBitmap() : this.canvas;
      const painted = { t: 'painted', view, bitmap, near, where: this.where(view), video: !this.layers.video ? '' : view.zoom < gcMap.POINTS_FROM ? 'far' : 'near', size: this.cases.size, ms: performance.now() - began };
      this.post(painted, inWorker ? [bitmap] : undefined);
    }

    /** Ends the engine where it is not a worker that can be terminated. */
    on_close() { clearInterval(this.clock); clearTimeout(this.timer); }
  }

  Object.assign(Engine.prototype, gcMap.answers, gcMap.names, gcMap.pictures);
  gcMap.Engine = Engine;
  if (inWorker) {
    const engine = new Engine((message, transfer) => root.postMessage(message, transfer || []), (width, height) => new OffscreenCanvas(width, height));
    root.onmessage = ({ data }) => engine.receive(data);
  }
})(typeof self !== 'undefined' ? self : globalThis);
