/* What the map's engine paints, layer upon layer: the methods of the engine (engine.js) that make a picture of a view. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const ALARMS = 12;

  const pictures = {
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
    },

    /** Borders change with the view only: kept on a canvas of their own, laid over every picture. */
    paintLines(ctx, view) {
      if (this.dirty.lines || !this.lines) {
        if (!this.lines) this.lines = this.makeCanvas(view.width, view.height);
        this.lines.width = view.width; this.lines.height = view.height;
        gcMap.borders(this.lines.getContext('2d'), this.city, view, this.theme, this.options.scale > 1 ? 1.3 : 1, this.layers.borders ? 4 : 2);
        this.dirty.lines = false;
      }
      ctx.drawImage(this.lines, 0, 0);
    },

    /** Views of the points from street level, on a canvas like the borders; poles earlier. */
    paintVideo(ctx, view) {
      if (!this.layers.video || !this.video || view.zoom < gcMap.POINTS_FROM) return;
      if (view.zoom >= gcMap.VIEWS_FROM) {
        if (this.dirty.views || !this.views) this.makeViews(view);
        ctx.drawImage(this.views, 0, 0);
      }
      gcMap.poles(ctx, this.video, this.city, view, this.theme, view.ratio * (view.zoom >= gcMap.VIEWS_FROM ? 1.3 : 0.8));
    },

    makeViews(view) {
      const { width, height } = view, size = width * height;
      if (!this.mask || this.mask.length !== size) { this.mask = new Uint8Array(size); this.views = this.makeCanvas(width, height); this.tints = new ImageData(width, height); }
      this.views.width = width; this.views.height = height;
      this.mask.fill(0);
      gcMap.cover(this.video, this.city, view, this.mask);
      gcMap.tint(this.mask, new Uint32Array(this.tints.data.buffer), view, this.theme, this.theme.bg[1] < 128);
      this.views.getContext('2d').putImageData(this.tints, 0, 0);
      this.dirty.views = false;
    },

    /** Marks grow a little with the zoom, and with the wall. */
    markScale(view) { return this.options.scale * view.ratio * (view.zoom >= 17 ? 1.3 : view.zoom >= 15.5 ? 1.15 : view.zoom < 14 ? 0.8 : 1); },

    marks(scale) {
      if (!this.made || this.madeScale !== scale) { this.made = gcMap.sprites(this.makeCanvas, this.theme, scale); this.madeScale = scale; }
      return this.made;
    },

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
    },

    paintCounts(ctx, view) {
      const scale = this.options.scale * view.ratio, bubbles = this.bubblesOf(ctx, view);
      this.paintAlarms(ctx, view, (s) => !this.cases.alarmed.has(this.cases.id[s]));
      const seen = bubbles.filter((b) => {
        const x = (b.x - view.left) * view.ratio, y = (b.y - view.top) * view.ratio, r = b.r * view.ratio, margin = r * 4;
        if (x < -margin || y < -margin || x > view.width + margin || y > view.height + margin) return false;
        if (this.counts.place.open[b.place]) gcMap.bubble(ctx, x, y, r, b.rank, this.counts.place, b.place, this.theme, scale);
        return true;
      });
      if (this.layers.names) this.paintBeside(ctx, view, seen);
      this.paintAlarms(ctx, view, (s) => this.cases.alarmed.has(this.cases.id[s]));
    },

    /** The newest overdue dangers, below the counts: a wall needs to see where, and more than a dozen marks say nothing. New ones that
        nobody has acknowledged lie above counts and names, every one of them. */
    paintAlarms(ctx, view, which) {
      const { k, dx, dy } = gcMap.affine(this.city, view), mark = this.marks(this.markScale(view)).danger;
      for (const s of this.alarms.filter(which)) ctx.drawImage(mark, Math.round(this.cases.x[s] * k + dx - mark.width / 2), Math.round(this.cases.y[s] * k + dy - mark.height / 2));
    },

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
    },

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
    },
  };

  gcMap.pictures = pictures;
})(typeof self !== 'undefined' ? self : globalThis);
