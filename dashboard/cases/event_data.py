"""What can be said of a case: the types of the data of each event (CONTRACT.md, streams)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dashboard.clock import Mode

Unit = Annotated[str, Meta(min_length=1, max_length=64)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
CaseId = Annotated[str, Meta(min_length=1, max_length=130)]
"""Ours: source and subject, so longer than a code of a source."""
By = Annotated[str, Meta(max_length=64)]
Text = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=500)]
SeverityName = Literal["danger", "urgent", "normal"]
Hours = Annotated[float, Meta(gt=0, le=24 * 366)]
Ms = Annotated[int, Meta(ge=-(2**53), le=2**53)]
"""Every number is bounded: what a database, a stream or a browser cannot hold must not come in."""
STEPS = 16
"""More steps than any escalation ladder has."""
Step = Annotated[int, Meta(ge=0, le=STEPS)]
Instant = Annotated[datetime, Meta(tz=True)]
"""A time without an offset would mean another instant on every machine."""


class Said(msgspec.Struct, frozen=True):
    """What is said of a case is never changed: who has more to say makes another event of it (`with_members`, `with_data`)."""


class Place(Said, frozen=True):
    lon: float | None = None
    lat: float | None = None
    crs: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    grid: Code | None = None
    address: Short | None = None


class Pinned(Said, frozen=True, omit_defaults=True):
    """Instants (ms) of the total promise as the engine's SLA rules found them: never computed again from newer rules.

    `limit` is in ms of `mode`; `rungs` are the instants of the steps of the escalation ladder, in order (a stored name).
    """

    due: Ms | None = None
    amber: Ms | None = None
    limit: Ms | None = None
    mode: Mode = "24x7"
    rungs: Annotated[list[Ms], Meta(max_length=STEPS)] = []


class IntakeFacts(Said, frozen=True, omit_defaults=True):
    """What the engine found out at intake and keeps with the report: a later import never changes history."""

    lon: float | None = None
    lat: float | None = None
    grid: str | None = None
    promise: Pinned = msgspec.field(default_factory=Pinned)
    policy: str = ""
    severity: SeverityName = "normal"
    flags: list[str] = []
    masked: int = 0


class Reported(Said, frozen=True):
    category: Code
    channel: Literal["grid_officer", "hotline_12345", "citizen_app", "department", "video", "other"]
    place: Place
    severity: SeverityName | None = None
    title: Short = ""
    text: Text = ""
    due: Instant | None = None
    workflow: Literal["grid", "simple"] = "grid"
    joint: list[Unit] = []
    intake: IntakeFacts | None = None


class Moved(Said, frozen=True):
    """case.accepted, case.filed, case.signed"""

    unit: Unit | None = None
    by: By | None = None


class Dispatched(Said, frozen=True):
    to: Unit
    by: By | None = None
    co_units: list[Unit] = []
    reason: Text = ""


class Handled(Said, frozen=True):
    unit: Unit | None = None
    result: Text = ""
    evidence: list[Short] = []


class CheckRequested(Said, frozen=True):
    by: By | None = None


class Checked(Said, frozen=True):
    passed: bool
    by: By | None = None
    note: Text = ""


class Closed(Said, frozen=True):
    disposition: Short = ""
    by: By | None = None
    satisfaction: Short | None = None
    pinned: Pinned | None = None


class Reasoned(Said, frozen=True):
    """case.voided, case.reopened"""

    reason: Text
    by: By | None = None
    pinned: Pinned | None = None


class Reassigned(Said, frozen=True):
    to: Unit
    reason: Text
    from_: Unit | None = msgspec.field(name="from", default=None)
    by: By | None = None


class Raised(Said, frozen=True):
    """case.escalated, case.urged, case.supervised: `level` or `to` says whose attention it takes."""

    level: Literal["unit_head", "duty_chief", "commander"] | None = None
    to: Unit | None = None
    reason: Text = ""
    by: By | None = None
    reply_due: Instant | None = None
    rung: Step | None = None
    """Number of the ladder's steps that are done with this one; only the engine sets it."""
    alarm: bool = False
    """An alarm of the ladder; only the engine sets it."""
    silent: bool = False
    """Not made heard: quiet hours, or one too many of its kind."""


