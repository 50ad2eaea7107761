"""Grids: the smallest place of the city, with a polygon, a head count and staff (DOMAIN.md 1)."""

from __future__ import annotations

from typing import Literal

import msgspec

Ring = list[list[float]]
"""A closed line `[[lon, lat], ...]` in WGS-84 degrees: the first point is repeated at the end."""


class Grid(msgspec.Struct):
    """One grid; `code` is its community's 12 digits plus 3. Times are ms since 1970 UTC, None = open-ended."""

    code: str
    name: str
    community: str
    kind: Literal["general", "dedicated"]
    rings: list[Ring]
    """The first ring is the outer border, any further ones are holes."""
    households: int = 0
    residents_reported: int = 0
    residents_verified: int = 0
    full_time: int = 0
    part_time: int = 0
    valid_from: int | None = None
    valid_to: int | None = None
