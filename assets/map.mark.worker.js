/* What lies on the cells: counts per district or street when far, single cases when near, and names where they fit.
   Shape and colour both say the light: red = solid ▼, amber = half-filled ring, green = dot, none = hollow, paused = bars. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const FONT = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';
  const NEAR = 34;
  const RADIUS = [0, 33, 23];
  const COUNT = [0, 20, 15];
  const NAME = [0, 17, 13.5, 12.5, 11.5];

  const font = (size, weight) => `${weight} ${size}px ${FONT}`;

  /** Whether single cases are drawn: by the size of a grid on the screen, never by the data, so data cannot switch it. */
  const isNear = (city, view) => !city.places.length || city.side * (gcMap.affine(city, view).k / view.ratio) >= NEAR;

  /* ---- single cases ---- */

  const SIZE = { none: 6.5, paused: 8, green: 5.5, amber: 12, red: 15, danger: 21 };

  /** Draws one mark around (0, 0); s = its width in device pixels. */
  const SHAPE = {
    none(ctx, s, theme) { ring(ctx, s, theme.normal, 0.2); },
    paused(ctx, s, theme) {
      ctx.fillStyle = gcMap.css(theme.normal);
      ctx.fillRect(-s / 2, -s / 2, s * 0.34, s);
      ctx.fillRect(s * 0.16, -s / 2, s * 0.34, s);
    },
    green(ctx, s, theme) { disc(ctx, s / 2, gcMap.css(theme.normal)); },
    amber(ctx, s, theme) {
      disc(ctx, s / 2 + s * 0.13, gcMap.css(theme.halo));
      ring(ctx, s, theme.warning, 0.19);
      ctx.beginPath();
      ctx.arc(0, 0, s / 2, Math.PI / 2, -Math.PI / 2);
      ctx.fillStyle = gcMap.css(theme.warning);
      ctx.fill();
    },
    red(ctx, s, theme) { triangle(ctx, s, theme.critical, theme.halo); },
    danger(ctx, s, theme) { triangle(ctx, s, theme.critical, theme.text); },
  };

  function disc(ctx, r, fill) {
    ctx.beginPath(); ctx.arc(0, 0, r, 0, 7); ctx.fillStyle = fill; ctx.fill();
  }

  function ring(ctx, s, colour, part) {
    ctx.beginPath(); ctx.arc(0, 0, s / 2 - (s * part) / 2, 0, 7);
    ctx.strokeStyle = gcMap.css(colour); ctx.lineWidth = s * part; ctx.stroke();
  }

  function triangle(ctx, s, colour, edge) {
    ctx.beginPath(); ctx.moveTo(-s / 2, -s * 0.4); ctx.lineTo(s / 2, -s * 0.4); ctx.lineTo(0, s * 0.5); ctx.closePath();
    ctx.lineJoin = 'round'; ctx.lineWidth = s * 0.2; ctx.strokeStyle = gcMap.css(edge); ctx.stroke();
    ctx.fillStyle = gcMap.css(colour); ctx.fill();
  }

  /** Marks drawn once each, then copied: {kind: canvas}. */
  function sprites(makeCanvas, theme, scale) {
    const made = {};
    for (const [kind, shape] of Object.entries(SHAPE)) {
      const s = SIZE[kind] * scale, side = Math.ceil(s * 1.5) + 2;
      const canvas = makeCanvas(side, side), ctx = canvas.getContext('2d');
      ctx.translate(side / 2, side / 2);
      shape(ctx, s, theme);
      made[kind] = canvas;
    }
    return made;
  }

  /** Kind of mark of a slot; an overdue danger is the only one that is larger. */
  function kind(cases, s) {
    const light = cases.light[s];
    return light === gcMap.LIGHT.red && cases.severity[s] === gcMap.SEVERITY.danger ? 'danger' : gcMap.LIGHT_NAMES[light];
  }

  /** Slots in the view by kind, least important first: {none: [slot, px, py, slot, ...], ...}. */
  function visible(cases, city, view, passes) {
    const found = { none: [], paused: [], green: [], amber: [], red: [], danger: [] };
    const { k, dx, dy } = gcMap.affine(city, view), margin = 24 * view.ratio;
    for (let s = 0; s < cases.size; s++) {
      const x = cases.x[s] * k + dx, y = cases.y[s] * k + dy;
      // A case without a point is NaN and fails here too.
      if (!(x > -margin && y > -margin && x < view.width + margin && y < view.height + margin) || !passes(cases, s)) continue;
      found[kind(cases, s)].push(s, Math.round(x), Math.round(y));
    }
    return found;
  }

  function drawKinds(ctx, found, made, kinds) {
    for (const name of kinds) {
      const list = found[name], canvas = made[name], half = canvas.width / 2;
      for (let i = 0; i < list.length; i += 3) ctx.drawImage(canvas, list[i + 1] - half, list[i + 2] - half);
    }
  }

  /** A ring around a case in the colour of action; four ticks say that it is the chosen one. */
  function target(ctx, x, y, r, theme, ticks) {
    ctx.lineCap = 'butt';
    for (const [colour, width] of [[theme.halo, r * 0.36], [theme.action, r * 0.18]]) {
      ctx.beginPath(); ctx.arc(x, y, r, 0, 7);
      for (const [u, v] of ticks ? [[1, 0], [-1, 0], [0, 1], [0, -1]] : []) {
        ctx.moveTo(x + u * r, y + v * r); ctx.lineTo(x + u * r * 1.5, y + v * r * 1.5);
      }
      ctx.strokeStyle = gcMap.css(colour); ctx.lineWidth = width; ctx.stroke();
    }
  }

  /* ---- counts ---- */

  /** Places that carry a count at this zoom, moved apart until none hides another. Depends on the zoom alone: panning and
      data never move a bubble. {place, rank, x, y (world px of this zoom), r} */
  function layout(city, view, scale) {
    const perStep = gcMap.affine(city, { ...view, ratio: 1 }).k;
    const world = 256 * Math.pow(2, view.zoom);
    const districts = new Map();
    city.places.forEach((place, i) => {
      if (place.rank === 1 && place.label) districts.set(i, []);
      if (place.rank === 2 && place.label && districts.has(place.parent)) districts.get(place.parent).push(i);
    });
    const bubbles = [];
    for (const [district, streets] of districts) {
      const roomy = streets.length > 1 && spacing(city, streets) * perStep >= (2 * RADIUS[2] + 12) * scale;
      for (const i of roomy ? streets : [district]) {
        const place = city.places[i];
        bubbles.push({
          place: i, rank: place.rank, r: RADIUS[place.rank] * scale,
          x: (city.origin[0] + place.label[0] * city.quantum) * world, y: (city.origin[1] + place.label[1] * city.quantum) * world,
        });
      }
    }
    return spread(bubbles);
  }

  /** The lower quarter of the distances from each place to its nearest sister, lattice steps. */
  function spacing(city, places) {
    const nearest = places.map((i) => Math.min(...places.filter((j) => j !== i).map((j) => {
      const a = city.places[i].label, b = city.places[j].label;
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    })));
    return nearest.sort((a, b) => a - b)[nearest.length >> 2];
  }

  function spread(bubbles) {
    for (let round = 0, moved = true; round < 40 && moved; round++) {
      moved = false;
      for (let i = 0; i < bubbles.length; i++) {
        for (let j = i + 1; j < bubbles.length; j++) {
          const a = bubbles[i], b = bubbles[j], dx = b.x - a.x, dy = b.y - a.y;
          const apart = Math.hypot(dx, dy) || 1, need = (a.r + b.r) * 1.12;
          if (apart >= need) continue;
          const push = (need - apart) / 2 / apart;
          a.x -= dx * push; a.y -= dy * push; b.x += dx * push; b.y += dy * push;
          moved = true;
        }
      }
    }
    return bubbles;
  }

  /** The exact number of open cases on a disc; its rim is the share overdue and due soon, the rest is grey. */
  function bubble(ctx, x, y, r, rank, counts, i, theme, scale) {
    const open = counts.open[i], red = counts.red[i], amber = counts.amber[i];
    const rim = Math.max(2.5, r * 0.13), two = rank === 1 && red > 0;
    ctx.beginPath(); ctx.arc(x, y, r, 0, 7);
    ctx.fillStyle = gcMap.css(theme.panel, 0.92); ctx.fill();
    arc(ctx, x, y, r - rim / 2, 0, 1, theme.normal, rim * 0.45, 0.55);
    // At least 1/24 of the rim: one late case of a thousand must still be seen.
    const late = red ? Math.max(1 / 24, red / open) : 0, soon = amber ? Math.min(1 - late, Math.max(1 / 24, amber / open)) : 0;
    arc(ctx, x, y, r - rim / 2, late, late + soon, theme.warning, rim, 1);
    arc(ctx, x, y, r - rim / 2, 0, late, theme.critical, rim, 1);
    ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    fit(ctx, open.toLocaleString('en'), x, y - (two ? r * 0.13 : 0), r * 1.62, COUNT[rank] * scale, 700, theme.text);
    if (two) fit(ctx, `▼${red.toLocaleString('en')}`, x, y + r * 0.42, r * 1.3, COUNT[rank] * 0.62 * scale, 700, theme.critical);
  }

  function arc(ctx, x, y, r, from, to, colour, width, alpha) {
    if (to <= from) return;
    ctx.beginPath(); ctx.arc(x, y, r, (from - 0.25) * 2 * Math.PI, (to - 0.25) * 2 * Math.PI);
    ctx.lineCap = 'butt'; ctx.lineWidth = width; ctx.strokeStyle = gcMap.css(colour, alpha); ctx.stroke();
  }

  function fit(ctx, text, x, y, room, size, weight, colour) {
    ctx.font = font(size, weight);
    const width = ctx.measureText(text).width;
    if (width > room) ctx.font = font((size * room) / width, weight);
    ctx.fillStyle = gcMap.css(colour);
    ctx.fillText(text, x, y);
  }

  /* ---- names ---- */

  /** Remembers what is taken, so that no name lies on another or on a count. */
  class Room {
    constructor() { this.taken = []; }
    add(x, y, w, h) { this.taken.push([x - w / 2, y - h / 2, x + w / 2, y + h / 2]); }
    free(x, y, w, h) {
      return this.taken.every(([x0, y0, x1, y1]) => x + w / 2 < x0 || x - w / 2 > x1 || y + h / 2 < y0 || y - h / 2 > y1);
    }
  }

  /** Writes a name with a halo if it has room; widths are remembered by `measured` (text and font -> width). */
  function name(ctx, room, text, x, y, size, weight, colour, theme, measured) {
    const key = `${size}|${text}`;
    ctx.font = font(size, weight);
    if (!measured.has(key)) measured.set(key, ctx.measureText(text).width);
    const width = measured.get(key);
    if (!room.free(x, y, width + 6, size * 1.15)) return false;
    room.add(x, y, width + 6, size * 1.15);
    ctx.textAlign = 'center'; ctx.textBaseline = 'middle'; ctx.lineJoin = 'round';
    ctx.strokeStyle = gcMap.css(theme.halo, 0.85); ctx.lineWidth = size * 0.26; ctx.strokeText(text, x, y);
    ctx.fillStyle = gcMap.css(colour); ctx.fillText(text, x, y);
    return true;
  }

  Object.assign(gcMap, { isNear, sprites, visible, drawKinds, target, layout, spread, bubble, name, Room, kind, NAME, MARK_SIZE: SIZE });
})(typeof self !== 'undefined' ? self : globalThis);