class Return(Said, frozen=True):
    reason: Text
    unit: Unit | None = None
    by: By | None = None


class Extended(Said, frozen=True):
    hours: Hours
    mode: Mode = "24x7"
    reason: Text = ""
    by: By | None = None
    pinned: Pinned | None = None


class Suspended(Said, frozen=True):
    reason: Text
    until: Instant
    by: By | None = None


class Resumed(Said, frozen=True):
    by: By | None = None
    pinned: Pinned | None = None


class Acknowledged(Said, frozen=True):
    """Somebody has seen the alarm: it is silent for a while (DOMAIN.md 4)."""

    by: By | None = None
    reach: Literal["unit_head", "duty_chief", "commander"] = "unit_head"
    """The highest level whose alarms are seen with it; only the engine sets it, by the role of who acknowledged."""


class Noted(Said, frozen=True):
    text: Text = ""
    by: By | None = None


class Recalculated(Said, frozen=True):
    """An audited change of policy: the promise is made anew under `policy` (DOMAIN.md 3)."""

    policy: Code
    reason: Text = ""
    by: By | None = None
    pinned: Pinned | None = None


class Merged(Said, frozen=True):
    into: CaseId
    by: By | None = None


class Joined(Said, frozen=True):
    """case.duplicate_joined, _moved, _left: what happens to the case that leads when one is merged, has its promise moved, or is unmerged;
    only the engine makes them.
    """

    duplicate: CaseId
    by: By | None = None
    took: Ms = 0
    """By how many ms the due time is now earlier than the case's own promise."""
    pinned: Pinned | None = None


class Corrected(Said, frozen=True):
    undoes: Code
    by: By | None = None
    restored: dict[str, Any] | None = None
    """Fields of the case as an undo puts them back; only an effect of a command sets it."""


class Breached(Said, frozen=True):
    clock: Code
    due: Instant
    unit: Unit | None = None
    rung: Step | None = None
    alarm: bool = False
    silent: bool = False


Data = (
    Reported | Moved | Dispatched | Handled | CheckRequested | Checked | Closed | Reasoned | Reassigned | Raised
    | Return | Extended | Suspended | Resumed | Acknowledged | Recalculated | Noted | Merged | Joined | Corrected | Breached
)  # fmt: skip

TYPES: dict[str, type[Any]] = {
    "case.reported": Reported,
    "case.accepted": Moved,
    "case.filed": Moved,
    "case.dispatched": Dispatched,
    "case.signed": Moved,
    "case.handled": Handled,
    "case.check_requested": CheckRequested,
    "case.checked": Checked,
    "case.closed": Closed,
    "case.voided": Reasoned,
    "case.reopened": Reasoned,
    "case.reassigned": Reassigned,
    "case.escalated": Raised,
    "case.urged": Raised,
    "case.supervised": Raised,
    "case.return_requested": Return,
    "case.return_approved": Return,
    "case.return_refused": Return,
    "case.extended": Extended,
    "case.suspended": Suspended,
    "case.resumed": Resumed,
    "case.acknowledged": Acknowledged,
    "case.noted": Noted,
    "case.recalculated": Recalculated,
    "case.merged": Merged,
    "case.unmerged": Merged,
    "case.duplicate_joined": Joined,
    "case.duplicate_moved": Joined,
    "case.duplicate_left": Joined,
    "case.corrected": Corrected,
    "case.sla_breached": Breached,
}
MADE_HERE = frozenset({"case.duplicate_joined", "case.duplicate_moved", "case.duplicate_left", "case.sla_breached", "case.recalculated"})
"""Types of events that only the engine and its commands make."""
_OURS = ("intake", "pinned", "rung", "alarm", "silent", "took", "restored", "reach")
OURS = {name: [(f.name, f.default) for f in msgspec.structs.fields(kind) if f.name in _OURS] for name, kind in TYPES.items()}
"""By type: members of the data that only the engine writes, and what they are where nobody has written them."""
