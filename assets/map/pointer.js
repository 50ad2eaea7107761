/* Pointer and keys on the map: the methods of the layer (layer.js) that ask the engine what lies somewhere, and do what its
   answer means. */
// Relies on: map/layer.
(function () {
  'use strict';
  const { gcMap } = window;

  Object.assign(gcMap.Layer.prototype, {
    /** One question to the engine at a time, for the newest place of the pointer. */
    look() {
      if (this.looking || this.moving || this.tools?.draw.drawing || !this.pointer) return;
      this.looking = true;
      this.lookAt(this.pointer.latlng, 'hover');
    },

    lookAt(latlng, why) {
      if (!this.shown) { this.looking = false; return; }
      const point = this.map.project(latlng, this.shown.zoom);
      if (why === 'hover') this.asked = this.pointer;
      this.send({ t: 'at', x: point.x, y: point.y, why });
    },

    onAt(found) {
      if (found.why === 'click') return this.onClick(found);
      this.looking = false;
      if (!this.pointer || this.moving) return this.tip.hide();
      this.tip.show(found, this.pointer.containerPoint, this.legend.state.stale);
      this.map.getContainer().style.cursor = found.case || found.place ? 'pointer' : '';
      if (this.asked !== this.pointer) this.look();
    },

    onClick({ case: hit, place, cell }) {
      if (hit) return this.options.onPick(hit.id, hit);
      if (place) {
        this.options.onPlace(place.code);
        return this.flyTo(place);
      }
      if (cell) this.options.onGrid(cell.code);
    },

    /** N and P go through the cases in sight by urgency, Enter opens the chosen one; arrows and +/- are Leaflet's. */
    onKey(event) {
      if (event.target !== this.map.getContainer() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const by = { n: 1, p: -1 }[event.key];
      if (by) this.send({ t: 'step', by });
      else if (event.key === 'Enter' && this.stepped) this.options.onPick(this.stepped.id, this.stepped);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },

    onStep({ case: info }) {
      this.stepped = info;
      this.map.panInside([info.lat, info.lon], { padding: [80, 80] });
      this.tip.show({ case: info }, this.map.latLngToContainerPoint([info.lat, info.lon]), this.legend.state.stale);
    },
  });
})();
