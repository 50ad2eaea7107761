/* Drawing around cases: a free line or a box. What comes out is a polygon in WGS-84; which cases lie in it the server says, and
   whether one may see them. The line stays on the map until the selection is cleared. */
// Relies on: map/shift.
(function () {
  'use strict';
  const { gcMap } = window;
  const MUTE_MS = 300, CORNERS = 400, NEAR_PX = 2, LEAST_PX = 6;

  class Draw {
    /** `done(polygon)` gets closed [lon, lat] corners in WGS-84; `changed()` is told when a tool is taken up or put down. */
    constructor(map, crs, done, changed) {
      Object.assign(this, { map, crs, done, changed, tool: null, muted: 0 });
      this.line = L.polygon([], { className: 'gc-map-lasso-line', interactive: false, renderer: L.svg() });
      this.down = (event) => this.begin(event);
      this.move = (event) => this.go(event);
      this.up = () => this.end();
      map.on('mousedown', this.down);
      map.on('mousemove', this.move);
      // Also outside the map: a button let go elsewhere ends the line.
      document.addEventListener('mouseup', this.up);
    }

    /** Takes up 'lasso' or 'box'; null puts it down. */
    take(tool) {
      if (this.drawing) this.clear();
      this.tool = tool; this.drawing = null;
      this.map.dragging[tool ? 'disable' : 'enable']();
      this.map.getContainer().classList.toggle('gc-map-lasso', Boolean(tool));
      this.changed();
    }

    begin({ latlng, originalEvent }) {
      // Shift and drag is a box without taking anything up; Leaflet leaves that gesture alone.
      const tool = this.tool || (originalEvent.shiftKey ? 'box' : null);
      if (!tool || originalEvent.button) return;
      this.clear();
      this.drawing = tool; this.from = latlng;
      this.line.setLatLngs([latlng]).addTo(this.map);
      this.changed();
    }

    go({ latlng }) {
      if (this.drawing === 'lasso') this.line.addLatLng(latlng);
      else if (this.drawing === 'box') this.line.setLatLngs(this.box(latlng));
    }

    /** Corners of the box on the screen, which has no north when the tiles are shifted. */
    box(to) {
      const { lat, lng } = this.from;
      return [[lat, lng], [lat, to.lng], [to.lat, to.lng], [to.lat, lng]];
    }

    end() {
      if (!this.drawing) return;
      const corners = this.line.getLatLngs()[0], pixels = corners.map((corner) => this.map.latLngToContainerPoint(corner));
      // The mouse button that ends the line also clicks the map.
      this.muted = Date.now() + MUTE_MS;
      this.drawing = null;
      this.take(null);
      const size = L.bounds(pixels).getSize();
      if (corners.length < 3 || size.x < LEAST_PX || size.y < LEAST_PX) return this.clear();
      const thin = L.LineUtil.simplify(pixels, NEAR_PX), step = Math.ceil(thin.length / CORNERS);
      const kept = (thin.length < 3 ? pixels : thin).filter((_, i) => i % step === 0).map((point) => this.map.containerPointToLatLng(point));
      this.done(gcMap.polygonOf(this.crs(), kept));
    }

    get quiet() { return Boolean(this.drawing) || Date.now() <= this.muted; }

    clear() { this.line.remove(); this.line.setLatLngs([]); }

    close() {
      this.map.off('mousedown', this.down); this.map.off('mousemove', this.move);
      document.removeEventListener('mouseup', this.up);
    }
  }

  gcMap.Draw = Draw;
})();
