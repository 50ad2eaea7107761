/* Shift of WGS-84 points for drawing on Chinese tiles (GCJ-02, BD-09), and back. Used by the page and by the map worker.
   Stored and sent coordinates are always WGS-84: nothing shifted ever leaves the browser. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const A = 6378245.0, EE = 0.006693421622965943, X_PI = (Math.PI * 3000) / 180;
  const wave = (t, ...terms) => terms.reduce((sum, [size, period]) => sum + size * Math.sin((t * Math.PI * 6) / period), 0);

  function offsets(lon, lat) {
    const x = lon - 105, y = lat - 35, bend = Math.sqrt(Math.abs(x));
    const ripple = (wave(x, [20, 1], [20, 3]) * 2) / 3;
    const dLat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * bend + ripple + (wave(y, [20, 6], [40, 18], [160, 72], [320, 180]) * 2) / 3;
    const dLon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * bend + ripple + (wave(x, [20, 6], [40, 18], [150, 72], [300, 180]) * 2) / 3;
    const rad = (lat * Math.PI) / 180, magic = 1 - EE * Math.sin(rad) ** 2;
    return [(dLon * 180) / ((A / Math.sqrt(magic)) * Math.cos(rad) * Math.PI), (dLat * 180) / (((A * (1 - EE)) / magic ** 1.5) * Math.PI)];
  }

  function gcj02([lon, lat]) {
    // Outside China the scheme shifts nothing.
    if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return [lon, lat];
    const [dLon, dLat] = offsets(lon, lat);
    return [lon + dLon, lat + dLat];
  }

  function bd09(point) {
    const [lon, lat] = gcj02(point);
    const z = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * X_PI), theta = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * X_PI);
    return [z * Math.cos(theta) + 0.0065, z * Math.sin(theta) + 0.006];
  }

  const SHIFTS = { wgs84: (point) => point, gcj02, bd09 };

  /** WGS-84 [lon, lat] -> where it is drawn on tiles of `crs`. */
  const shift = (crs, point) => (SHIFTS[crs] || SHIFTS.wgs84)(point);

  /** The other way, by iteration: exact to a millimetre after five rounds. */
  function unshift(crs, [lon, lat]) {
    let guess = [lon, lat];
    for (let i = 0; i < 5; i++) {
      const [x, y] = shift(crs, guess);
      guess = [guess[0] + lon - x, guess[1] + lat - y];
    }
    return guess;
  }

  /** Corners {lat, lng} as drawn on tiles of `crs` -> closed WGS-84 [[lon, lat], ...], as they leave the browser. */
  function polygonOf(crs, corners) {
    const points = corners.map(({ lat, lng }) => unshift(crs, [lng, lat]));
    return [...points, points[0]];
  }

  Object.assign(gcMap, { shift, unshift, polygonOf });
})(typeof self !== 'undefined' ? self : globalThis);
