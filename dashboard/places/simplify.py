"""Borders with fewer corners for the screen, the same for both grids that share them: no slivers, no gaps."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import shapely

from dashboard.places.distance import scale
from dashboard.places.grid import Grid, area_of

BUDGET = 300_000
"""Corners of a whole city: with them the first view stays below 2 MB, compressed (benchmarks/map.py)."""
STEPS_M = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""A corner goes when the triangle that it makes is smaller than this squared; 2 m are less than a pixel at zoom 16."""


def simplified(grids: Sequence[Grid], budget: int = BUDGET) -> list[Grid]:
    """The grids with at most about `budget` corners, by the smallest step that reaches it; as they are when they have no more.

    Works on the whole coverage at once (Visvalingam and Whyatt on shared edges), so that a shared border stays shared.
    Stored polygons and point-in-grid keep every corner.
    """
    if sum(len(ring) for g in grids for ring in g.rings) <= budget:
        return list(grids)
    areas = np.array([area_of(g.rings) for g in grids], dtype=object)
    plane = scale(float(shapely.total_bounds(areas)[[1, 3]].mean()))
    areas = shapely.transform(areas, lambda xy: xy * plane)
    few = areas
    for step in STEPS_M:
        few = shapely.coverage_simplify(areas, step)
        if shapely.get_num_coordinates(few).sum() <= budget:
            break
    return [msgspec.structs.replace(g, rings=_rings(area, plane)) for g, area in zip(grids, few, strict=True)]


def _rings(area: shapely.Geometry, plane: np.ndarray) -> list[list[list[float]]]:
    borders = [ring for part in shapely.get_parts(area) for ring in (part.exterior, *part.interiors)]
    return [(shapely.get_coordinates(ring) / plane).tolist() for ring in borders]
