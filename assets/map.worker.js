/* The map's engine: keeps the cells and the cases, paints one picture of the view that was asked for, answers what lies
   under the pointer. It runs as a worker; where a browser lacks Worker or OffscreenCanvas, map.js runs it in the page. */
(function (root) {
  'use strict';
  const inWorker = typeof WorkerGlobalScope !== 'undefined' && root instanceof WorkerGlobalScope;
  if (inWorker) {
    // The same query, so that a new version of the page never gets old parts from the cache.
    importScripts(...['map.shift.js', 'map.cell.worker.js', 'map.case.worker.js', 'map.paint.worker.js', 'map.mark.worker.js', 'map.sector.worker.js', 'map.answer.worker.js'].map((file) => file + root.location.search));
  }
  const gcMap = (root.gcMap = root.gcMap || {});
  const REST_MS = 100, MOVING_MS = 200, ALARMS = 12;

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
      this.cases.locate(null, this.cellOf);
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
      this.city.outside = Uint8Array.from({ length: cells }, (_, c) => (p < 0 ? c !== own : place[c * 3 + places[p].rank - 1] !== p) ? 1 : 0);
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

    paintCells(ctx, view, near) {
      const { width, height } = view, { dirty } = this;
      if (!this.ids || this.ids.length !== width * height) {
        this.ids = this.city.cells < 0xffff ? new Uint16Array(width * height) : new Uint32Array(width * height);
        this.image = new ImageData(width, height);
        this.pixels = new Uint32Array(this.image.data.buffer);
        dirty.cells = true;
      }
      if (dirty.counts) {
        this.counts = gcMap.count(this.cases, this.city, this.passes);
        this.alarms = gcMap.newest(this.cases, this.passes, ALARMS);
      }
      if (dirty.table) this.colours = gcMap.table(this.city, this.counts, this.mode, this.theme, near ? 0.55 : 1, this.layers.tiles, this.measured);
      if (dirty.cells) gcMap.raster(this.city, view, this.ids);
      if (dirty.cells || dirty.table) {
        const { ids, pixels, colours } = this;
        for (let i = 0; i < ids.length; i++) pixels[i] = colours[ids[i]];
      }
      dirty.counts = dirty.table = dirty.cells = false;
      ctx.putImageData(this.image, 0, 0);
    }

    /** Borders change with the view only: kept on a sheet of their own, laid over every picture. */
    paintLines(ctx, view) {
      if (this.dirty.lines || !this.lines) {
        if (!this.lines) this.lines = this.makeCanvas(view.width, view.height);
        this.lines.width = view.width; this.lines.height = view.height;
        gcMap.borders(this.lines.getContext('2d'), this.city, view, this.theme, this.options.scale > 1 ? 1.3 : 1, this.layers.borders ? 4 : 2);
        this.dirty.lines = false;
      }
      ctx.drawImage(this.lines, 0, 0);
    }

    /** Views of the points from street level, on a sheet like the borders; poles earlier. */
    paintVideo(ctx, view) {
      if (!this.layers.video || !this.video || view.zoom < gcMap.POINTS_FROM) return;
      if (view.zoom >= gcMap.VIEWS_FROM) {
        if (this.dirty.views || !this.views) this.makeViews(view);
        ctx.drawImage(this.views, 0, 0);
      }
      gcMap.poles(ctx, this.video, this.city, view, this.theme, view.ratio * (view.zoom >= gcMap.VIEWS_FROM ? 1.3 : 0.8));
    }

    makeViews(view) {
      const { width, height } = view, size = width * height;
      if (!this.mask || this.mask.length !== size) { this.mask = new Uint8Array(size); this.views = this.makeCanvas(width, height); this.tints = new ImageData(width, height); }
      this.views.width = width; this.views.height = height;
      this.mask.fill(0);
      gcMap.cover(this.video, this.city, view, this.mask);
      gcMap.tint(this.mask, new Uint32Array(this.tints.data.buffer), view, this.theme, this.theme.bg[1] < 128);
      this.views.getContext('2d').putImageData(this.tints, 0, 0);
      this.dirty.views = false;
    }

    /** Marks grow a little with the zoom, and with the wall. */
    markScale(view) { return this.options.scale * view.ratio * (view.zoom >= 17 ? 1.3 : view.zoom >= 15.5 ? 1.15 : view.zoom < 14 ? 0.8 : 1); }

    marks(scale) {
      if (!this.made || this.madeScale !== scale) { this.made = gcMap.sprites(this.makeCanvas, this.theme, scale); this.madeScale = scale; }
      return this.made;
    }

    paintCases(ctx, view) {
      const scale = this.markScale(view), made = this.marks(scale);
      const found = gcMap.visible(this.cases, this.city, view, this.passes), room = new gcMap.Room();
      gcMap.drawKinds(ctx, found, made, ['none', 'paused', 'green']);
      const type = 13 * this.options.scale * view.ratio;
      const tags = gcMap.join(gcMap.stack(found, view, Math.round(34 * scale)), (one) => gcMap.tag(ctx, one, type, this.theme, this.widths, false));
      for (const one of tags) room.add(one.x, one.y, one.w, one.h);
      for (const kind of ['amber', 'red', 'danger']) {
        const side = gcMap.MARK_SIZE[kind] * scale, list = found[kind];
        for (let i = 0; i < list.length; i += 3) room.add(list[i + 1], list[i + 2], side, side);
      }
      this.paintNames(ctx, view, room);
      gcMap.drawKinds(ctx, found, made, ['amber', 'red']);
      for (const one of tags.sort((a, b) => a.danger - b.danger || a.red - b.red)) gcMap.tag(ctx, one, type, this.theme, this.widths, true);
      gcMap.drawKinds(ctx, found, made, ['danger']);
    }

    paintCounts(ctx, view) {
      const scale = this.options.scale * view.ratio, room = new gcMap.Room(), shown = [];
      if (!this.bubbles || this.bubblesZoom !== view.zoom) { this.bubbles = gcMap.layout(this.city, view, this.options.scale); this.bubblesZoom = view.zoom; }
      this.paintAlarms(ctx, view);
      for (const b of this.bubbles) {
        const x = (b.x - view.left) * view.ratio, y = (b.y - view.top) * view.ratio, r = b.r * view.ratio;
        if (x < -r || y < -r || x > view.width + r || y > view.height + r) continue;
        if (this.counts.place.open[b.place]) { gcMap.bubble(ctx, x, y, r, b.rank, this.counts.place, b.place, this.theme, scale); room.add(x, y, r * 2, r * 2); }
        shown.push([b, x, y, this.counts.place.open[b.place] ? r : 0]);
      }
      if (this.layers.names) for (const one of shown) this.paintName(ctx, room, ...one, scale);
    }

    /** Below the count; above it where another one is in the way; smaller where neither has room. */
    paintName(ctx, room, b, x, y, r, scale) {
      const full = gcMap.NAME[b.rank] * scale * (b.rank === 1 ? this.options.nameScale : 1), text = this.nameOf(this.city.places[b.place]);
      const tone = b.rank === 1 ? [600, this.theme.text] : [500, this.theme['text-3']];
      for (const size of this.options.nameScale > 1 ? [full, full * 0.72] : [full]) {
        if ([y + r + size * 0.72, y - r - size * 0.72].some((at) => gcMap.name(ctx, room, text, x, at, size, ...tone, this.theme, this.widths))) return;
      }
    }

    /** The newest overdue dangers, below the counts: a wall needs to see where, and more than a dozen marks say nothing. */
    paintAlarms(ctx, view) {
      const { k, dx, dy } = gcMap.affine(this.city, view), mark = this.marks(this.markScale(view)).danger;
      for (const s of this.alarms) ctx.drawImage(mark, Math.round(this.cases.x[s] * k + dx - mark.width / 2), Math.round(this.cases.y[s] * k + dy - mark.height / 2));
    }

    nameOf(place) { return (this.options.language !== 'zh' && place.name_en) || place.name; }

    cellName(c) { return (this.options.language !== 'zh' && this.city.namesEn[c]) || this.city.names[c]; }

    /** A grid's name without that of its community, which is written on the map already. */
    shortName(c) {
      const name = this.cellName(c), community = this.path(c).map((place) => this.nameOf(place)).pop();
      return community && name.startsWith(community) && name.length > community.length ? name.slice(community.length).trim() : name;
    }

    /** Names of places that are wide enough for them on the screen; of grids when they are as large as a thumb. */
    paintNames(ctx, view, room) {
      const { k, dx, dy } = gcMap.affine(this.city, view), scale = this.options.scale * view.ratio, { theme, widths } = this;
      if (!this.layers.names) return;
      const inside = (x, y) => x > 0 && y > 0 && x < view.width && y < view.height;
      for (const rank of [1, 2, 3]) {
        for (const place of this.city.places) {
          if (place.rank !== rank || !place.label || Math.sqrt(place.area) * k < (rank === 3 ? 120 : 90) * scale) continue;
          const x = place.label[0] * k + dx, y = place.label[1] * k + dy;
          if (inside(x, y)) gcMap.name(ctx, room, this.nameOf(place), x, y, gcMap.NAME[rank] * scale * (rank === 2 ? 1.15 : 1), rank < 3 ? 600 : 500, rank === 3 ? theme['text-3'] : theme.text, theme, widths, rank < 3 ? 7 : 3);
        }
      }
      if (this.city.side * k < 170 * scale) return;
      for (let c = 0; c < this.city.cells; c++) {
        const b = c * 4, box = this.city.box, x = ((box[b] + box[b + 2]) / 2) * k + dx, y = ((box[b + 1] + box[b + 3]) / 2) * k + dy;
        if (box[b + 2] >= box[b] && inside(x, y) && (box[b + 2] - box[b]) * k > 110 * scale) gcMap.name(ctx, room, this.shortName(c), x, y, gcMap.NAME[4] * scale, 400, gcMap.mix(theme.cell, theme['text-3'], 0.75), theme, widths, 3);
      }
    }

    /** Rings around the cases that were selected by a box or a line. */
    paintSelected(ctx, view) {
      const { k, dx, dy } = gcMap.affine(this.city, view), r = 10 * this.markScale(view);
      ctx.beginPath();
      for (const id of this.selected) {
        const s = this.cases.slot.get(id);
        if (s === undefined || !this.passes(this.cases, s)) continue;
        const x = this.cases.x[s] * k + dx, y = this.cases.y[s] * k + dy;
        if (x > -r && y > -r && x < view.width + r && y < view.height + r) { ctx.moveTo(x + r, y); ctx.arc(x, y, r, 0, 7); }
      }
      ctx.strokeStyle = gcMap.css(this.theme.action, 0.85); ctx.lineWidth = 1.5 * view.ratio; ctx.stroke();
    }

    /** The case that was chosen and the one whose row is under the pointer elsewhere on the page: drawn last, at any zoom. */
    paintChosen(ctx, view, near) {
      const { k, dx, dy } = gcMap.affine(this.city, view), scale = this.markScale(view);
      for (const [id, ticks] of [[this.pointed, false], [this.chosen, true]]) {
        const s = id === null ? undefined : this.cases.slot.get(id);
        if (s === undefined || !(this.cases.x[s] === this.cases.x[s])) continue;
        const x = this.cases.x[s] * k + dx, y = this.cases.y[s] * k + dy;
        if (!near) {
          const mark = this.marks(scale)[gcMap.kind(this.cases, s)];
          ctx.drawImage(mark, x - mark.width / 2, y - mark.height / 2);
        }
        gcMap.target(ctx, x, y, 17 * scale, this.theme, ticks);
      }
    }

    /** Ends the engine where it is not a worker that can be terminated. */
    on_close() { clearInterval(this.clock); clearTimeout(this.timer); }
  }

  Object.assign(Engine.prototype, gcMap.answers);
  gcMap.Engine = Engine;
  if (inWorker) {
    const engine = new Engine((message, transfer) => root.postMessage(message, transfer || []), (width, height) => new OffscreenCanvas(width, height));
    root.onmessage = ({ data }) => engine.receive(data);
  }
})(typeof self !== 'undefined' ? self : globalThis);
