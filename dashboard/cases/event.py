"""What a source may say of a case: CloudEvents with typed data (CONTRACT.md, streams)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from dashboard.clock import Mode, ms

MAX_BYTES = 64 * 1024
"""Limit of one stream entry (CONTRACT.md)."""
EARLIEST = 946_684_800_000
"""2000-01-01: an older time is a broken source clock (1970 is its usual face), not history."""
MAX_DEPTH = 32
"""Levels of nesting of an entry; deeper ones are an attack on whoever reads them next."""
ENGINE, DESK = "/engine", "/desk"
"""Sources of what the engine makes by itself, and of the effects of commands. Their ids are theirs: nobody outside can take one."""
RESERVED = (ENGINE, DESK, "/cli")
"""Sources that no entry of cases:reports may name, nor anything below them."""
_BELOW = tuple(f"{name}/" for name in RESERVED)

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
HEARTBEAT = "source.heartbeat"
MADE_HERE = frozenset({"case.duplicate_joined", "case.duplicate_moved", "case.duplicate_left", "case.sla_breached", "case.recalculated"})
"""Types of events that only the engine and its commands make."""
_OURS = ("intake", "pinned", "rung", "alarm", "silent", "took", "restored")
OURS = {name: [(f.name, f.default) for f in msgspec.structs.fields(kind) if f.name in _OURS] for name, kind in TYPES.items()}
"""By type: members of the data that only the engine writes, and what they are where nobody has written them."""


class Envelope(msgspec.Struct):
    """One CloudEvents 1.0 entry, its data still raw. `time` must carry an offset."""

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=64)]
    source: Annotated[str, Meta(pattern=r"^/[A-Za-z0-9._:-]{1,32}(/[A-Za-z0-9._:-]{1,32})*\Z", max_length=64)]
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    subject: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
    time: Annotated[datetime, Meta(tz=True)]
    data: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class Event(msgspec.Struct, frozen=True):
    """One thing that happened to one case. `at`: ms at the source.

    `raw` is the data as it is stored (JSON), members that nobody here knows included; `data` is what the types make of it. Both are made
    together, here and nowhere else: by `decode` of what comes in, `of_stored` of what is stored, `make` of what is ours, and, from another
    event, by `with_members` and `with_data`. Nobody changes one: whoever adds to it has a new one.
    """

    id: str
    type: str
    case: str
    source: str
    at: int
    data: Any
    raw: bytes
    actor: str | None = None
    """Role and unit of the desk's actor, for an effect of a command; a source's own events have none."""
    cause: str | None = None
    """Id of the command that had this effect."""
    version: int = 0
    pos: int = 0
    recorded: int = 0

    @property
    def key(self) -> Key:
        return self.source, self.id

    @property
    def subject(self) -> str:
        """The case's id at its source."""
        return self.case.rpartition("~")[2]


Key = tuple[str, str]
"""What an event is known by: (source, id). Two sources may use the same id for different things."""


