/* Video points in the map worker: where they stand, and from street level what they see. Views are painted into a mask, one bit
   for "a working point sees this" and one for "only a faulty one would": overlapping views are one area, and 5,000 of them cost
   a few milliseconds, where filling paths costs hundreds. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  /** Zooms from which points and their views are drawn: below, they would be a grey fog. */
  const POINTS_FROM = 13.5, VIEWS_FROM = 15;
  const SEEN = 1, BLIND = 2;
  const HATCH = 6, STROKE = 2;
  const EARTH = 40075016.686;

  /** ArrayBuffer of dashboard/wire/video_layer.py -> points with WGS-84 degrees; x and y are set by `settle`. */
  function decodeVideo(buffer) {
    const { header, column } = gcMap.unpack(buffer), n = header.count;
    return {
      n, statuses: header.statuses, status: column.status, fov: column.fov, range: column.range,
      lon: Float64Array.from(column.lon, (v) => v / 1e7 - 180), lat: Float64Array.from(column.lat, (v) => v / 1e7 - 90),
      direction: Float64Array.from(column.direction, (v) => (v * Math.PI) / 1800), x: new Float64Array(n), y: new Float64Array(n),
    };
  }

  /** Lattice places of the points, again whenever the lattice changes. */
  function settle(video, place) {
    for (let i = 0; i < video.n; i++) [video.x[i], video.y[i]] = place(video.lon[i], video.lat[i]);
  }

  /** Calls visit(i, px, py, reach in pixels) for each point whose view may touch the picture. */
  function eachInView(video, city, view, visit) {
    const { k, dx, dy } = gcMap.affine(city, view), world = 256 * Math.pow(2, view.zoom) * view.ratio;
    for (let i = 0; i < video.n; i++) {
      const x = video.x[i] * k + dx, y = video.y[i] * k + dy;
      const reach = (video.range[i] * world) / (EARTH * Math.cos((video.lat[i] * Math.PI) / 180));
      if (x > -reach && y > -reach && x < view.width + reach && y < view.height + reach) visit(i, x, y, reach);
    }
  }

  /** The part of a row at height v that lies clockwise (sign 1) or counter-clockwise (-1) of the ray at `angle`: [from, to]. */
  function side(angle, v, sign) {
    const along = Math.cos(angle) * sign, off = Math.sin(angle) * v * sign;
    if (Math.abs(along) < 1e-9) return off >= 0 ? [-Infinity, Infinity] : [Infinity, -Infinity];
    return along > 0 ? [-off / along, Infinity] : [-Infinity, -off / along];
  }

  /** Intervals of a row at height v (pixels, south is +) that lie in the sector; x from its pole. */
  function row(direction, fov, reach, v) {
    const half = Math.sqrt(reach * reach - v * v), from = direction - fov / 2, to = direction + fov / 2;
    if (fov >= 2 * Math.PI - 1e-6) return [[-half, half]];
    if (fov <= Math.PI) {
      const [a, b] = side(from, v, 1), [c, d] = side(to, v, -1);
      return [[Math.max(-half, a, c), Math.min(half, b, d)]];
    }
    // More than half a circle: everything but the wedge behind.
    const [a, b] = side(to, v, 1), [c, d] = side(from, v, -1), left = Math.max(a, c), right = Math.min(b, d);
    return left >= right ? [[-half, half]] : [[-half, Math.min(half, left)], [Math.max(-half, right), half]];
  }

  /** Sets the bits of every view in mask [width x height], which must be empty. */
  function cover(video, city, view, mask) {
    const { width, height } = view;
    eachInView(video, city, view, (i, x, y, reach) => {
      const bit = video.status[i] === 0 ? SEEN : BLIND, fov = (video.fov[i] * Math.PI) / 180;
      const last = Math.min(height - 1, Math.floor(y + reach - 0.5));
      for (let r = Math.max(0, Math.ceil(y - reach - 0.5)); r <= last; r++) {
        for (const [from, to] of row(video.direction[i], fov, reach, r + 0.5 - y)) {
          const end = Math.min(width, Math.ceil(x + to - 0.5)) + r * width;
          for (let p = Math.max(0, Math.ceil(x + from - 0.5)) + r * width; p < end; p++) mask[p] |= bit;
        }
      }
    });
  }

  /** Mask -> colours: seen = thin grey with an edge; only by a faulty point = hatched in the colour of warning. */
  function tint(mask, pixels, { width, height }, theme, dark) {
    const fill = gcMap.pixel(theme.normal, dark ? 34 : 44), edge = gcMap.pixel(theme.normal, 150), hatch = gcMap.pixel(theme.warning, 150);
    for (let y = 0, p = 0; y < height; y++) {
      for (let x = 0; x < width; x++, p++) {
        const bits = mask[p];
        if (!bits) { pixels[p] = 0; continue; }
        const seen = bits & SEEN;
        if (seen !== (mask[p - 1] & SEEN) || seen !== (mask[p - width] & SEEN) || seen !== (mask[p + 1] & SEEN) || seen !== (mask[p + width] & SEEN)) pixels[p] = edge;
        else if (bits === BLIND) pixels[p] = (x + y) % HATCH < STROKE ? hatch : 0;
        else pixels[p] = fill;
      }
    }
  }

  /** A dot for a working point, a cross for a faulty one. */
  function poles(ctx, video, city, view, theme, scale) {
    const dot = (view.zoom >= VIEWS_FROM ? 2 : 1.6) * scale, arm = 3.5 * scale, broken = [];
    ctx.fillStyle = gcMap.css(theme.normal, view.zoom >= VIEWS_FROM ? 0.9 : 0.5);
    eachInView(video, city, view, (i, x, y) => {
      if (video.status[i] === 0) ctx.fillRect(x - dot, y - dot, 2 * dot, 2 * dot);
      else broken.push([x, y]);
    });
    ctx.lineCap = 'round';
    for (const [colour, width] of [[theme.halo, 4], [theme.warning, 2]]) {
      ctx.beginPath();
      for (const [x, y] of broken) { ctx.moveTo(x - arm, y - arm); ctx.lineTo(x + arm, y + arm); ctx.moveTo(x + arm, y - arm); ctx.lineTo(x - arm, y + arm); }
      ctx.strokeStyle = gcMap.css(colour); ctx.lineWidth = width * scale; ctx.stroke();
    }
  }

  /** The point whose pole is nearest to a pixel within `reach`, -1 for none. */
  function pointAt(video, city, view, px, py, reach) {
    const { k, dx, dy } = gcMap.affine(city, view);
    let best = -1, least = reach;
    for (let i = 0; i < video.n; i++) {
      const distance = Math.hypot(video.x[i] * k + dx - px, video.y[i] * k + dy - py);
      if (distance <= least) { best = i; least = distance; }
    }
    return best;
  }

  Object.assign(gcMap, { POINTS_FROM, VIEWS_FROM, decodeVideo, settle, cover, tint, poles, pointAt });
})(typeof self !== 'undefined' ? self : globalThis);
