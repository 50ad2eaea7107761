"""Which events of a case count: what an undone command made and what undid it count no more; and what stands in the way of an undo."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.cases.envelope import DESK
from dashboard.cases.event import Event

REMARKS = frozenset({"case.noted", "case.acknowledged"})
"""What somebody adds to their own work without changing what it did: it does not stand in the way of its undo, and stays."""


def undone_by(event: Event) -> str | None:
    """The command that this event undoes. What a source corrects is a remark."""
    return event.data.undoes if event.type == "case.corrected" and event.cause and event.data.restored is not None else None


def standing(events: Sequence[Event]) -> list[Event]:
    """The events that still count: without those that undone commands made, and without what undid them."""
    undone = {undone_by(e) for e in events} - {None}
    return [e for e in events if e.cause not in undone and undone_by(e) not in undone] if undone else list(events)


def stands_in_the_way(events: Sequence[Event]) -> Event | None:
    """Why the command that made the first of these events, all of one case in order of version, cannot be undone: it was already, or
    somebody has acted since. A note or an acknowledgement of the same account is not in the way.
    """
    first = events[0]
    undone = next((e for e in events if undone_by(e) == first.cause), None)
    return undone or next((e for e in standing(events) if e.cause != first.cause and not _own_remark(e, first)), None)


def _own_remark(event: Event, first: Event) -> bool:
    return event.type in REMARKS and event.source == DESK and event.data.by == first.data.by
