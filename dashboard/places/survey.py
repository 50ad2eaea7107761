"""Whether grids cover their area once: no two lie over each other, nothing between them belongs to nobody (DOMAIN.md 1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from dashboard.places.crs import Floats, gcj02_to_wgs84, wgs84_to_gcj02
from dashboard.places.distance import DEGREE_M, scale
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid, area_of

TOLERANCE_M = 1.0
"""Width in metres of a sliver that two drawings of the same border may leave: drawing tools and conversions make centimetres."""
MOVED = 0.2
"""Share of the shift between WGS-84 and GCJ-02 by which a suspected shift may differ from it."""


def survey(grids: Sequence[Grid], beside: Sequence[Grid] = (), tolerance_m: float = TOLERANCE_M) -> list[Finding]:
    """Overlaps and gaps wider than `tolerance_m`, largest first, each with its square metres and a point inside.

    `beside`: the neighbours, with which `grids` must fit together; what is wrong among them alone is not told.
    """
    if not grids:
        return []
    both, codes = [*grids, *beside], {g.code for g in grids}
    shapes, plane = _metric([area_of(g.rings) for g in both])
    found = [*_overlaps(both, shapes, plane, tolerance_m), *_gaps(both, shapes, plane, tolerance_m)]
    return sorted((f for f in found if f.code in codes or f.other in codes), key=lambda f: -(f.value or 0.0))


def _metric(shapes: Sequence[Any]) -> tuple[Any, Floats]:
    """Shapes in metres around the city's middle: (east, north); and the metres of a degree in both directions."""
    box = shapely.total_bounds(shapes)
    plane = scale(float(box[1] + box[3]) / 2)
    return shapely.transform(np.array(shapes, dtype=object), lambda xy: xy * plane), plane


def _overlaps(grids: Sequence[Grid], shapes: Any, plane: Floats, tolerance: float) -> Iterator[Finding]:
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    common = shapely.intersection(shapes[a], shapes[b])
    wide = np.flatnonzero(_wide(common, tolerance))
    for i in wide.tolist():
        lon, lat = _inside(common[i], plane)
        yield Finding(
            "overlap", code=grids[a[i]].code, other=grids[b[i]].code, value=round(float(shapely.area(common[i]))), lon=lon, lat=lat
        )


def _gaps(grids: Sequence[Grid], shapes: Any, plane: Floats, tolerance: float) -> Iterator[Finding]:
    """Holes of the whole that no grid fills; what lies outside the outer border is not the city's."""
    whole = shapely.get_parts(shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes))
    rings = [ring for part in whole for ring in part.interiors]
    if not rings:
        return
    holes = shapely.polygons(rings)
    islands = shapely.union_all(whole)
    tree = shapely.STRtree(shapes)
    for hole in shapely.difference(holes[_wide(holes, tolerance)], islands):
        if not _wide(np.array([hole]), tolerance)[0]:
            continue
        lon, lat = _inside(hole, plane)
        beside = int(tree.nearest(hole))
        yield Finding("gap", code=grids[beside].code, value=round(float(shapely.area(hole))), lon=lon, lat=lat)


def _wide(shapes: Any, tolerance: float) -> Any:
    """Whether anything is left of a shape when half the tolerance is taken from every side."""
    some = shapely.area(shapes) > 0
    left = np.zeros(len(shapes), bool)
    left[some] = ~shapely.is_empty(shapely.buffer(shapes[some], -tolerance / 2, quad_segs=2))
    return left


def _inside(shape: Any, plane: Floats) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return round(point.x / float(plane[0]), 6), round(point.y / float(plane[1]), 6)


def wrong_crs(new: Sequence[Grid], old: Sequence[Grid]) -> Finding | None:
    """A file that lies beside the map by just the shift between WGS-84 and GCJ-02: its coordinate system was declared wrongly.

    Compares the middles of grids that both have; two or fewer in common prove nothing.
    """
    before = {g.code: shapely.centroid(area_of(g.rings)) for g in old}
    pairs = [(shapely.centroid(area_of(g.rings)), before[g.code]) for g in new if g.code in before]
    if len(pairs) < 3:
        return None
    now, then = (np.array([[p[i].x, p[i].y] for p in pairs]) for i in (0, 1))
    moved = np.median(now - then, axis=0)
    at = np.median(then, axis=0)
    for really, convert in (("gcj02", wgs84_to_gcj02), ("wgs84", gcj02_to_wgs84)):
        shift = np.array([float(v) for v in convert(*at)]) - at
        metres = np.hypot(*shift) * DEGREE_M
        if metres > 0 and np.hypot(*(moved - shift)) < MOVED * np.hypot(*shift):
            detail = f"every grid lies {metres:.0f} m beside its place, as in a file that is really {really}; give --crs {really}"
            return Finding("bad_crs", detail=detail)
    return None
