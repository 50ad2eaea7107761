/* The one canvas of the map. The page only asks the engine (link.js) for a view, puts up the picture that comes, and moves
   it with the map: 2-3 ms a picture, so that panning stays at the screen's own rate. */
// Relies on: map/legend, map/overlay, map/shift, map/state, map/tip, map/tool, map/word.
(function () {
  'use strict';
  const { gcMap } = window;
  const PAD = 256, EDGE = 48;
  const WALL_SCALE = 1.6;
  /** On a wall the names of districts are 48 px at 1080 lines: 16 minutes of arc from six metres. */
  const WALL_NAME = 48 / (19 * WALL_SCALE);

  class Layer {
    constructor(map, options) {
      this.map = map; this.options = options; this.frames = []; this.loaded = false; this.queue = [];
      this.frame = map.getContainer().closest('[data-gc-map]') || map.getContainer();
      this.language = () => options.language || (document.documentElement.lang || 'zh').slice(0, 2);
      this.state = options.wall ? gcMap.initialState() : gcMap.readState(location.hash);
      this.page = {};
      this.overlay = new gcMap.Overlay((message, transfer) => this.send(message, this.worker && transfer), (facts) => this.legend.set(facts), () => { this.look(); if (this.state.list) this.tools?.list.draw(); });
      this.tip = new gcMap.Tip(map.getContainer(), () => this.language(), (video) => this.overlay.nameOf(video));
      this.legend = new gcMap.Legend(this.frame, options.wall, options.wall ? null : { lights: (names) => this.tools.set(() => this.setLights(names)), place: (place) => this.flyTo(place) });
      this.openCanvas();
      this.openEngine();
      if (!options.wall) this.tools = new gcMap.Tools(this, this.frame);
      this.listen();
      this.restyle();
      this.tellAll();
      this.load();
    }

    /* ---- canvas ---- */

    openCanvas() {
      const pane = this.map.createPane('gc-city');
      // A pane's canvas would swallow the clicks meant for the map.
      pane.style.cssText += 'z-index:350;pointer-events:none';
      this.canvas = L.DomUtil.create('canvas', 'leaflet-zoom-animated gc-map-canvas', pane);
      this.canvas.style.transformOrigin = '0 0';
    }

    /** Puts the picture where it belongs when the map is (or, during an animation, will be) at this centre and zoom. */
    position(center, zoom) {
      if (!this.shown) return;
      const scale = this.map.getZoomScale(zoom, this.shown.zoom);
      const origin = center ? this.map._getNewPixelOrigin(center, zoom) : this.map.getPixelOrigin();
      L.DomUtil.setTransform(this.canvas, L.point(this.shown.left, this.shown.top).multiplyBy(scale).subtract(origin), scale);
    }

    onPainted(message) {
      this.flying = false;
      // The browser is scaling the old picture just now: a new one would jump. It goes up when the animation ends.
      if (this.map._animatingZoom) this.kept = message;
      else this.put(message);
      if (this.again) { this.again = false; this.ask(this.moving); }
    }

    put({ view, bitmap, near, where, video, ms, size }) {
      const { canvas } = this;
      if (canvas.width !== view.width || canvas.height !== view.height) {
        canvas.width = view.width; canvas.height = view.height;
        canvas.style.width = `${view.width / view.ratio}px`; canvas.style.height = `${view.height / view.ratio}px`;
      }
      if (bitmap instanceof ImageBitmap) {
        this.context = this.context || canvas.getContext('bitmaprenderer');
        this.context.transferFromImageBitmap(bitmap);
      } else {
        this.context = this.context || canvas.getContext('2d');
        this.context.clearRect(0, 0, view.width, view.height);
        this.context.drawImage(bitmap, 0, 0);
      }
      this.shown = view;
      this.position(null, this.map.getZoom());
      this.send({ t: 'shown' });
      this.legend.set({ near, where, language: this.language(), video });
      if (this.listMoved) this.send({ t: 'list' });
      this.painted = { at: performance.now(), ms, size };
      // The tip under a resting pointer tells the new counts.
      if (!this.tip.box.hidden) this.look();
    }

    /* ---- views ---- */

    ask(moving) {
      if (!this.placed || !this.loaded) return;
      // One request at a time: the newest view is asked for when the picture before it has come.
      if (this.flying) { this.again = true; return; }
      const size = this.map.getSize(), corner = this.map.getPixelBounds().min.floor();
      if (!size.x || !size.y) return;
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      this.flying = true;
      this.send({ t: 'view', moving, view: { zoom: this.map.getZoom(), left: corner.x - PAD, top: corner.y - PAD, pad: PAD, foot: this.foot(), width: Math.round((size.x + 2 * PAD) * ratio), height: Math.round((size.y + 2 * PAD) * ratio), ratio } });
    }

    /** While the map moves: ask ahead, before the margin of the picture comes into sight. */
    onMove() {
      if (!this.shown || this.map._animatingZoom) return;
      const zoom = this.map.getZoom();
      if (zoom !== this.shown.zoom) { this.position(null, zoom); return this.ask(true); }
      const bounds = this.map.getPixelBounds(), right = this.shown.left + this.shown.width / this.shown.ratio, bottom = this.shown.top + this.shown.height / this.shown.ratio;
      if (bounds.min.x - this.shown.left < EDGE || bounds.min.y - this.shown.top < EDGE || right - bounds.max.x < EDGE || bottom - bounds.max.y < EDGE) this.ask(true);
    }

    onRest() {
      this.moving = false;
      this.send({ t: 'moving', moving: false });
      if (this.kept) { const kept = this.kept; this.kept = null; this.put(kept); }
      this.position(null, this.map.getZoom());
      this.ask(false);
      if (!this.placed) return;
      if (this.options.onView) this.options.onView({ zoom: this.map.getZoom(), center: this.map.getCenter() });
      this.tools?.remember();
      if (this.state.list) this.listMoved = true;
    }

    firstView(card) {
      const { view } = this.state;
      this.placed = true;
      if (view) this.map.setView([view.lat, view.lon], view.zoom, { animate: false });
      else if (card.bounds) this.fit([[card.bounds[1], card.bounds[0]], [card.bounds[3], card.bounds[2]]]);
      else this.map.setView([card.center[1], card.center[0]], card.zoom, { animate: false });
      this.addressed = Boolean(view);
    }

    fit(corners) { this.map.fitBounds(corners, { animate: false, paddingTopLeft: [16, 16], paddingBottomRight: [16, 16 + this.foot()] }); }

    /** Height at the lower edge where a wall keeps the city from lying below the legend. */
    foot() { return this.options.wall ? this.legend.box.offsetHeight + 4 : 0; }

    /** A wall always shows the whole of its scope, also when an alarm takes a strip of its map. */
    refit() { if (this.options.wall && this.home) this.fit(this.home.map(([lon, lat]) => [lat, lon])); }

    fly(lon, lat, zoom = Math.max(16, this.map.getZoom())) {
      const [x, y] = gcMap.shift(this.crs, [lon, lat]);
      if (this.still()) this.map.setView([y, x], zoom, { animate: false });
      else this.map.flyTo([y, x], zoom, { duration: 0.8 });
    }

    /** To a unit's extent; null is the whole of what this map is about. */
    flyTo(place) {
      const corners = place ? [place.southWest, place.northEast] : this.home;
      if (corners) this.map.flyToBounds(corners.map(([lon, lat]) => [lat, lon]), { duration: this.still() ? 0 : 0.6, animate: !this.still(), padding: [24, 24] });
    }

    still() { return matchMedia('(prefers-reduced-motion: reduce)').matches; }

    /* ---- what is shown ---- */

    /** The extent of a scope that is not the whole city: seen at first, unless the address says another view. */
    onExtent(extent) {
      this.home = extent;
      if (!this.addressed) this.fit(extent.map(([lon, lat]) => [lat, lon]));
      this.addressed = true;
    }

    onList(message) {
      this.tools.list.take(message, this.listMoved);
      this.listMoved = false;
    }

    /** The card (where to look), then the polygons. Without polygons the cases are drawn all the same; the legend says so. */
    async load(wait = 2000) {
      try {
        const { at } = this.state, card = await gcMap.fetched(`map/current.json${at ? `?at=${gcMap.instant(at)}` : ''}`, 'json');
        if (this.closed) return;
        this.crs = card.tile_crs;
        if (card.tile_url && !this.tiles) this.tiles = L.tileLayer(card.tile_url, { maxZoom: 19, className: 'gc-map-tiles' });
        if (!this.placed) this.firstView(card);
        if (card.bounds && !this.home) this.home = [card.bounds.slice(0, 2), card.bounds.slice(2)];
        const buffer = card.bounds ? await gcMap.fetched(card.url, 'arrayBuffer') : null;
        if (at !== this.state.at) return;
        this.setLayers(this.state.layers);
        this.send({ t: 'city', buffer, crs: card.tile_crs }, buffer && this.worker ? [buffer] : []);
        this.tools?.bar.draw();
        this.legend.set({ failed: false });
        this.ready();
      } catch (error) {
        if (!gcMap.isFetchError(error)) throw error;
        this.legend.set({ failed: true });
        if (this.placed) this.ready();
        this.retry = setTimeout(() => this.load(Math.min(60000, wait * 2)), wait);
      }
    }

    /* ---- pointer and keys ---- */

    listen() {
      const { map } = this;
      map.on('zoomanim', ({ center, zoom }) => this.position(center, zoom), this);
      map.on('movestart', () => { this.moving = true; this.tip.hide(); this.send({ t: 'moving', moving: true }); }, this);
      map.on('move', this.onMove, this);
      map.on('resize', this.refit, this);
      map.on('moveend resize', this.onRest, this);
      map.on('mousemove', (event) => { this.pointer = event; this.look(); }, this);
      map.on('mouseout', () => { this.pointer = null; this.tip.hide(); }, this);
      map.on('click', (event) => { if (!this.tools?.draw.quiet) this.lookAt(event.latlng, 'click'); }, this);
      const container = map.getContainer();
      this.keys = (event) => this.onKey(event);
      container.addEventListener('keydown', this.keys);
      if (map.options.keyboard) { container.setAttribute('role', 'application'); container.setAttribute('aria-label', gcMap.say(this.language(), 'keys')); }
      this.resized = new ResizeObserver(() => { map.invalidateSize({ pan: false }); this.restyle(); });
      this.resized.observe(container);
      // Theme, language and the age of the feed are attributes of the root element.
      this.watcher = new MutationObserver(() => this.restyle());
      this.watcher.observe(document.documentElement, { attributes: true });
    }

    restyle() {
      const style = getComputedStyle(this.frame), root = document.documentElement, css = {};
      for (const name of ['bg', 'panel', 'text', 'text-3', 'on-critical', 'critical', 'warning', 'action', 'normal', 'cell', 'halo', 'border-city', 'border-district', 'border-street', 'border-community', 'border-grid']) {
        css[name] = style.getPropertyValue(`--gc-map-${name}`) || style.getPropertyValue(`--gc-${name}`);
      }
      const wall = this.options.wall ? WALL_SCALE * Math.max(0.5, Math.min(innerHeight / 1080, innerWidth / 1920)) : 1;
      const scale = wall * (parseFloat(style.getPropertyValue('--gc-map-scale')) || 1);
      const options = { css, scale, nameScale: this.options.wall ? WALL_NAME : 1, language: this.language(), scope: this.options.scope || '', stale: root.dataset.gcFeed === 'stale' };
      const key = JSON.stringify(options);
      if (key === this.styled) return;
      this.styled = key;
      this.legend.set({ stale: options.stale, language: options.language });
      this.tools?.bar.draw();
      this.send({ t: 'options', options });
    }

    close() {
      this.send({ t: 'close' });
      this.closed = true;
      clearTimeout(this.retry);
      this.overlay.close();
      this.tools?.close();
      if (this.worker) this.worker.terminate();
      this.resized.disconnect(); this.watcher.disconnect();
      this.map.getContainer().removeEventListener('keydown', this.keys);
    }
  }

  gcMap.Layer = Layer;
})();
