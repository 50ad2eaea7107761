"""The data-quality list: what on the map and in open cases somebody should look at (DOMAIN.md 1). Facts to mend, nobody's score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely

from dashboard.clock import HOUR
from dashboard.places.distance import scale
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid
from dashboard.places.survey import survey

RESIDENTS = 1500
"""The norm of a grid (DOMAIN.md 1)."""
FLAGS = ("outside_city", "outside_claimed_grid", "no_place")
"""Flags of the intake that are findings."""
NEAR_M = 50.0
SOON_MS = HOUR
"""Two reports of one category this near and this soon after each other are possibly one."""


class Sighting(NamedTuple):
    """What this list needs of an open case; `reported` in ms, the place in WGS-84 degrees."""

    case: str
    category: str
    reported: int
    grid: str | None
    lon: float | None
    lat: float | None
    flags: Sequence[str]


def of_grids(grids: Sequence[Grid]) -> list[Finding]:
    """Heads and staff of the grids that are valid now, and how they fit together."""
    return [*crowded(grids), *unstaffed(grids), *survey(grids)]


def crowded(grids: Iterable[Grid]) -> Iterator[Finding]:
    """Grids above the norm; reported and verified counts are told apart, as one may be a slip and the other a reason to redraw."""
    for g in grids:
        if g.residents_verified > RESIDENTS:
            yield _grid("crowded", g, g.residents_verified)
        if g.residents_reported > RESIDENTS:
            yield _grid("crowded_reported", g, g.residents_reported, f"{g.residents_verified}")


def unstaffed(grids: Iterable[Grid]) -> Iterator[Finding]:
    """Grids without a full-time officer."""
    return (_grid("no_full_time", g, g.part_time) for g in grids if g.full_time == 0)


def _grid(kind: str, grid: Grid, value: float, detail: str = "") -> Finding:
    lon, lat = np.mean(np.asarray(grid.rings[0]), axis=0)
    return Finding(kind, code=grid.code, value=value, detail=detail, lon=round(float(lon), 6), lat=round(float(lat), 6))


def of_cases(cases: Sequence[Sighting], grids: frozenset[str]) -> list[Finding]:
    """Open cases whose place is doubtful, and pairs that may be one. `grids`: codes that the tree knows; the flag of an
    unknown one goes when it is imported."""
    found = [Finding(f, code=c.case, other=c.grid or "", lon=c.lon, lat=c.lat) for c in cases for f in FLAGS if f in c.flags]
    unknown = [c for c in cases if c.grid and c.grid not in grids]
    found += [Finding("unknown_grid", code=c.case, other=c.grid or "", lon=c.lon, lat=c.lat) for c in unknown]
    return found + list(duplicates(cases))


def duplicates(cases: Sequence[Sighting]) -> Iterator[Finding]:
    """Each later report that lies near an earlier one of its category, with the nearest such; value = metres apart."""
    placed = sorted((c for c in cases if c.lon is not None and c.lat is not None), key=lambda c: (c.reported, c.case))
    if not placed:
        return
    degrees = np.array([[c.lon, c.lat] for c in placed])
    at = degrees * scale(float(degrees[:, 1].mean()))
    points = shapely.points(at)
    late, early = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEAR_M)
    time, kind = np.array([c.reported for c in placed]), np.unique([c.category for c in placed], return_inverse=True)[1]
    keep = (early < late) & (kind[early] == kind[late]) & (time[late] - time[early] <= SOON_MS)
    late, early = late[keep], early[keep]
    apart = np.hypot(*(at[late] - at[early]).T)
    best = np.lexsort((early, apart, late))
    _, first = np.unique(late[best], return_index=True)
    for i in best[first].tolist():
        new, old = placed[late[i]], placed[early[i]]
        yield Finding("duplicate", code=new.case, other=old.case, value=round(float(apart[i]), 1), lon=new.lon, lat=new.lat)
