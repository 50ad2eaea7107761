"""Which events of a case count: an undone one and what undid it count no more; and what stands in the way of an undo."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.cases.envelope import DESK
from dashboard.cases.event import Event, Key

REMARKS = frozenset({"case.noted", "case.acknowledged"})
"""What somebody adds to their own work without changing what it did: it does not stand in the way of its undo, and stays."""


def undone_by(event: Event) -> Key | None:
    """The event that this one undoes: the desk undoes what the desk did, the engine what it had told a case that leads. What a source
    corrects is a remark.
    """
    if event.type != "case.corrected" or not event.cause or event.data.restored is None:
        return None
    return event.source, event.data.undoes


def standing(events: Sequence[Event]) -> list[Event]:
    """The events that still count: without those that were undone, and without what undid them."""
    gone = {key for e in events if (undone := undone_by(e)) for key in (undone, e.key)}
    return [e for e in events if e.key not in gone] if gone else list(events)


def stands_in_the_way(events: Sequence[Event]) -> Event | None:
    """Why the first of these events, all of one case in order of version, cannot be undone: it was already, or somebody has acted since.

    A note or an acknowledgement of the same account is not in the way.
    """
    first, *later = events
    undone = next((e for e in later if undone_by(e) == first.key), None)
    return undone or next((e for e in standing(events) if e.key != first.key and not _own_remark(e, first)), None)


def _own_remark(event: Event, first: Event) -> bool:
    return event.type in REMARKS and event.source == DESK and event.data.by == first.data.by
