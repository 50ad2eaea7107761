"""Which grid a point lies in (DOMAIN.md 1); points are WGS-84, converted before (`crs.to_wgs84`)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from dashboard.places.grid import Grid, area_of

CROSSINGS = 150
"""How often a drawn line may cross or touch itself. A hand crosses once or twice; what GEOS makes of 150 costs some 20 ms, of the
28,000 crossings of 500 random corners a minute."""


class Locator:
    """Point-in-grid for one state of the map: give it the grids that are valid at the time asked about."""

    def __init__(self, grids: Iterable[Grid]) -> None:
        ordered = sorted(grids, key=lambda grid: grid.code)
        self._codes: list[str | None] = [grid.code for grid in ordered]
        self._number = {grid.code: i for i, grid in enumerate(ordered)}
        self._areas = np.array([area_of(grid.rings) for grid in ordered], dtype=object)
        shapely.prepare(self._areas)
        self._tree = shapely.STRtree(self._areas)

    def __contains__(self, code: object) -> bool:
        """Whether a grid of this code is on the map."""
        return code in self._number

    def locate(self, lon: ArrayLike, lat: ArrayLike) -> list[str | None]:
        """Codes of the grids at `lon`, `lat` ((n,) degrees); None outside all of them, and for a point that is not finite.

        A point on a shared border belongs to the grid with the lowest code, always the same one.
        """
        x, y = np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
        outside = len(self._codes)
        best = np.full(len(x), outside, dtype=np.int64)
        point, area = self._tree.query(shapely.points(x, y))  # by bounding box; the prepared areas decide
        hit = shapely.intersects_xy(self._areas[area], x[point], y[point])
        np.minimum.at(best, point[hit], area[hit])
        return [None if i == outside else self._codes[i] for i in best.tolist()]

    def inside(self, code: str, lon: float, lat: float) -> bool:
        """Whether a point lies in grid `code` or on its border; False for a grid that is not known."""
        number = self._number.get(code)
        return number is not None and bool(shapely.intersects_xy(self._areas[number], lon, lat))


class Maps:
    """The maps of all times: a report is located on the one that was valid when it was reported (DOMAIN.md 1)."""

    KEPT = 4

    def __init__(self, grids: Iterable[Grid]) -> None:
        """`grids`: every version of every grid."""
        self._grids = list(grids)
        self._from = sorted({t for grid in self._grids for t in (grid.valid_from or 0, grid.valid_to) if t is not None})
        self._drawn: dict[int, Locator | None] = {}

    def version(self, at: int) -> int:
        """Number of the map that was valid at `at` (ms); two instants with the same number have the same map."""
        return bisect_right(self._from, at)

    def at(self, at: int) -> Locator | None:
        """The map that was valid then, None when there was none. Drawing one takes about half a second for 12,583 grids."""
        number = self.version(at)
        if number not in self._drawn:
            for old in list(self._drawn)[: 1 - self.KEPT]:
                del self._drawn[old]
            valid = [grid for grid in self._grids if grid.valid_at(at)]
            self._drawn[number] = Locator(valid) if valid else None
        return self._drawn[number]


def drawn(corners: Sequence[tuple[float, float]]) -> shapely.Geometry:
    """What a person drew on the map: `corners` (lon, lat), the last is joined to the first; a line that crosses itself encloses
    what is inside an odd number of times. ValueError, with what to do, for corners that enclose nothing."""
    at = np.asarray(corners, dtype=np.float64).reshape(-1, 2)
    if not np.isfinite(at).all() or (np.abs(at) > (180, 90)).any():
        raise ValueError("the polygon needs corners [lon, lat] in degrees WGS-84")
    if len(np.unique(at, axis=0)) < 3:
        raise ValueError("the polygon needs at least three different corners; draw around the cases")
    if crossings(at, CROSSINGS) > CROSSINGS:
        raise ValueError(f"the line crosses itself more than {CROSSINGS} times; draw once around the cases")
    area = shapely.make_valid(shapely.Polygon(at))
    if not area.area:
        raise ValueError("the polygon encloses nothing; draw around the cases")
    return area


SIDES = 16
"""Sides that are held against all later ones at once: a scribble is known after the first few of them."""


def crossings(corners: NDArray[np.float64], enough: int = 1 << 30) -> int:
    """How many pairs of sides of the closed line (n, 2) that are not neighbours meet; n² / 2 pairs, some 20 ms for 500 corners.

    Stops counting soon after `enough`.
    """
    after = np.roll(corners, -1, axis=0)
    moves = (corners != after).any(axis=1)
    starts, ends = corners[moves], after[moves]
    found = 0
    for begin in range(0, len(starts), SIDES):
        found += _meeting(starts, ends, begin)
        if found > enough:
            break
    return found


def _meeting(starts: NDArray[np.float64], ends: NDArray[np.float64], begin: int) -> int:
    """Pairs of one of SIDES sides from `begin` on and a later one that is no neighbour; the last side and the first are neighbours too."""
    n = len(starts)
    first, second = np.triu_indices(min(SIDES, n - begin), 2, n - begin)
    first, second = first + begin, second + begin
    first, second = first[second - first < n - 1], second[second - first < n - 1]
    a, b, c, d = starts[first], ends[first], starts[second], ends[second]
    near = ((np.minimum(a, b) <= np.maximum(c, d)) & (np.minimum(c, d) <= np.maximum(a, b))).all(axis=1)
    a, b, c, d = a[near], b[near], c[near], d[near]
    return int(((_turn(a, b, c) * _turn(a, b, d) <= 0) & (_turn(c, d, a) * _turn(c, d, b) <= 0)).sum())


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sign of the turn at b on the way from a to c: 1 left, -1 right, 0 straight on."""
    turn: NDArray[np.float64] = np.sign((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    return turn


def inside(area: shapely.Geometry, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """(n,) whether each point lies in `area` or on its border."""
    shapely.prepare(area)
    found: NDArray[np.bool_] = shapely.intersects_xy(area, np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return found