class Malformed(ValueError):
    """An entry that can never be applied; `code` names the fate in the dead letters."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_envelope = msgspec.json.Decoder(Envelope)
_data = {name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()}


def case_id(source: str, subject: str) -> str:
    """Our id of a case: readable, safe in a URL, and one-to-one with (source, subject): neither may hold a `~`."""
    return f"{source[1:].replace('/', '~')}~{subject}"


def split_id(case: str) -> tuple[str, str]:
    """The inverse of `case_id`: (source, subject)."""
    source, _, subject = case.rpartition("~")
    return "/" + source.replace("~", "/"), subject


def decode_envelope(entry: bytes) -> Envelope:
    """Raises Malformed: too_large, not_json or bad_envelope."""
    if len(entry) > MAX_BYTES:
        raise Malformed("too_large", f"more than {MAX_BYTES} bytes; send a reference instead of the content")
    _check_text(entry)
    try:
        return _envelope.decode(entry)
    except msgspec.ValidationError as e:
        raise Malformed("bad_envelope", str(e)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Malformed("not_json", str(e)) from None


_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


def _check_text(entry: bytes) -> None:
    """What the typed decoder does not look at in members it skips, but whoever stores or reads them would stumble over."""
    try:
        entry.decode()
    except UnicodeDecodeError as e:
        raise Malformed("not_json", f"not UTF-8: {e}") from None
    if b"\\u0000" in entry and _NUL.search(entry):
        raise Malformed("not_json", "holds the character NUL, which no database keeps")
    if entry.count(b"[") + entry.count(b"{") > MAX_DEPTH and _depth(entry) > MAX_DEPTH:
        raise Malformed("not_json", f"nested deeper than {MAX_DEPTH} levels")


_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[{]}")


def _depth(entry: bytes) -> int:
    """Levels of nesting, in one pass whatever the entry holds: without escapes, every other piece between quotes is a string."""
    outside = entry.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    depth = deepest = 0
    for byte in b"".join(outside).translate(None, _NOT_BRACKETS):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def decode_data(type_: str, raw: bytes) -> Any:
    """The typed data of an event type. Raises Malformed: unknown_type or bad_data."""
    decoder = _data.get(type_)
    if decoder is None:
        raise Malformed("unknown_type", f"type {type_!r} is not one of {', '.join(TYPES)}")
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Malformed("bad_data", f"{type_}: {e}") from None


def decode(entry: bytes, latest: int) -> Event:
    """One stream entry as an event. `latest` (ms): times after it are a source clock that runs ahead.

    Raises Malformed with the reason that goes to the dead letters.
    """
    envelope = decode_envelope(entry)
    at = ms(envelope.time)
    if not EARLIEST <= at <= latest:
        raise Malformed("bad_time", f"time {envelope.time.isoformat()} is before 2000 or more than a day ahead")
    raw = bytes(envelope.data)
    data = None if envelope.type == HEARTBEAT else decode_data(envelope.type, raw)
    _check_rest(envelope.type, raw)
    _check_outside(envelope, data)
    return Event(envelope.id, envelope.type, case_id(envelope.source, envelope.subject), envelope.source, at, data, raw)


def of_stored(type_: str, raw: bytes, **envelope: Any) -> Event:
    """An event by its data as stored. Raises Malformed."""
    return Event(type=type_, data=decode_data(type_, raw), raw=raw, **envelope)


def make(type_: str, data: Any, **envelope: Any) -> Event:
    """An event of our own, its data as a struct or plain values. Raises Malformed."""
    return of_stored(type_, msgspec.json.encode(data), **envelope)


def with_data(event: Event, data: dict[str, Any]) -> Event:
    """The same event with other data: all of it, as plain values. Raises Malformed."""
    raw = msgspec.json.encode(data)
    return msgspec.structs.replace(event, data=decode_data(event.type, raw), raw=raw)


def with_members(event: Event, **members: Any) -> Event:
    """The same event with members of its data as the engine writes them."""
    data = msgspec.structs.replace(event.data, **members)
    return msgspec.structs.replace(event, data=data, raw=_with_members(event.raw, members))


def placed(event: Event, pos: int, version: int, recorded: int) -> Event:
    """The same event with its place in the order of all and of its case."""
    return msgspec.structs.replace(event, pos=pos, version=version, recorded=recorded)


def _with_members(raw: bytes, members: dict[str, Any]) -> bytes:
    """Appended to the JSON object as it stands; it is decoded only where one of the names may be in it already, perhaps in escapes."""
    if b"\\u00" in raw or any(f'"{name}"'.encode() in raw for name in members):
        return msgspec.json.encode(msgspec.json.decode(raw) | members)
    begun = raw[:-1].rstrip()
    return begun + (b"" if begun == b"{" else b",") + msgspec.json.encode(members)[1:]


def _check_rest(type_: str, raw: bytes) -> None:
    """Members that are kept but not known must be readable too (1e999 is JSON, but no number)."""
    try:
        msgspec.json.decode(raw)
    except msgspec.DecodeError as e:
        raise Malformed("bad_data", f"{type_}: {e}") from None


def _check_outside(envelope: Envelope, data: Any) -> None:
    """A source speaks for itself, and says nothing that only the engine can know."""
    if envelope.source in RESERVED or envelope.source.startswith(_BELOW):
        raise Malformed("reserved", f"source {envelope.source} is ours; a source has a name of its own, such as /12345")
    if envelope.type in MADE_HERE:
        raise Malformed("reserved", f"{envelope.type} is made by the engine only")
    for name, empty in OURS.get(envelope.type, ()):
        if getattr(data, name) != empty:
            raise Malformed("reserved", f"{envelope.type}: {name} is written by the engine only; leave it out")
