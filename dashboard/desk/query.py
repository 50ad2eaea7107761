"""A question for cases, as the API, the desk and the exports ask it."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence

import msgspec

from dashboard.cases.stage import Level

TABS = ("savable", "to_dispatch", "overdue", "mine", "escalated", "returns")
QUEUES = (*TABS, "changed", "alarm")
"""The tabs, and what the line of the shift leads to: own cases to which something happened between two shifts, and unread alarms."""
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
    """One of `QUEUES`."""
    user_id: str = ""
    reach: int = max(Level)
    """The highest level whose alarms wait for whoever asks."""
    order: str = "due"
    """due, reported, severity; a leading minus turns it round."""
    cursor: str = ""
    """Where the page before ended, as its `next` said; "" is the first page."""
    limit: int = 100
    polygon: list[tuple[float, float]] | None = None
    """Corners (lon, lat) in WGS-84: cases whose point lies inside or on the border; `locate.drawn` says which polygons are none."""


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    order: str
    key: list[int | str]


def write_cursor(order: str, key: Sequence[int | str]) -> str:
    """Opaque to everybody else: the order and the sort key of the last row of a page."""
    return urlsafe_b64encode(msgspec.json.encode(_Cursor(order, list(key)))).decode()


def read_cursor(order: str, cursor: str) -> list[int | str] | None:
    """The sort key after which the page begins, None for the first page. Raises ValueError."""
    if not cursor:
        return None
    try:
        found = msgspec.json.decode(urlsafe_b64decode(cursor), type=_Cursor)
    except (msgspec.DecodeError, Error, ValueError):
        found = _Cursor("", [])
    numbers, last = found.key[:-1], found.key[-1:]
    whole = all(isinstance(n, int) and abs(n) < 2**62 for n in numbers) and all(isinstance(x, str) and "\0" not in x for x in last)
    if found.order != order or len(found.key) != KEYS[order] or not whole:
        raise ValueError("this cursor is not one that this list gave: begin again without it")
    return found.key


KEYS = {sign + name: length for name, length in (("due", 3), ("reported", 2), ("severity", 4)) for sign in ("", "-")}
"""How long the sort key of each order is."""
