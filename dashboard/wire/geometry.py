"""The city's polygons as one binary blob that the browser's map worker reads without parsing anything but a header.

Everything is on one integer lattice over the city in Web-Mercator, so that two grids that share a border share its
exact vertices: no slivers, and each border line is stored (and drawn) once, ranked by the level that it divides.

    uint32   length of the header, bytes, padded so that the columns start on a multiple of 4
    JSON     {"version", "bbox", "origin", "quantum", "counts", "codes", "names", "names_en", "places", "columns"}
    columns  little-endian, each padded to 4 bytes; `columns` gives [type, offset from the first column, length]

| column | shape | meaning |
|---|---|---|
| cell_unit | uint32 [cells] | preorder number of the grid in the `UnitTree` (`unknown` if the tree has no such code) |
| cell_place | uint16 [cells x 3] | index into `places` of its district, street and community, 65535 = none |
| cell_ring | uint32 [cells + 1] | its rings are `cell_ring[i]:cell_ring[i + 1]`; fill them even-odd |
| ring_vertex | uint32 [rings + 1] | its vertices, without the closing one |
| ring_x, ring_y | uint32 [rings] | lower corner of the ring on the lattice |
| vertex_x, vertex_y | uint16 [vertices] | steps from that corner; y grows to the south, as on the screen |
| arc_ring, arc_first | uint32 [arcs] | a border line: ring, and its first vertex counted over all rings |
| arc_edges | uint16 [arcs] | how many edges it follows along that ring (past the last vertex comes the first) |
| arc_rank | uint8 [arcs] | 0 edge of the city, 1 district, 2 street, 3 community, 4 grid |
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.places.grid import Grid
from dashboard.places.unit import Unit, UnitTree

VERSION = 1
FINEST = -27
"""The lattice is never finer than 2**-27 of the world (25 cm at 32 N, a pixel of the last zoom): finer ones only cost bytes."""
NO_PLACE = 0xFFFF
RANKS = 3
"""Levels between the city and the grid that have borders and labels: district, street, community."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Lattice(NamedTuple):
    """Cells as rings of lattice vertices: `x`, `y` [vertices], offsets `ring` [rings + 1], `cell` [cells + 1]."""

    x: Ints
    y: Ints
    ring: Ints
    cell: Ints
    origin: tuple[float, float]
    quantum: float

    @property
    def ring_cell(self) -> Ints:
        return np.repeat(np.arange(len(self.cell) - 1), np.diff(self.cell))

    @property
    def vertex_ring(self) -> Ints:
        return np.repeat(np.arange(len(self.ring) - 1), np.diff(self.ring))


def content_hash(blob: bytes) -> str:
    """16 hex digits that name this content, for a URL that may be cached for ever."""
    return hashlib.sha256(blob).hexdigest()[:16]


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """WGS-84 degrees -> Web-Mercator as fractions of the world: x 0..1 from 180 W, y 0..1 from the north down."""
    sin = np.sin(np.radians(np.clip(lat, -85.0511, 85.0511)))
    return lon / 360.0 + 0.5, 0.5 - np.log((1 + sin) / (1 - sin)) / (4 * math.pi)


def degrees(x: float, y: float) -> tuple[float, float]:
    """Web-Mercator fractions of the world -> WGS-84 (lon, lat)."""
    return (x - 0.5) * 360.0, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y))))


def bounds(grids: Sequence[Grid]) -> tuple[float, float, float, float] | None:
    """(west, south, east, north) of all polygons in WGS-84 degrees; None without any."""
    rings = [np.asarray(ring, np.float64) for grid in grids for ring in grid.rings if ring]
    if not rings:
        return None
    points = np.concatenate(rings)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    return float(west), float(south), float(east), float(north)


