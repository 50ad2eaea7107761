"""Shifts as the API and the page of handovers ask for them. Reads and writes SQL: call it off the event loop."""

from __future__ import annotations

from callbacks.parameter import HANDOVER_LENGTH, short
from callbacks.problem import Problem
from callbacks.services import Services
from dashboard.access.role import User
from dashboard.clock import DAY
from dashboard.desk.account_item import HANDOVER, AccountItem
from dashboard.desk.shift import Note, NoteQuery, Shift, ShiftNow, line, may_read, may_take, written

LONGEST = 7 * DAY
LATEST = 2**53
"""An instant after all others, which a JSON number of any client holds."""


def now(services: Services, user: User) -> ShiftNow:
    """The shift that this account is in, and what it may take over."""
    current, tree = services.shifts.current(user.id), services.tree()
    found = [one for one in services.shifts.waiting(user.unit) if may_take(one, user, tree)]
    last_end = services.shifts.last_end(user.id)
    return {"started": current.started if current else None, "last_end": last_end, "waiting": [line(one) for one in found]}


def note(services: Services, user: User, shift: Shift) -> Note:
    """What the next shift must know, if this one ended now. One that nobody ended for weeks is told of as far as it can be counted."""
    pinned = tuple(item.key for item in services.items.all(user.id) if item.kind == "pin")
    since = max(shift.started, services.wall() - LONGEST)
    return services.reader.cases.handover(NoteQuery(shift.unit, user.id, since, services.now(), pinned))


def read(services: Services, user: User, handover: str) -> Shift:
    """One handover; outside of one's unit it looks like one that does not exist. Raises Problem 400, 404."""
    if "\0" not in short(handover, HANDOVER_LENGTH):
        found = services.shifts.one(handover)
        if found is not None and found.ended is not None and may_read(found, user, services.tree()):
            return found
    raise Problem(404, "No such handover", f"there is no handover {handover!r} in your jurisdiction")


def sign(services: Services, user: User, text: str) -> Shift:
    """Who leaves signs. Raises Problem 409, 413."""
    try:
        said = written(text)
    except ValueError as e:
        raise Problem(413, "Too large", str(e)) from None
    current = services.shifts.current(user.id)
    ended = current and services.shifts.sign(current.id, said, note(services, user, current), services.wall())
    if not ended:
        raise Problem(409, "No shift", "you are in no shift, or it was signed in another tab")
    services.items.drop(user.id, "draft", HANDOVER)
    return ended


def take(services: Services, user: User, handover: str) -> Shift:
    """Who comes signs, and has the pins of who left. Raises Problem 400, 403, 404, 409."""
    found, at = read(services, user, handover), services.wall()
    if found.came is None and not may_take(found, user, services.tree()):
        raise Problem(403, "Forbidden", "nobody takes a shift over from himself")
    taken = None if found.came else services.shifts.take(found.id, user, at)
    if taken is None:
        first = read(services, user, handover).came
        assert first is not None, "it is taken for good"
        raise Problem(409, "Taken over", f"{first['name']} was faster", more={"by": first["name"], "at": first["at"]})
    for case in taken.note["pinned"]["items"] if taken.note else ():
        services.items.put(user.id, AccountItem("pin", case["case"], True, at))
    return taken
