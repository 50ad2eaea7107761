/* Names on the map: beside the counts when far, on the ground when near; never one on another or on a count. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  /** Size per rank (district, street, community, grid), CSS pixels before scaling. */
  const NAME = [0, 19, 14, 12.5, 11.5];
  /** Beside a count it is `Qingdu`, as in the wall's table (gc.area), not `Qingdu District` twelve times. */
  const LEVEL = ['', ' District', ' Street', ' Community'];
  const TRIES = [[0, 0], [0, -1.3], [0, 1.3], [0, -2.6], [0, 2.6], [-0.6, 0], [0.6, 0]];

  /** Remembers what is taken, so that no name lies on another or on a mark. */
  class Room {
    constructor() { this.taken = []; }
    add(x, y, w, h) { this.taken.push([x - w / 2, y - h / 2, x + w / 2, y + h / 2]); }
    free(x, y, w, h) {
      return this.taken.every(([x0, y0, x1, y1]) => x + w / 2 < x0 || x - w / 2 > x1 || y + h / 2 < y0 || y - h / 2 > y1);
    }
  }

  /** Width and height of a name; widths of texts are remembered in `measured`. */
  function extent(ctx, text, size, weight, measured) {
    const key = `${size}|${text}`;
    ctx.font = gcMap.markFont(size, weight);
    if (!measured.has(key)) measured.set(key, ctx.measureText(text).width);
    return [measured.get(key) + 6, size * 1.15];
  }

  /** Writes a name with a halo around (x, y). */
  function write(ctx, text, x, y, size, weight, colour, theme) {
    ctx.font = gcMap.markFont(size, weight);
    ctx.textAlign = 'center'; ctx.textBaseline = 'middle'; ctx.lineJoin = 'round';
    ctx.strokeStyle = gcMap.css(theme.halo, 0.85); ctx.lineWidth = size * 0.26; ctx.strokeText(text, x, y);
    ctx.fillStyle = gcMap.css(colour); ctx.fillText(text, x, y);
  }

  /** Writes a name at the first free place around (x, y), or not at all; `tries` places, in lines and widths. */
  function name(ctx, room, text, x, y, size, weight, colour, theme, measured, tries = 1) {
    const [w, h] = extent(ctx, text, size, weight, measured);
    const found = TRIES.slice(0, tries).map(([u, v]) => [x + u * w, y + v * size]).find(([tx, ty]) => room.free(tx, ty, w, h));
    if (!found) return;
    room.add(...found, w, h);
    write(ctx, text, ...found, size, weight, colour, theme);
  }

  /* ---- beside counts ---- */

  const SLANT = 0.75, SHIFTS = [0.3, -0.3, 0.6, -0.6, 1, -1];
  /** Places around a bubble, the best first: [halves of the name's width, of its height, radii to the right, radii down]. */
  const BESIDE = [
    [0, 1, 0, 1], [0, -1, 0, -1], ...SHIFTS.map((s) => [s, 1, 0, 1]), ...SHIFTS.map((s) => [s, -1, 0, -1]),
    [1, 1, SLANT, SLANT], [-1, 1, -SLANT, SLANT], [1, -1, SLANT, -SLANT], [-1, -1, -SLANT, -SLANT], ...[0, ...SHIFTS].flatMap((s) => [[1, s, 1, 0], [-1, s, -1, 0]]),
  ];
  /** What a name may be given, the best first: [part of its size, distance from other counts in its heights]. A name halfway between
      two counts belongs to neither, but a name too small to be read is worse. */
  const GRADES = [[1, 0.45], [1, 0.2], [0.72, 0.45], [1, 0], [0.72, 0], [0.6, 0], [0.5, 0]], PLAIN = [[1, 0.45], [1, 0]];
  const NOWHERE = 20, ROUNDS = 40;

  const between = (x, y, w, h, b) => Math.hypot(Math.max(0, Math.abs(b.x - x) - w / 2), Math.max(0, Math.abs(b.y - y) - h / 2)) - b.r;

  /** Gives each bubble a `name` {x, y, size} or null, by `extentOf(bubble, part of the size)` -> [w, h]; inside `bounds` [x0, y0, x1, y1]
      if there are any. Depends on the bubbles alone: data never move a name. `thorough` = a wall, where no name may be missing. */
  function beside(bubbles, extentOf, bounds, thorough) {
    let best = null, order = bubbles;
    const harm = new Map(bubbles.map((b) => [b, 0]));
    for (let round = 0; round < (thorough ? ROUNDS : 1); round++) {
      const made = attempt(order, extentOf, bounds, thorough ? GRADES : PLAIN);
      const cost = order.reduce((sum, b) => sum + made.get(b).grade, 0);
      if (!best || cost < best.cost) best = { made, cost };
      if (!cost) break;
      // Who came off badly so far chooses first the next time.
      for (const b of order) harm.set(b, harm.get(b) + made.get(b).grade);
      order = [...order].sort((a, b) => harm.get(b) - harm.get(a));
    }
    for (const b of bubbles) b.name = best && best.made.get(b).grade < NOWHERE ? best.made.get(b) : null;
    return bubbles;
  }

  function attempt(order, extentOf, bounds, grades) {
    const room = new Room(), made = new Map();
    for (const b of order) {
      const reach = extentOf(b, 1)[0] * 1.5 + b.r * 3, others = order.filter((one) => one !== b && Math.abs(one.x - b.x) < reach && Math.abs(one.y - b.y) < reach);
      const found = bestPlace(b, others, room, extentOf, bounds, grades);
      if (found.w) room.add(found.x, found.y, found.w, found.h);
      made.set(b, found);
    }
    return made;
  }

  function bestPlace(b, others, room, extentOf, bounds, grades) {
    for (const [grade, [part, apart]] of grades.entries()) {
      const [w, h] = extentOf(b, part);
      for (const [sx, sy, cx, cy] of BESIDE) {
        const x = b.x + (sx * w) / 2 + cx * b.r, y = b.y + (sy * h) / 2 + cy * b.r;
        if (bounds && (x - w / 2 < bounds[0] || x + w / 2 > bounds[2] || y - h / 2 < bounds[1] || y + h / 2 > bounds[3])) continue;
        if (room.free(x, y, w, h) && others.every((one) => between(x, y, w, h, one) >= apart * h)) return { x, y, w, h, part, grade };
      }
    }
    return { grade: NOWHERE };
  }

  /** The methods of the engine (engine.js) that write names. */
  const names = {
    nameOf(place) { return (this.options.language !== 'zh' && place.name_en) || place.name; },

    cellName(c) { return (this.options.language !== 'zh' && this.city.namesEn[c]) || this.city.names[c]; },

    /** A grid's name without that of its community, which is written on the map already. */
    shortName(c) {
      const full = this.cellName(c), community = this.path(c).map((place) => this.nameOf(place)).pop();
      return community && full.startsWith(community) && full.length > community.length ? full.slice(community.length).trim() : full;
    },

    /** Names of places that are wide enough for them on the screen; of grids when they are as large as a thumb. */
    paintNames(ctx, view, room) {
      const { k, dx, dy } = gcMap.affine(this.city, view), scale = this.options.scale * view.ratio, { theme, widths } = this;
      if (!this.layers.names) return;
      const inside = (x, y) => x > 0 && y > 0 && x < view.width && y < view.height;
      for (const rank of [1, 2, 3]) {
        for (const place of this.city.places) {
          if (place.rank !== rank || !place.label || Math.sqrt(place.area) * k < (rank === 3 ? 120 : 90) * scale) continue;
          const x = place.label[0] * k + dx, y = place.label[1] * k + dy;
          if (inside(x, y)) name(ctx, room, this.nameOf(place), x, y, NAME[rank] * scale * (rank === 2 ? 1.15 : 1), rank < 3 ? 600 : 500, rank === 3 ? theme['text-3'] : theme.text, theme, widths, rank < 3 ? 7 : 3);
        }
      }
      if (this.city.side * k < 170 * scale) return;
      for (let c = 0; c < this.city.cells; c++) {
        const b = c * 4, box = this.city.box, x = ((box[b] + box[b + 2]) / 2) * k + dx, y = ((box[b + 1] + box[b + 3]) / 2) * k + dy;
        if (box[b + 2] >= box[b] && inside(x, y) && (box[b + 2] - box[b]) * k > 110 * scale) name(ctx, room, this.shortName(c), x, y, NAME[4] * scale, 400, gcMap.mix(theme.cell, theme['text-3'], 0.75), theme, widths, 3);
      }
    },

    areaOf(place) {
      const full = this.nameOf(place), level = LEVEL[place.rank];
      return full.endsWith(level) ? full.slice(0, full.length - level.length) : full;
    },

    /** Size of the names beside counts: on a wall those of its first rank are read from six metres. */
    besideSize(rank, scale) { return NAME[rank] * scale * (rank === 1 + (this.city.scopeRank || 0) ? this.options.nameScale : 1); },

    /** Counts of this view with their names. Those of a wall stay inside what is seen, above its legend. */
    bubblesOf(ctx, view) {
      const wall = this.options.nameScale > 1, key = wall ? JSON.stringify(view) : view.zoom;
      if (this.bubbles && this.bubblesKey === key) return this.bubbles;
      const { scale } = this.options, pad = view.pad || 0, right = view.left + view.width / view.ratio - pad, bottom = view.top + view.height / view.ratio - pad - (view.foot || 0);
      const extentOf = (b, part) => extent(ctx, this.areaOf(this.city.places[b.place]), this.besideSize(b.rank, scale) * part, 600, this.widths);
      this.bubblesKey = key;
      return (this.bubbles = beside(gcMap.layout(this.city, view, scale), extentOf, wall ? [view.left + pad, view.top + pad, right, bottom] : null, wall));
    },

    paintBeside(ctx, view, bubbles) {
      const { ratio } = view, { theme } = this;
      for (const { place, rank, name: at } of bubbles) {
        if (!at) continue;
        const tone = rank === 1 || this.options.nameScale > 1 ? [600, theme.text] : [500, theme['text-3']];
        write(ctx, this.areaOf(this.city.places[place]), (at.x - view.left) * ratio, (at.y - view.top) * ratio, this.besideSize(rank, this.options.scale) * at.part * ratio, ...tone, theme);
      }
    },
  };

  Object.assign(gcMap, { Room, beside, names });
})(typeof self !== 'undefined' ? self : globalThis);
