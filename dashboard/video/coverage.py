"""Geometric coverage (DOMAIN.md 7): which share of a grid's area lies in view of a working point. Geometric means that buildings,
trees and slopes are not modelled: a camera is taken to see everything in its sector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.places.grid import Grid
from dashboard.video.point import VideoPoint

METRES = 111_320.0
"""Metres of a degree of latitude."""
STEPS = 32
"""Edges of a sector's arc; the polygon inside three quarters of a circle loses 0.4% of its area."""
AROUND = 360.0

Floats = NDArray[np.float64]


def works(point: VideoPoint) -> bool:
    """In service, online, and with an intact picture."""
    return point.active and point.status == "ON"


def coverage(points: Sequence[VideoPoint], grids: Sequence[Grid]) -> dict[str, tuple[float, float]]:
    """Per grid code (m2 in view of at least one working point, m2 of the grid); grids without a polygon are left out.

    Overlapping views count once. About 3 s at 42,000 points and 12,583 grids.
    """
    drawn = [grid for grid in grids if grid.rings and len(grid.rings[0]) > 3]
    if not drawn:
        return {}
    origin = _origin(drawn)
    areas = shapely.make_valid(np.array([_polygon(grid, origin) for grid in drawn], dtype=object))
    seen = np.zeros(len(drawn))
    views = sectors([p for p in points if works(p)], origin)
    view, area = shapely.STRtree(areas).query(views, predicate="intersects") if len(views) else np.zeros((2, 0), np.int64)
    pieces, order = shapely.intersection(views[view], areas[area]), np.argsort(area, kind="stable")
    which, first = np.unique(area[order], return_index=True)
    for grid, part in zip(which.tolist(), np.split(pieces[order], first[1:]), strict=False):
        seen[grid] = shapely.area(part[0] if len(part) == 1 else shapely.union_all(part))
    whole = shapely.area(areas)
    return {grid.code: (float(min(n, d)), float(d)) for grid, n, d in zip(drawn, seen.tolist(), whole.tolist(), strict=True) if d > 0}


def sectors(points: Sequence[VideoPoint], origin: tuple[float, float]) -> NDArray[np.object_]:
    """What each point sees, as polygons in metres east and north of `origin` (lon, lat); a point that sees nothing has none."""
    table = np.array([(p.lon, p.lat, p.direction, min(p.fov, AROUND), p.range_m) for p in points], np.float64).reshape(-1, 5)
    table = table[np.isfinite(table).all(axis=1) & (table[:, 3] > 0) & (table[:, 4] > 0)]
    xy, around = _metres(table[:, :2], origin), table[:, 3] >= AROUND
    out = np.empty(len(table), dtype=object)
    out[around] = shapely.buffer(shapely.points(xy[around]), table[around, 4], quad_segs=STEPS // 2)
    out[~around] = _fans(xy[~around], *table[~around, 2:].T)
    return out


def _fans(xy: Floats, direction: Floats, fov: Floats, reach: Floats) -> NDArray[np.object_]:
    """Sectors (n,) around `direction` (degrees clockwise from north), from the pole and back to it."""
    bearing = np.radians(direction[:, None] + fov[:, None] * np.linspace(-0.5, 0.5, STEPS + 1))
    arc = xy[:, None] + reach[:, None, None] * np.stack([np.sin(bearing), np.cos(bearing)], axis=2)
    return shapely.polygons(np.concatenate([xy[:, None], arc, xy[:, None]], axis=1)) if len(xy) else np.empty(0, dtype=object)


def _origin(grids: Sequence[Grid]) -> tuple[float, float]:
    lon, lat = np.array([grid.rings[0][0] for grid in grids], np.float64)[:, :2].mean(axis=0).tolist()
    return lon, lat


def _metres(degrees: Floats, origin: tuple[float, float]) -> Floats:
    """(n, 2) lon, lat -> metres on a plane that touches the city at `origin`; over 100 km its scale is off by less than 1%."""
    scale = np.array([METRES * np.cos(np.radians(origin[1])), METRES])
    metres: Floats = (degrees - np.array(origin)) * scale
    return metres


def _polygon(grid: Grid, origin: tuple[float, float]) -> shapely.Polygon:
    shell, *holes = (_metres(np.asarray(ring, np.float64)[:, :2], origin) for ring in grid.rings)
    return shapely.Polygon(shell, holes)