def encode(grids: Sequence[Grid], tree: UnitTree) -> bytes:
    """The blob described above, for `grids` in their order; a city without grids gives a blob without cells.

    Rings of fewer than three different vertices are dropped, their grid stays (it has a name and counts).
    Raises ValueError for a vertex that is not a finite number, naming the grid.
    """
    lattice = _lattice(grids)
    cell_place, places = _places(grids, tree, lattice)
    arcs = _arcs(lattice, cell_place)
    corner_x, corner_y = _corners(lattice)
    columns: dict[str, NDArray[Any]] = {
        "cell_unit": np.array([tree.number(grid.code) for grid in grids], "<u4"),
        "cell_place": cell_place.astype("<u2").ravel(),
        "cell_ring": lattice.cell.astype("<u4"),
        "ring_vertex": lattice.ring.astype("<u4"),
        "ring_x": corner_x.astype("<u4"),
        "ring_y": corner_y.astype("<u4"),
        "vertex_x": (lattice.x - corner_x[lattice.vertex_ring]).astype("<u2"),
        "vertex_y": (lattice.y - corner_y[lattice.vertex_ring]).astype("<u2"),
        "arc_ring": arcs[0].astype("<u4"),
        "arc_first": arcs[1].astype("<u4"),
        "arc_edges": arcs[2].astype("<u2"),
        "arc_rank": arcs[3].astype("u1"),
    }
    header = {
        "version": VERSION,
        "bbox": bounds(grids),
        "origin": lattice.origin,
        "quantum": lattice.quantum,
        "counts": {"cells": len(grids), "rings": len(lattice.ring) - 1, "vertices": len(lattice.x), "arcs": len(arcs[0])},
        "codes": [grid.code for grid in grids],
        "names": [grid.name for grid in grids],
        "names_en": [unit.name_en if (unit := tree.get(grid.code)) else "" for grid in grids],
        "places": places,
    }
    return pack(header, columns)


def pack(header: dict[str, Any], columns: dict[str, NDArray[Any]]) -> bytes:
    """The container: length, JSON header with its `columns`, columns; `header` is whatever the reader needs besides them."""
    table: dict[str, tuple[str, int, int]] = {}
    parts: list[bytes] = []
    offset = 0
    for name, column in columns.items():
        data = column.tobytes()
        data += bytes(-len(data) % 4)
        table[name] = (column.dtype.str[1:], offset, len(column))
        parts.append(data)
        offset += len(data)
    head = msgspec.json.encode({**header, "columns": table})
    head += b" " * (-len(head) % 4)
    return len(head).to_bytes(4, "little") + head + b"".join(parts)


def _lattice(grids: Sequence[Grid]) -> Lattice:
    rings = [np.asarray(ring, np.float64).reshape(-1, 2) for grid in grids for ring in grid.rings]
    owner = np.repeat(np.arange(len(grids)), [len(grid.rings) for grid in grids])
    points = np.concatenate(rings) if rings else np.zeros((0, 2))
    ring_of = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        raise ValueError(f"grid {grids[int(owner[ring_of[bad[0]]])].code} has a vertex that is not a number")
    mx, my = mercator(points[:, 0], points[:, 1])
    quantum, origin = _quantum(mx, my, ring_of), (float(mx.min()), float(my.min())) if len(mx) else (0.5, 0.5)
    # On a multiple of the quantum, the same vertex quantises the same whatever else the city has.
    origin = (math.floor(origin[0] / quantum) * quantum, math.floor(origin[1] / quantum) * quantum)
    x = np.rint((mx - origin[0]) / quantum).astype(np.int64)
    y = np.rint((my - origin[1]) / quantum).astype(np.int64)
    keep = _different(x, y, ring_of)
    x, y, ring_of = x[keep], y[keep], ring_of[keep]
    sizes = np.bincount(ring_of, minlength=len(rings))
    whole = (sizes >= 3)[ring_of] if len(ring_of) else np.zeros(0, bool)
    sizes, owner = sizes[sizes >= 3], owner[sizes >= 3]
    cells = np.bincount(owner, minlength=len(grids)) if len(grids) else np.zeros(0, np.int64)
    return Lattice(x[whole], y[whole], _offsets(sizes), _offsets(cells), origin, quantum)


def _quantum(mx: Floats, my: Floats, ring_of: Ints) -> float:
    """The finest power of two on which the widest ring still spans at most 65,535 steps."""
    if not len(mx):
        return 2.0**FINEST
    starts = np.flatnonzero(np.r_[True, np.diff(ring_of) > 0])
    widest = max(float((np.maximum.reduceat(m, starts) - np.minimum.reduceat(m, starts)).max()) for m in (mx, my))
    return 2.0 ** max(FINEST, math.ceil(math.log2(widest / 65_000))) if widest > 0 else 2.0**FINEST


def _different(x: Ints, y: Ints, ring_of: Ints) -> NDArray[np.bool_]:
    """True for vertices that differ from the next one on their ring (so the closing vertex goes)."""
    if not len(x):
        return np.zeros(0, bool)
    ends = np.flatnonzero(np.r_[np.diff(ring_of) > 0, True])
    after = np.arange(len(x)) + 1
    after[ends] = np.r_[0, ends[:-1] + 1]
    return np.asarray((x != x[after]) | (y != y[after]))


