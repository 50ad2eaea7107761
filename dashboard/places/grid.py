"""Grids: the smallest place of the city, with a polygon, a head count and staff (DOMAIN.md 1)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import shapely

Ring = list[list[float]]
"""A closed line `[[lon, lat], ...]` in WGS-84 degrees: the first point is repeated at the end."""


class Grid(msgspec.Struct):
    """One grid; `code` is its community's 12 digits plus 3. Times are ms since 1970 UTC, None = open-ended."""

    code: str
    name: str
    community: str
    """The unit it lies in; the grid's own code where a unit of a higher level has a border of its own."""
    kind: Literal["general", "dedicated"]
    rings: list[Ring]
    """Outer borders, holes and separate parts in any order: they are filled even-odd."""
    households: int = 0
    residents_reported: int = 0
    residents_verified: int = 0
    full_time: int = 0
    part_time: int = 0
    valid_from: int | None = None
    valid_to: int | None = None

    def valid_at(self, at: int) -> bool:
        """Whether this version holds at that instant."""
        return (self.valid_from or 0) <= at and (self.valid_to is None or at < self.valid_to)


def area_of(rings: list[Ring]) -> Any:
    """The rings as one shapely area in degrees."""
    if len(rings) == 1:
        return shapely.Polygon(rings[0])
    return shapely.build_area(shapely.GeometryCollection([shapely.LineString(ring) for ring in rings]))
