/* Colours and borders in the map worker. Grey is normal: a cell is hardly lighter than the ground, and only what is
   abnormal in it gives it a colour, in four steps, so that a wall is calm until something happens. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const DARK = {
    bg: '#0B1016', panel: '#10161E', text: '#E8EEF5', 'text-3': '#9AA8B8',
    critical: '#FF4D5E', warning: '#FFD257', action: '#45A8FF', normal: '#93A0AE', 'on-critical': '#16060A',
  };
  /** What a theme need not say: so far from the ground (borders: from the cells) towards the text. Works for a dark and for a light ground. */
  const BETWEEN = { halo: 0, cell: 0.035, 'border-city': 0.52, 'border-district': 0.42, 'border-street': 0.27, 'border-community': 0.17, 'border-grid': 0.11 };
  const STEPS = [0.12, 0.24, 0.38, 0.55];
  const BORDERS = ['border-city', 'border-district', 'border-street', 'border-community', 'border-grid'];
  /** Modes that colour by a share which the server measures. */
  const SHARES = new Set(['on_time', 'coverage']);
  const WIDTHS = [2.4, 2, 1.3, 0.9, 0.8];

  /** '#rgb', '#rrggbb' or 'rgb(r g b)' -> [r, g, b]; null for anything else. */
  function parse(text) {
    const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim());
    if (hex) {
      const h = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
      return [0, 2, 4].map((i) => parseInt(h.slice(i, i + 2), 16));
    }
    const parts = /^rgba?\(([^)]*)\)$/.exec(text.trim());
    return parts ? parts[1].split(/[\s,/]+/).slice(0, 3).map(Number) : null;
  }

  const mix = (a, b, t) => a.map((v, i) => Math.round(v + (b[i] - v) * t));

  /** Theme of CSS texts (missing or unreadable ones fall back to dark) -> {name: [r, g, b]}; stale = no colour at all. */
  function makeTheme(css, stale) {
    const theme = {};
    for (const [name, fallback] of Object.entries(DARK)) theme[name] = parse(css?.[name] || '') || parse(fallback);
    for (const [name, t] of Object.entries(BETWEEN)) theme[name] = parse(css?.[name] || '') || mix(theme.cell || theme.bg, theme.text, t);
    if (!stale) return theme;
    // Grey, but late is still what stands out most.
    Object.assign(theme, { critical: theme.text, warning: theme.normal, action: theme.text, 'on-critical': theme.bg });
    for (const [name, [r, g, b]] of Object.entries(theme)) theme[name] = new Array(3).fill(Math.round(0.3 * r + 0.59 * g + 0.11 * b));
    return theme;
  }

  const css = ([r, g, b], alpha = 1) => `rgba(${r},${g},${b},${alpha})`;
  const pixel = ([r, g, b], alpha = 255) => ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;

  /** 0..4 for a share of n; 6 is added to n so that one late case of one is not a red district. */
  function step(part, n) {
    const of = part / (n + 6);
    return of < 0.08 ? 0 : of < 0.18 ? 1 : of < 0.32 ? 2 : of < 0.5 ? 3 : 4;
  }

  /** 0..4 for a number of open cases against the city's mean of cells that have any: only the unusual stands out. */
  function crowd(open, mean) {
    return open <= mean ? 0 : open <= 1.5 * mean ? 1 : open <= 2.2 * mean ? 2 : open <= 3.5 * mean ? 3 : 4;
  }

  /** 0..4 for a share below its bound, by how much of the bound is missing; 0 too for what is not measured. */
  function lack(n, d, bound) {
    const missing = d > 0 && n === n ? 1 - n / d / bound : 0;
    return missing <= 0 ? 0 : missing < 0.1 ? 1 : missing < 0.25 ? 2 : missing < 0.5 ? 3 : 4;
  }

  /** A column of the server ({grid, n, d, bound, least}) by cell: n is NaN where there are too few to judge, d 0 where there are none. */
  function share(city, { name, grid, n, d, bound, least }) {
    const made = { name, bound, least, n: new Float64Array(city.cells).fill(NaN), d: new Float64Array(city.cells) };
    grid.forEach((code, i) => {
      const c = city.number.get(code);
      if (c !== undefined) { made.n[c] = n[i] ?? NaN; made.d[c] = d[i]; }
    });
    return made;
  }

  /** Colour of each pixel value (cell + 1; 0 = outside): Uint32 of ABGR. `strength` < 1 when single cases are drawn on top;
      `measured` is the share that the mode colours by, if it is one. */
  function table(city, counts, mode, theme, strength, seeThrough, measured = null) {
    const colours = new Uint32Array(city.cells + 1);
    const abnormal = mode === 'due' || mode === 'coverage' ? theme.warning : mode === 'open' ? theme.normal : theme.critical;
    const alpha = seeThrough ? 150 : 255;
    const ramp = [0, ...STEPS].map((t) => pixel(mix(theme.cell, abnormal, t * strength), t ? Math.min(255, alpha + 60) : alpha));
    const { open, red, amber } = counts.cell;
    let total = 0, filled = 0;
    for (let c = 0; c < city.cells; c++) if (open[c]) { total += open[c]; filled++; }
    const mean = filled ? total / filled : 0;
    colours[0] = seeThrough ? 0 : pixel(theme.bg);
    const foreign = pixel(mix(theme.bg, theme.cell, 0.3), alpha);
    for (let c = 0; c < city.cells; c++) {
      if (city.outside?.[c]) { colours[c + 1] = foreign; continue; }
      const n = measured ? lack(measured.n[c], measured.d[c], measured.bound) : SHARES.has(mode) ? 0 : mode === 'open' ? crowd(open[c], mean) : step(mode === 'due' ? amber[c] : red[c], open[c]);
      colours[c + 1] = ramp[n];
    }
    return colours;
  }

  const ramp = (value, from, to) => Math.max(0, Math.min(1, (value - from) / (to - from)));

  /** How visible each rank of border is when a grid is `side` CSS pixels wide: the finer, the nearer. */
  function visibility(side) {
    return [1, 1, 0.35 + 0.65 * ramp(side, 4, 12), ramp(side, 7, 22), ramp(side, 14, 40)];
  }

  /** Draws the borders of a view on a clear context, down to rank `finest`; finest first, so that higher ones lie on top. */
  function borders(ctx, city, view, theme, scale, finest = 4) {
    const { k, dx, dy } = gcMap.affine(city, view);
    const seen = visibility((city.side * k) / view.ratio);
    ctx.lineJoin = ctx.lineCap = 'round';
    for (let rank = finest; rank >= 0; rank--) {
      if (seen[rank] <= 0) continue;
      ctx.beginPath();
      for (let a = 0; a < city.arcRank.length; a++) if (city.arcRank[a] === rank) trace(ctx, city, a, k, dx, dy, view);
      ctx.strokeStyle = css(theme[BORDERS[rank]], seen[rank]);
      ctx.lineWidth = WIDTHS[rank] * scale * view.ratio;
      ctx.stroke();
    }
  }

  /** Adds one border line to the path, without the vertices that no pixel would show. */
  function trace(ctx, city, arc, k, dx, dy, view) {
    const b = arc * 4, box = city.arcBox;
    if (box[b + 2] * k + dx < 0 || box[b] * k + dx > view.width || box[b + 3] * k + dy < 0 || box[b + 1] * k + dy > view.height) return;
    let px = NaN, py = NaN;
    gcMap.eachOfArc(city, arc, (x, y, last) => {
      const X = x * k + dx, Y = y * k + dy;
      if (px !== px) ctx.moveTo(X, Y);
      else if (last || Math.abs(X - px) + Math.abs(Y - py) >= 1) ctx.lineTo(X, Y);
      else return;
      px = X; py = Y;
    });
  }

  Object.assign(gcMap, { makeTheme, css, mix, pixel, step, lack, share, SHARES, table, borders });
})(typeof self !== 'undefined' ? self : globalThis);