def _offsets(sizes: NDArray[Any]) -> Ints:
    return np.cumsum(np.concatenate(([0], sizes)), dtype=np.int64)


def _corners(lattice: Lattice) -> tuple[Ints, Ints]:
    if len(lattice.ring) < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.minimum.reduceat(lattice.x, lattice.ring[:-1]), np.minimum.reduceat(lattice.y, lattice.ring[:-1])


def _chain(grid: Grid, tree: UnitTree) -> list[Unit]:
    """District, street, community of a grid: by depth below the root, as some cities have four levels."""
    path = tree.path(grid.community) or tree.path(grid.code)
    return [unit for unit in path[1:] if unit.code != grid.code or grid.code == grid.community][:RANKS]


def _places(grids: Sequence[Grid], tree: UnitTree, lattice: Lattice) -> tuple[Ints, list[dict[str, Any]]]:
    """Each cell's places [cells, 3], and the places, parents first, with their label points and extents on the lattice."""
    chains = [_chain(grid, tree) for grid in grids]
    used = {tree.number(unit.code): rank for chain in chains for rank, unit in enumerate(chain)}
    order = {number: i for i, number in enumerate(sorted(used))}
    cell_place = np.full((len(grids), RANKS), NO_PLACE, np.int64)
    for i, chain in enumerate(chains):
        cell_place[i, : len(chain)] = [order[tree.number(unit.code)] for unit in chain]
    box, centre, area = _cell_shapes(lattice)
    places = []
    for number, i in order.items():
        unit, rank = tree.units[number], used[number]
        cells = np.flatnonzero((cell_place[:, rank] == i) & (area > 0))
        places.append(
            {
                "unit": number,
                "code": unit.code,
                "name": unit.name,
                "name_en": unit.name_en,
                "rank": rank + 1,
                "parent": order.get(tree.number(unit.parent), NO_PLACE),
                **_extent(cells, box, centre, area),
            }
        )
    return cell_place, places


def _cell_shapes(lattice: Lattice) -> tuple[Ints, Floats, Floats]:
    """Per cell: box [cells, 4] (x0, y0, x1, y1), a centre [cells, 2] and an area, from its largest ring; area 0 = no polygon."""
    cells = len(lattice.cell) - 1
    box, centre, area = np.zeros((cells, 4), np.int64), np.zeros((cells, 2)), np.zeros(cells)
    if not len(lattice.x):
        return box, centre, area
    starts = lattice.ring[:-1]
    after = np.arange(len(lattice.x)) + 1
    after[lattice.ring[1:] - 1] = starts
    # Relative to each ring's first vertex: the shoelace sums stay small and exact.
    x0, y0 = lattice.x[starts][lattice.vertex_ring], lattice.y[starts][lattice.vertex_ring]
    x, y, nx, ny = lattice.x - x0, lattice.y - y0, lattice.x[after] - x0, lattice.y[after] - y0
    cross = (x * ny - nx * y).astype(np.float64)
    twice = np.add.reduceat(cross, starts)
    safe = np.where(twice == 0, 1, twice)
    cx = np.add.reduceat((x + nx) * cross, starts) / (3 * safe) + lattice.x[starts]
    cy = np.add.reduceat((y + ny) * cross, starts) / (3 * safe) + lattice.y[starts]
    extents = [
        f.reduceat(m, starts)
        for f, m in ((np.minimum, lattice.x), (np.minimum, lattice.y), (np.maximum, lattice.x), (np.maximum, lattice.y))
    ]
    for ring, cell in enumerate(lattice.ring_cell):
        if abs(twice[ring]) / 2 > area[cell]:
            area[cell], centre[cell] = abs(twice[ring]) / 2, (cx[ring], cy[ring])
            box[cell] = [int(extent[ring]) for extent in extents]
    return box, centre, area


def _extent(cells: Ints, box: Ints, centre: Floats, area: Floats) -> dict[str, Any]:
    """Label point, box and area of a place; the label sits on the cell nearest the middle, so never outside the place."""
    if not len(cells):
        return {"label": None, "box": None, "area": 0.0}
    middle = np.average(centre[cells], axis=0, weights=area[cells])
    nearest = cells[np.argmin(((centre[cells] - middle) ** 2).sum(axis=1))]
    inside = bool(((box[cells, :2] <= middle) & (box[cells, 2:] >= middle)).all(axis=1).any())
    point = middle if inside else centre[nearest]
    ends = [*box[cells, :2].min(axis=0), *box[cells, 2:].max(axis=0)]
    return {"label": [round(float(v)) for v in point], "box": [int(v) for v in ends], "area": float(area[cells].sum())}


