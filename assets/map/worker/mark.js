/* What lies on the cells: counts per district or street when far, single cases when near.
   Shape and colour both say the light: red = solid ▼, amber = half-filled ring, green = dot, none = hollow, paused = bars. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const FONT = '"Noto Sans SC","Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif';
  const NEAR = 34, STACK = 4;
  /** Radius and count per rank (district, street, community), CSS pixels before scaling. */
  const RADIUS = [0, 34, 23, 18];
  /** How far apart, in radii, the places of a rank must lie for it to be shown: hundreds of numbers are no overview. */
  const LOOSE = [0, 2, 2, 3.6];
  const COUNT = [0, 21, 15, 13];

  const font = (size, weight) => `${weight} ${size}px ${FONT}`;

  /** How crowded the city is, in steps of the root of 2. Taken at a snapshot only: a stream of changes never switches what
      the map draws under the eyes of someone who looks at it. */
  const crowding = (cases, city) => Math.pow(2, Math.round(Math.log2(Math.max(1, Math.min(16, cases.size / (city.cells || 1) / 4)))) / 2);

  /** Whether single cases are drawn: when a grid is large enough on the screen for the cases that it usually has. */
  function isNear(city, view, scale, crowded) {
    return !city.places.length || city.side * (gcMap.affine(city, view).k / view.ratio) >= NEAR * scale * crowded;
  }

  /* ---- single cases ---- */

  const SIZE = { none: 6.5, paused: 8, green: 5, amber: 12, red: 15, danger: 21 };

  /** Draws one mark around (0, 0); s = its width in device pixels. */
  const SHAPE = {
    none(ctx, s, theme) { ring(ctx, s, theme.normal, 0.2); },
    paused(ctx, s, theme) {
      ctx.fillStyle = gcMap.css(theme.normal);
      ctx.fillRect(-s / 2, -s / 2, s * 0.34, s);
      ctx.fillRect(s * 0.16, -s / 2, s * 0.34, s);
    },
    green(ctx, s, theme) { disc(ctx, s / 2, gcMap.css(gcMap.mix(theme.cell, theme.normal, 0.8))); },
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
    for (const [name, shape] of Object.entries(SHAPE)) {
      const s = SIZE[name] * scale, side = Math.ceil(s * 1.5) + 2;
      const canvas = makeCanvas(side, side), ctx = canvas.getContext('2d');
      ctx.translate(side / 2, side / 2);
      shape(ctx, s, theme);
      made[name] = canvas;
    }
    return made;
  }

  /** Kind of mark of a slot; a danger that is new or overdue is the only one that is larger. */
  function kind(cases, s) {
    return cases.loud(s) ? 'danger' : gcMap.LIGHT_NAMES[cases.light[s]];
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

  /** Where many late cases lie on one another nobody can count triangles: STACK or more of them within a square of `side`
      pixels become one tag with the exact numbers. The squares are fixed to the ground, so panning does not shuffle them.
      Takes the stacked ones out of `found`; returns [{n, x, y, red, amber, danger}]. */
  function stack(found, view, side) {
    const offsetX = view.left * view.ratio, offsetY = view.top * view.ratio, squares = new Map();
    for (const name of ['amber', 'red', 'danger']) {
      const list = found[name];
      for (let i = 0; i < list.length; i += 3) {
        const key = `${Math.floor((list[i + 1] + offsetX) / side)},${Math.floor((list[i + 2] + offsetY) / side)}`;
        let square = squares.get(key);
        if (!square) squares.set(key, (square = { amber: 0, red: 0, danger: 0, x: 0, y: 0 }));
        square[name]++; square.x += list[i + 1]; square.y += list[i + 2];
      }
    }
    const of = (x, y) => squares.get(`${Math.floor((x + offsetX) / side)},${Math.floor((y + offsetY) / side)}`);
    const many = (square) => square.amber + square.red + square.danger >= STACK;
    for (const name of ['amber', 'red', 'danger']) {
      const list = found[name], kept = [];
      for (let i = 0; i < list.length; i += 3) if (!many(of(list[i + 1], list[i + 2]))) kept.push(list[i], list[i + 1], list[i + 2]);
      found[name] = kept;
    }
    return [...squares.values()].filter(many).map((square) => {
      const n = square.amber + square.red + square.danger;
      return { n, x: square.x / n, y: square.y / n, red: square.red + square.danger, amber: square.amber, danger: square.danger };
    });
  }

  /** Joins tags that would cover each other, largest first; `size(tag)` gives [width, height]. */
  function join(tags, size) {
    const out = [];
    for (const one of tags.sort((a, b) => b.n - a.n)) {
      const [w, h] = size(one);
      const other = out.find((o) => Math.abs(o.x - one.x) < (o.w + w) / 2 + 2 && Math.abs(o.y - one.y) < (o.h + h) / 2 + 2);
      if (!other) { out.push(Object.assign(one, { w, h })); continue; }
      const n = other.n + one.n;
      other.x = (other.x * other.n + one.x * one.n) / n; other.y = (other.y * other.n + one.y * one.n) / n;
      for (const key of ['red', 'amber', 'danger', 'n']) other[key] += one[key];
      [other.w, other.h] = size(other);
    }
    return out.length < tags.length ? join(out, size) : out;
  }

  /** The tag of a stack: "▼12", "◐3" or both; filled when a danger is among them. Returns its width and height; `draw` false only measures. */
  function tag(ctx, one, size, theme, measured, draw) {
    const { red, amber, danger } = one, x = Math.round(one.x), y = Math.round(one.y);
    const texts = [red ? [`▼${red}`, theme.critical] : null, amber ? [`◐${amber}`, theme.warning] : null].filter(Boolean);
    ctx.font = font(size, 700);
    const widths = texts.map(([text]) => {
      const key = `${size}b|${text}`;
      if (!measured.has(key)) measured.set(key, ctx.measureText(text).width);
      return measured.get(key);
    });
    const gap = size * 0.4, w = widths.reduce((a, b) => a + b, gap * (texts.length + 1)), h = size * 1.5;
    if (!draw) return [w, h];
    ctx.beginPath(); ctx.roundRect(x - w / 2, y - h / 2, w, h, size * 0.3);
    ctx.fillStyle = danger ? gcMap.css(theme.critical) : gcMap.css(theme.panel, 0.94); ctx.fill();
    ctx.lineWidth = size * 0.12; ctx.strokeStyle = gcMap.css(red ? theme.critical : theme.warning); ctx.stroke();
    ctx.textAlign = 'left'; ctx.textBaseline = 'middle';
    let at = x - w / 2 + gap;
    texts.forEach(([text, colour], i) => {
      ctx.fillStyle = gcMap.css(danger ? theme['on-critical'] : colour);
      ctx.fillText(text, at, y + size * 0.04);
      at += widths[i] + gap;
    });
    return [w, h];
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

  /** Places that carry a count at this zoom, moved apart until none hides another: below the rank of the scope, inside it.
      Depends on the zoom alone: panning and data never move a bubble. {place, rank, x, y (world px of this zoom), r} */
  function layout(city, view, scale) {
    const perStep = gcMap.affine(city, { ...view, ratio: 1 }).k;
    const world = 256 * Math.pow(2, view.zoom);
    const of = (rank) => city.places.map((_, i) => i).filter((i) => city.places[i].rank === rank && city.places[i].label && (!city.inside || city.inside.has(i)));
    const top = Math.min(3, (city.scopeRank || 0) + 1);
    // One level for the whole map: a street's number beside a district's would be compared with it.
    const fits = (rank, places) => places.length > 1 && city.spacing[rank] * perStep >= LOOSE[rank] * RADIUS[rank] * scale;
    const level = [3, 2].filter((rank) => rank > top).map((rank) => [rank, of(rank)]).find(([rank, places]) => fits(rank, places));
    return spread((level ? level[1] : of(top)).map((i) => {
      const { rank, label } = city.places[i];
      return { place: i, rank, r: RADIUS[rank] * scale, x: (city.origin[0] + label[0] * city.quantum) * world, y: (city.origin[1] + label[1] * city.quantum) * world };
    }));
  }

  /** Per rank, the lower quarter of the distances from each place to its nearest neighbour, lattice steps. Once a city. */
  function spacing(city) {
    return [0, 1, 2, 3].map((rank) => {
      const labels = city.places.filter((place) => place.rank === rank && place.label).map((place) => place.label);
      const nearest = labels.map((a) => labels.reduce((least, b) => (a === b ? least : Math.min(least, Math.hypot(a[0] - b[0], a[1] - b[1]))), Infinity));
      return nearest.sort((a, b) => a - b)[nearest.length >> 2];
    });
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

  Object.assign(gcMap, { crowding, isNear, spacing, sprites, visible, drawKinds, stack, join, tag, target, layout, spread, bubble, kind, MARK_SIZE: SIZE, markFont: font });
})(typeof self !== 'undefined' ? self : globalThis);
