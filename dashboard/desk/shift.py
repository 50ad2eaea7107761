"""A shift: who sits at the desk from when to when, and the handover that ends it. The note of a handover covers exactly the shift; the
signature of who leaves freezes it, that of who comes takes it over."""

from __future__ import annotations

from typing import Annotated, TypedDict

import msgspec
from msgspec import Meta

from dashboard.access.page import may_open
from dashboard.access.role import User
from dashboard.cases.mask import mask
from dashboard.cases.payload import MAX_TEXT
from dashboard.cases.scalar import Instant, LevelName, SeverityName, StageName
from dashboard.clock import HOUR
from dashboard.places.unit import UnitTree

SOON = 8 * HOUR
"""A shift: what breaks its promise within it is the next one's first work."""
SHOWN = 20
"""Cases of each list of a note; beside it is told how many there are."""


class NoteCase(TypedDict):
    """A case as it was when the note was signed."""

    case: str
    title: str
    severity: SeverityName
    stage: StageName
    category: str
    grid: str | None
    owner: str | None
    due: Instant | None


class NoteCases(TypedDict):
    total: int
    items: list[NoteCase]


class NoteAlarm(NoteCase):
    """An alarm that nobody has acknowledged."""

    kind: str
    level: LevelName
    at: Instant


class NoteAlarms(TypedDict):
    total: int
    items: list[NoteAlarm]


class Told(TypedDict):
    count: int
    cases: Annotated[list[str], Meta(description="The newest of them.")]


class Note(TypedDict):
    """What one shift tells the next."""

    unit: str
    since: Instant
    as_of: Instant
    mine: Annotated[NoteCases, Meta(description="Open cases in which who leaves has acted.")]
    alarms: NoteAlarms
    promises: Annotated[NoteCases, Meta(description="Open cases whose promise breaks in the 8 hours after `as_of`.")]
    pinned: Annotated[NoteCases, Meta(description="Open cases that who leaves has pinned.")]
    events: Annotated[dict[str, int], Meta(description="How many events of each type there were since `since`.")]
    escalations: Told
    breaches: Told
    returns: Told


class NoteQuery(msgspec.Struct, frozen=True):
    """Whose note; `now` decides what is due soon, `pinned` are ids of cases."""

    unit: str
    account: str
    since: int
    now: int
    pinned: tuple[str, ...] = ()


class Signature(TypedDict):
    account: str
    name: str
    role: str
    at: Instant


class HandoverLine(TypedDict):
    """`started`: the beginning of the shift, whose end is the signature of who left."""

    handover: str
    unit: str
    started: Instant
    left: Signature
    came: Annotated[Signature | None, Meta(description="Null: it waits to be taken over.")]


class Handover(HandoverLine):
    """As it was signed: what happens later changes nothing in it."""

    text: str
    note: Note


class ShiftNow(TypedDict):
    """`started`: since when the account is in a shift; `last_end`: when its last one ended; `waiting`: what it may take over."""

    started: Instant | None
    last_end: Instant | None
    waiting: list[HandoverLine]


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Instants in ms of the wall clock. It ends when who leaves signs, and is handed over when who comes has signed too."""

    id: str
    account: str
    name: str
    role: str
    unit: str
    started: int
    ended: int | None = None
    text: str = ""
    note: Note | None = None
    """None as long as the shift lasts, and in lists."""
    taken: int | None = None
    taken_id: str = ""
    taken_by: str = ""
    taken_role: str = ""

    @property
    def left(self) -> Signature | None:
        return None if self.ended is None else {"account": self.account, "name": self.name, "role": self.role, "at": self.ended}

    @property
    def came(self) -> Signature | None:
        if self.taken is None:
            return None
        return {"account": self.taken_id, "name": self.taken_by, "role": self.taken_role, "at": self.taken}


def line(shift: Shift) -> HandoverLine:
    """A shift that has ended, as a list tells it."""
    assert shift.left is not None
    return {"handover": shift.id, "unit": shift.unit, "started": shift.started, "left": shift.left, "came": shift.came}


def whole(shift: Shift) -> Handover:
    assert shift.note is not None, "what has ended has its note"
    return {**line(shift), "text": shift.text, "note": shift.note}


def works(user: User) -> bool:
    """Whether this account has shifts: it sits at a desk."""
    return may_open(user.role, "desk")


def may_read(shift: Shift, user: User, tree: UnitTree) -> bool:
    """A handover is read in its unit and above."""
    return works(user) and tree.within(shift.unit, user.unit)


def may_take(shift: Shift, user: User, tree: UnitTree) -> bool:
    """Whoever has a desk in the same unit or above, but nobody from himself, and only what is signed and waits."""
    return shift.ended is not None and shift.taken is None and shift.account != user.id and may_read(shift, user, tree)


def written(text: str) -> str:
    """The free text of a note as it is stored: without phones, identity cards and plates. Raises ValueError for what is no such text."""
    if "\0" in text or len(text.encode()) > MAX_TEXT:
        raise ValueError(f"the text of a handover is at most {MAX_TEXT} bytes of UTF-8, and holds no NUL")
    return mask(text.strip())[0]
