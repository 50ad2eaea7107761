"""What happens to a report before it is stored: free text masked, place resolved, promise pinned (DOMAIN.md 1, 3, 8).

The findings are written into the event itself, so that folding it again later gives the same case whatever has
been imported since.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.cases.category import Catalogue
from dashboard.cases.event import Event, with_members
from dashboard.cases.event_data import IntakeFacts, Reported
from dashboard.cases.mask import masked_event
from dashboard.clock import MINUTE
from dashboard.clocks.rules import SlaRules, source_due
from dashboard.places.crs import to_wgs84
from dashboard.places.locate import Maps

CLOCK_AHEAD = 5 * MINUTE
"""A source clock further ahead than this is flagged; further than a day it is a dead letter."""


class Intake:
    """What one engine does first with a report. Each report is located on the map that was valid when it was reported."""

    def __init__(self, sla: SlaRules, maps: Maps, catalogue: Catalogue) -> None:
        self.sla = sla
        self._maps, self._catalogue = maps, catalogue

    def take(self, events: Sequence[Event], wall: int) -> list[Event]:
        """The events as they are stored: all of them masked, the reports among them complete, points located in one batch."""
        masked = [masked_event(event) for event in events]
        taken = [event for event, _ in masked]
        reports = [i for i, event in enumerate(taken) if event.type == "case.reported"]
        points = [_point(taken[i].data) for i in reports]
        grids = self._locate([taken[i].at for i in reports], points)
        for i, point, grid in zip(reports, points, grids, strict=True):
            event, n = masked[i]
            taken[i] = self._complete(event, point, grid, n, wall)
        return taken

    def _locate(self, times: Sequence[int], points: Sequence[tuple[float, float] | None]) -> list[str | None]:
        found: list[str | None] = [None] * len(points)
        by_map: dict[int, list[int]] = {}
        for i, (time, point) in enumerate(zip(times, points, strict=True)):
            if point is not None:
                by_map.setdefault(self._maps.version(time), []).append(i)
        for some in by_map.values():
            locator = self._maps.at(times[some[0]])
            if locator is not None:
                lon, lat = np.array([points[i] for i in some], dtype=float).T
                for i, code in zip(some, locator.locate(lon, lat), strict=True):
                    found[i] = code
        return found

    def _complete(self, event: Event, point: tuple[float, float] | None, grid: str | None, masked: int, wall: int) -> Event:
        data: Reported = event.data
        severity = data.severity or self._catalogue.severity(data.category)
        policy, promise = self.sla.promise(event.at, data.category, severity, source_due(data))
        intake = IntakeFacts(
            lon=point[0] if point else None, lat=point[1] if point else None, grid=data.place.grid or grid,
            promise=promise, policy=policy,
            severity=severity, flags=self._flags(event, point, grid, wall), masked=masked,
        )  # fmt: skip
        return with_members(event, intake=intake)

    def _flags(self, event: Event, point: tuple[float, float] | None, grid: str | None, wall: int) -> list[str]:
        claimed, locator = event.data.place.grid, self._maps.at(event.at)
        flags = []
        if point is None:
            flags.append("no_place")
        elif locator is not None and grid is None:
            flags.append("outside_city")
        elif claimed and claimed != grid and locator is not None and claimed in locator:
            flags.append("outside_claimed_grid")
        if event.data.due is not None and source_due(event.data) is None:
            flags.append("bad_due")
        if event.at > wall + CLOCK_AHEAD:
            flags.append("clock_ahead")
        return flags


def _point(data: Reported) -> tuple[float, float] | None:
    """WGS-84 (lon, lat), or None when missing, at 0,0 or not on the globe."""
    lon, lat = data.place.lon, data.place.lat
    if lon is None or lat is None or (lon == 0 and lat == 0) or not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return None
    if data.place.crs == "wgs84":
        return lon, lat
    x, y = to_wgs84(lon, lat, data.place.crs)
    return float(x), float(y)