def _arcs(lattice: Lattice, cell_place: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Border lines (ring, first vertex, edges, rank): each shared border once, from the ring that comes first."""
    none = np.zeros(0, np.int64)
    if not len(lattice.x):
        return none, none, none, none
    after = np.arange(len(lattice.x)) + 1
    after[lattice.ring[1:] - 1] = lattice.ring[:-1]
    cell = lattice.ring_cell[lattice.vertex_ring]
    other, first = _neighbours(lattice, cell, after)
    rank = _rank(cell, other, cell_place)
    drawn = first & (other != cell)
    begins = np.r_[True, (np.diff(lattice.vertex_ring) != 0) | (np.diff(other) != 0) | (np.diff(drawn.astype(np.int8)) != 0)]
    # arc_edges is 16 bits: a longer line goes on as another arc.
    starts = np.flatnonzero(begins)
    long = [np.arange(a, b, 60_000) for a, b in zip(starts, np.r_[starts[1:], len(begins)], strict=True)]
    starts = np.concatenate(long)
    edges = np.diff(np.r_[starts, len(begins)])
    kept = drawn[starts]
    return lattice.vertex_ring[starts][kept], starts[kept], edges[kept], rank[starts][kept]


def _neighbours(lattice: Lattice, cell: Ints, after: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Per edge (named by its first vertex): the cell across it, -1 = outside the city, and whether it is the one to draw."""
    point = (lattice.x << 32) | lattice.y
    low, high = np.minimum(point, point[after]), np.maximum(point, point[after])
    order = np.lexsort((high, low))
    same = (low[order][1:] == low[order][:-1]) & (high[order][1:] == high[order][:-1])
    other, first = np.full(len(point), -1, np.int64), np.ones(len(point), bool)
    a, b = order[:-1][same], order[1:][same]
    other[a], other[b] = cell[b], cell[a]
    first[np.maximum(a, b)] = False
    alone = np.flatnonzero(other < 0)
    other[alone] = _across(lattice, alone, after, cell)
    return other, first


def _across(lattice: Lattice, edges: Ints, after: Ints, cell: Ints) -> Ints:
    """For edges that no other ring repeats (the city's edge, or a border cut up differently on its two sides): who is there?

    Looks 1.5 steps to either side of a point off the edge's middle (where the other side's cut would be, if it has one);
    both sides are drawn then, one over the other.
    """
    if not len(edges):
        return np.zeros(0, np.int64)
    polygons = np.array([_polygon(lattice, i) for i in range(len(lattice.cell) - 1)])
    x, y, nx, ny = (m.astype(np.float64) for m in (lattice.x[edges], lattice.y[edges], lattice.x[after[edges]], lattice.y[after[edges]]))
    length = np.hypot(nx - x, ny - y)
    dx, dy = -(ny - y) / length * 1.5, (nx - x) / length * 1.5
    index = shapely.STRtree(polygons)
    found = np.full(len(edges), -1, np.int64)
    for sign in (1, -1):
        probe = shapely.points(x + 0.382 * (nx - x) + sign * dx, y + 0.382 * (ny - y) + sign * dy)
        which, hit = index.query(probe, predicate="within")
        foreign = hit != cell[edges[which]]
        found[which[foreign]] = hit[foreign]
    return found


def _polygon(lattice: Lattice, cell: int) -> shapely.Polygon:
    rings = [
        np.column_stack((lattice.x[a:b], lattice.y[a:b]))
        for a, b in (lattice.ring[ring : ring + 2] for ring in range(lattice.cell[cell], lattice.cell[cell + 1]))
    ]
    return shapely.make_valid(shapely.Polygon(rings[0], rings[1:])) if rings else shapely.Polygon()


def _rank(cell: Ints, other: Ints, cell_place: Ints) -> Ints:
    """The highest level at which the two sides differ: 0 city, 1 district, 2 street, 3 community, 4 grid."""
    differ = cell_place[cell] != cell_place[other]
    rank = np.where(differ.any(axis=1), differ.argmax(axis=1) + 1, RANKS + 1)
    return np.where(other < 0, 0, rank).astype(np.int64)
