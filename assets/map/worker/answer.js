/* What the map's engine answers: what lies under the pointer, which case comes next, what is in view as a list, where one is.
   The methods of the engine (engine.js) that read and never paint. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const REACH = 14, LISTED = 200, POINTS = 40;
  const KINDS = ['danger', 'red', 'amber', 'green', 'paused', 'none'];
  /** Light by light, worst first; in each what is nearest to breaking its promise, or broke it first. */
  const URGENCY = [gcMap.LIGHT.red, gcMap.LIGHT.amber, gcMap.LIGHT.green, gcMap.LIGHT.paused, gcMap.LIGHT.none];

  const answers = {
    /** Where the middle of the view is: district, street, community, each only when it is larger than the screen's middle. */
    where(view) {
      const { k } = gcMap.affine(this.city, view), x = view.width / 2, y = view.height / 2;
      const c = this.ids[Math.floor(y) * view.width + Math.floor(x)] - 1;
      if (c < 0) return [];
      return this.path(c).filter((place) => Math.sqrt(place.area) * k > 300 * this.options.scale * view.ratio).map((place) => this.spot(place));
    },

    /** A place as the page needs it: to name it and to go there. */
    spot(place) {
      const [x0, y0, x1, y1] = place.box;
      return { code: place.code, name: this.nameOf(place), southWest: this.degrees(x0, y1), northEast: this.degrees(x1, y0) };
    },

    path(cell) {
      return [0, 1, 2].map((r) => this.city.places[this.city.place[cell * 3 + r]]).filter(Boolean);
    },

    /** Answers what lies at a world pixel: a case, a video point, a count, or a grid. */
    on_at({ x, y, why }) {
      const { view } = this;
      if (!view || !this.ids || !this.counts || this.dirty.cells) return this.post({ t: 'at', why });
      const px = (x - view.left) * view.ratio, py = (y - view.top) * view.ratio;
      const c = px >= 0 && py >= 0 && px < view.width && py < view.height ? this.ids[Math.floor(py) * view.width + Math.floor(px)] - 1 : -1;
      const near = this.isNear(view), { cases } = this.layers;
      this.post({
        t: 'at', why, case: near && cases ? this.caseAt(view, px, py, why) : null, place: near || !cases ? null : this.placeAt(x, y),
        video: this.videoAt(view, px, py), cell: this.cellInfo(c),
      });
    },

    cellInfo(c) {
      if (c < 0) return null;
      const { cell } = this.counts;
      return { code: this.city.codes[c], name: this.cellName(c), path: this.path(c).map((place) => this.nameOf(place)), open: cell.open[c], red: cell.red[c], amber: cell.amber[c], share: this.shareOf(c) };
    },

    /** The two numbers behind a grid's colour; n is null where there are too few to judge. */
    shareOf(c) {
      const { measured } = this;
      if (!measured) return null;
      const n = measured.n[c];
      return { name: measured.name, least: measured.least, d: measured.d[c], n: n === n ? n : null };
    },

    videoAt(view, px, py) {
      if (!this.layers.video || !this.video || view.zoom < gcMap.POINTS_FROM) return null;
      const i = gcMap.pointAt(this.video, this.city, view, px, py, 10 * view.ratio);
      return i < 0 ? null : { index: i, status: this.video.statuses[this.video.status[i]] };
    },

    placeAt(x, y) {
      const b = (this.bubbles || []).find((one) => Math.hypot(one.x - x, one.y - y) <= one.r && this.counts.place.open[one.place]);
      return b ? this.placeInfo(b.place) : null;
    },

    placeInfo(p) {
      const { place } = this.counts;
      return { ...this.spot(this.city.places[p]), open: place.open[p], red: place.red[p], amber: place.amber[p] };
    },

    /** The worst case within reach of the pointer; clicking again at the same spot goes on to the next one below it. */
    caseAt(view, px, py, why) {
      const found = gcMap.visible(this.cases, this.city, view, this.passes), reach = REACH * this.options.scale * view.ratio, stack = [];
      for (const kind of KINDS) {
        const list = found[kind];
        for (let i = 0; i < list.length; i += 3) {
          const distance = Math.hypot(list[i + 1] - px, list[i + 2] - py);
          if (distance <= Math.max(reach * 0.6, (gcMap.MARK_SIZE[kind] / 2 + 3) * this.options.scale * view.ratio)) stack.push([distance > reach * 0.5 ? 1 : 0, list[i]]);
        }
      }
      if (!stack.length) return null;
      stack.sort((a, b) => a[0] - b[0]);
      const ids = stack.map(([, s]) => this.cases.id[s]);
      const next = why === 'click' && this.picked && ids.includes(this.picked) ? ids[(ids.indexOf(this.picked) + 1) % ids.length] : ids[0];
      if (why === 'click') this.picked = next;
      return this.caseInfo(this.cases.slot.get(next), ids.length);
    },

    caseInfo(s, stacked = 1) {
      const { cases } = this, [lon, lat] = this.degrees(cases.x[s], cases.y[s]), due = cases.due[s];
      return {
        id: cases.id[s], subject: cases.subject[s], category: cases.category[s], grid: cases.grid[s], stage: cases.stage[s], stacked, lon, lat, version: cases.version[s],
        light: gcMap.LIGHT_NAMES[cases.light[s]], severity: gcMap.SEVERITY_NAMES[cases.severity[s]], due: due === Infinity ? null : due, left: due === Infinity ? null : due - this.now(),
      };
    },

    /** Slots in sight (without the margin that is painted ahead), most urgent first. */
    urgent() {
      const { view, cases } = this, pad = (view.pad || 0) * view.ratio, order = [];
      if (!this.layers.cases) return order;
      const found = gcMap.visible(cases, this.city, view, this.passes);
      for (const kind of KINDS) {
        for (let i = 0; i < found[kind].length; i += 3) {
          const x = found[kind][i + 1], y = found[kind][i + 2];
          if (x >= pad && y >= pad && x <= view.width - pad && y <= view.height - pad) order.push(found[kind][i]);
        }
      }
      const rank = (s) => URGENCY.indexOf(cases.light[s]);
      return order.sort((a, b) => rank(a) - rank(b) || cases.severity[b] - cases.severity[a] || cases.due[a] - cases.due[b] || (cases.id[a] < cases.id[b] ? -1 : 1));
    },

    /** The next case of the view in order of urgency (keyboard). */
    on_step({ by }) {
      if (!this.view) return;
      const order = this.urgent();
      if (!order.length) return;
      const at = order.indexOf(this.cases.slot.get(this.chosen) ?? -1);
      const s = order[at < 0 ? 0 : (at + by + order.length) % order.length];
      this.chosen = this.cases.id[s];
      this.wake(0);
      this.post({ t: 'step', case: this.caseInfo(s) });
    },

    /** The map in words: its most urgent cases, and when one is far away the counts of the units that carry one. */
    on_list() {
      if (!this.view || !this.counts) return;
      const order = this.urgent(), { view } = this, pad = view.pad || 0, right = view.left + view.width / view.ratio - pad, bottom = view.top + view.height / view.ratio - pad;
      const units = this.isNear(view) || !this.layers.cases ? [] : (this.bubbles || []).filter((b) => b.x >= view.left + pad && b.x <= right && b.y >= view.top + pad && b.y <= bottom).map((b) => this.placeInfo(b.place));
      units.sort((a, b) => b.red - a.red || b.open - a.open);
      this.post({ t: 'list', total: order.length, units, cases: order.slice(0, LISTED).map((s) => this.caseInfo(s)), points: this.points() });
    },

    /** Video points in sight while their layer shows them, the nearest to the middle first; `direction` in whole degrees from north. */
    points() {
      const { view, video } = this, found = [];
      if (!this.layers.video || !video || view.zoom < gcMap.POINTS_FROM) return found;
      const { k, dx, dy } = gcMap.affine(this.city, view), right = view.width / 2 - (view.pad || 0) * view.ratio, below = view.height / 2 - (view.pad || 0) * view.ratio;
      for (let i = 0; i < video.n; i++) {
        const x = Math.abs(video.x[i] * k + dx - view.width / 2), y = Math.abs(video.y[i] * k + dy - view.height / 2);
        if (x <= right && y <= below) found.push([Math.hypot(x, y), i]);
      }
      return found.sort((a, b) => a[0] - b[0]).slice(0, POINTS).map(([, i]) => ({
        index: i, status: video.statuses[video.status[i]], direction: Math.round((video.direction[i] * 180) / Math.PI), around: video.fov[i] >= 360, lon: video.lon[i], lat: video.lat[i],
      }));
    },
  };

  gcMap.answers = answers;
})(typeof self !== 'undefined' ? self : globalThis);
