/* The city's cells in the map worker: read the blob of dashboard/wire/geometry.py, paint which cell owns each pixel.
   Why a raster of cell numbers: recolouring 12,583 polygons is then one table look-up a pixel, and "which grid is under
   the pointer" is one array read. Filling paths instead takes 10-40 times as long. */
(function (root) {
  'use strict';
  const gcMap = (root.gcMap = root.gcMap || {});
  const TYPES = { u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
  const NONE = 0xffff;

  /** ArrayBuffer -> {header, column: {name: typed array}}, the container of dashboard/wire/geometry.py. Throws on an unknown version. */
  function unpack(buffer) {
    const size = new DataView(buffer).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
    if (header.version !== 1) throw new Error(`map file of version ${header.version}, this page reads 1`);
    const column = {};
    for (const [name, [type, offset, length]] of Object.entries(header.columns)) {
      column[name] = new TYPES[type](buffer, 4 + size + offset, length);
    }
    return { header, column };
  }

  /** ArrayBuffer -> city: cells with absolute lattice coordinates. y grows to the south. */
  function decode(buffer) {
    const { header, column } = unpack(buffer);
    const city = {
      origin: header.origin, quantum: header.quantum, codes: header.codes, names: header.names, namesEn: header.names_en, places: header.places,
      cells: header.counts.cells, place: column.cell_place, cellRing: column.cell_ring, ringVertex: column.ring_vertex,
      arcRing: column.arc_ring, arcFirst: column.arc_first, arcEdges: column.arc_edges, arcRank: column.arc_rank,
      x: new Int32Array(header.counts.vertices), y: new Int32Array(header.counts.vertices),
      number: new Map(header.codes.map((code, i) => [code, i])),
    };
    for (let r = 0; r + 1 < city.ringVertex.length; r++) {
      for (let i = city.ringVertex[r]; i < city.ringVertex[r + 1]; i++) {
        city.x[i] = column.ring_x[r] + column.vertex_x[i];
        city.y[i] = column.ring_y[r] + column.vertex_y[i];
      }
    }
    return measure(city);
  }

  /** Boxes and sizes that every view needs; again after the vertices were shifted. */
  function measure(city) {
    city.box = new Int32Array(city.cells * 4);
    const area = new Float64Array(city.cells);
    for (let c = 0; c < city.cells; c++) {
      let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
      for (let i = city.ringVertex[city.cellRing[c]]; i < city.ringVertex[city.cellRing[c + 1]]; i++) {
        x0 = Math.min(x0, city.x[i]); x1 = Math.max(x1, city.x[i]);
        y0 = Math.min(y0, city.y[i]); y1 = Math.max(y1, city.y[i]);
      }
      city.box.set(x0 <= x1 ? [x0, y0, x1, y1] : [0, 0, -1, -1], c * 4);
      area[c] = x0 <= x1 ? (x1 - x0) * (y1 - y0) : 0;
    }
    // A box is about 1.6 times its cell; the median tells how large a grid is on the screen, whatever the suburbs are.
    city.side = city.cells ? Math.sqrt(Float64Array.from(area).sort()[city.cells >> 1] / 1.6) : 0;
    city.arcBox = arcBoxes(city);
    city.spacing = gcMap.spacing(city);
    return city;
  }

  function arcBoxes(city) {
    const box = new Int32Array(city.arcRing.length * 4);
    for (let a = 0; a < city.arcRing.length; a++) {
      let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
      eachOfArc(city, a, (x, y) => {
        if (x < x0) x0 = x; if (x > x1) x1 = x;
        if (y < y0) y0 = y; if (y > y1) y1 = y;
      });
      box.set([x0, y0, x1, y1], a * 4);
    }
    return box;
  }

  /** Calls visit(x, y, isLast) for each vertex of a border line, on the lattice. */
  function eachOfArc(city, arc, visit) {
    const from = city.ringVertex[city.arcRing[arc]], to = city.ringVertex[city.arcRing[arc] + 1];
    const edges = city.arcEdges[arc];
    for (let k = 0, i = city.arcFirst[arc]; k <= edges; k++) {
      visit(city.x[i], city.y[i], k === edges);
      if (++i === to) i = from;
    }
  }

  /** Lattice -> device pixels of a view {zoom, left, top: world pixels, ratio}: px = x * k + dx. */
  function affine(city, view) {
    const world = 256 * Math.pow(2, view.zoom) * view.ratio;
    return { k: city.quantum * world, dx: city.origin[0] * world - view.left * view.ratio, dy: city.origin[1] * world - view.top * view.ratio };
  }

  let crossX = new Float64Array(1 << 16), crossNext = new Int32Array(1 << 16), rowHead = new Int32Array(0);
  const row = [];

  function grow() {
    const x = new Float64Array(crossX.length * 2), next = new Int32Array(crossNext.length * 2);
    x.set(crossX); next.set(crossNext);
    crossX = x; crossNext = next;
  }

  /** Writes cell number + 1 (0 = outside) to each pixel of ids [width x height] whose middle lies in that cell. */
  function raster(city, view, ids) {
    const { k, dx, dy } = affine(city, view), W = view.width, H = view.height;
    ids.fill(0);
    if (rowHead.length < H) rowHead = new Int32Array(H).fill(-1);
    for (let c = 0; c < city.cells; c++) {
      const top = city.box[c * 4 + 1] * k + dy, bottom = city.box[c * 4 + 3] * k + dy;
      if (bottom < 0 || top > H || city.box[c * 4 + 2] * k + dx < 0 || city.box[c * 4] * k + dx > W) continue;
      const r0 = Math.max(0, Math.ceil(top - 0.5)), r1 = Math.min(H - 1, Math.ceil(bottom - 0.5) - 1);
      if (r0 > r1) continue;
      crossings(city, c, k, dx, dy, r0, r1);
      for (let r = r0; r <= r1; r++) fillRow(ids, r * W, W, c + 1, r);
    }
  }

  /** Hangs each edge's crossing with the rows r0..r1 on a list per row (any number of crossings: any shape, holes too). */
  function crossings(city, c, k, dx, dy, r0, r1) {
    const X = city.x, Y = city.y;
    let n = 0;
    for (let ring = city.cellRing[c]; ring < city.cellRing[c + 1]; ring++) {
      const from = city.ringVertex[ring], to = city.ringVertex[ring + 1];
      for (let i = from, j = to - 1; i < to; j = i++) {
        if (Y[i] === Y[j]) continue;
        // Always from the upper end: both neighbours of an edge compute the same crossing, to the last bit.
        const a = Y[i] < Y[j] ? i : j, b = a === i ? j : i;
        const ya = Y[a] * k + dy, yb = Y[b] * k + dy;
        const first = Math.max(r0, Math.ceil(ya - 0.5)), last = Math.min(r1, Math.ceil(yb - 0.5) - 1);
        if (first > last) continue;
        while (n + last - first >= crossX.length) grow();
        const xa = X[a] * k + dx, slope = (X[b] * k + dx - xa) / (yb - ya);
        for (let r = first; r <= last; r++, n++) {
          crossX[n] = xa + (r + 0.5 - ya) * slope;
          crossNext[n] = rowHead[r];
          rowHead[r] = n;
        }
      }
    }
  }

  function fillRow(ids, start, W, value, r) {
    let n = 0;
    for (let e = rowHead[r]; e >= 0; e = crossNext[e]) {
      const x = crossX[e];
      let at = n++;
      for (; at > 0 && row[at - 1] > x; at--) row[at] = row[at - 1];
      row[at] = x;
    }
    rowHead[r] = -1;
    for (let s = 0; s + 1 < n; s += 2) {
      const from = Math.max(0, Math.ceil(row[s] - 0.5)), to = Math.min(W, Math.ceil(row[s + 1] - 0.5));
      if (from < to) ids.fill(value, start + from, start + to);
    }
  }

  /** Number of the cell around a lattice point, -1 outside: for points that are not on the raster. */
  function cellAt(city, x, y) {
    for (let c = 0; c < city.cells; c++) {
      const b = c * 4;
      if (x < city.box[b] || x > city.box[b + 2] || y < city.box[b + 1] || y > city.box[b + 3]) continue;
      let inside = false;
      for (let ring = city.cellRing[c]; ring < city.cellRing[c + 1]; ring++) {
        const from = city.ringVertex[ring], to = city.ringVertex[ring + 1];
        for (let i = from, j = to - 1; i < to; j = i++) {
          const yi = city.y[i], yj = city.y[j];
          if (yi > y !== yj > y && x < ((city.x[j] - city.x[i]) * (y - yi)) / (yj - yi) + city.x[i]) inside = !inside;
        }
      }
      if (inside) return c;
    }
    return -1;
  }

  Object.assign(gcMap, { unpack, decode, measure, eachOfArc, affine, raster, cellAt, NO_PLACE: NONE });
})(typeof self !== 'undefined' ? self : globalThis);
