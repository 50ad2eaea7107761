"""A question for cases, as the API, the desk and the exports ask it."""

from __future__ import annotations

import msgspec

TABS = ("savable", "to_dispatch", "overdue", "mine", "escalated", "returns")
MAX_LIMIT = 2000
SAVABLE_WITHIN_MS = 24 * 3600 * 1000
"""Savable: owned or waiting cases that break their promise within a day and can still keep it."""


class CaseQuery(msgspec.Struct, frozen=True):
    """All given conditions hold together; None asks nothing. `now` (ms) decides lights."""

    now: int
    unit: str | None = None
    """Subtree, by place or by owner; None is the whole city."""
    stage: str | None = None
    """A stage's name, or `open` = neither closed nor void."""
    light: str | None = None
    lights: tuple[str, ...] = ()
    """Any of these; empty asks nothing."""
    owner: str | None = None
    category: str | None = None
    """A prefix of the category code."""
    severity: str | None = None
    q: str | None = None
    """Text in id, title or address."""
    on_time: bool | None = None
    tab: str | None = None
    user_id: str = ""
    order: str = "due"
    """due, reported, severity; a leading minus turns it round."""
    cursor: int = 0
    limit: int = 100
    polygon: list[tuple[float, float]] | None = None
    """Corners (lon, lat) in WGS-84: cases whose point lies inside or on the border; `locate.drawn` says which polygons are none."""
