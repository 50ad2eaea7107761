"""The types of what is told of cases. What makes them is checked against them, and `/openapi.json` is made from them (CONTRACT.md)."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from dashboard.cases.alarm import Acknowledged
from dashboard.cases.event_data import Instant as Reply
from dashboard.cases.scalar import Instant, LevelName, LightName, Seconds, SeverityName, StageName, Time
from dashboard.clocks.explain import Clock, HandOver
from dashboard.desk.near import NearCase, NearVideo, PossibleDuplicate

Pending = Annotated[str, Meta(description="A request that waits for an answer: `return`; empty where none does.")]
Arbitration = Annotated[bool, Meta(description="Returned twice: the duty chief says who has it.")]
Merged = Annotated[str | None, Meta(description="The case that leads this one.")]
Verbs = Annotated[list[str], Meta(description="Verbs of the commands that the case's state allows now, whoever asks.")]


class CaseHead(TypedDict):
    """What changes of a case most often."""

    case: str
    subject: str
    source: str
    version: int
    stage: StageName
    severity: SeverityName
    category: str
    owner: str | None
    grid: str | None
    lon: float | None
    lat: float | None
    reported: Instant
    amber: Instant | None
    due: Instant | None
    light: LightName
    level: LevelName


class CaseLine(CaseHead):
    """A case as one line of a list."""

    title: str
    address: str
    flags: list[str]
    pending: Pending
    returns: int
    arbitration: Arbitration
    merged_into: Merged
    duplicates: Annotated[int, Meta(description="How many cases are merged into this one.")]
    allowed: Verbs


class CasePage(TypedDict):
    """One page of the cases that were asked for."""

    total: Annotated[int, Meta(description="Of all pages.")]
    as_of: Instant
    items: list[CaseLine]
    next: Annotated[str | None, Meta(description="The `cursor` of the next page; null: there is none.")]


class CasePlace(TypedDict):
    lon: float | None
    lat: float | None
    crs: str
    grid: str | None
    address: str


class Said(TypedDict):
    """What was said with an event: a reason or a result, the free text beside it, and what fills the words of a timer's reason."""

    note: str
    text: str
    values: dict[str, int]


class TimelineEntry(Said):
    """One event of a case; those that were undone are marked, not left out."""

    event: str
    type: str
    at: Time
    recorded: Time
    unit: str | None
    actor: str | None
    pos: int
    version: int
    cause: Annotated[str | None, Meta(description="The command of which it is the effect.")]
    undone: bool
    reply_due: Reply | None
    seconds_since_previous: float | None


OwnerSpan = TypedDict("OwnerSpan", {"unit": str, "from": Instant, "to": Instant | None, "seconds": Seconds})
"""From when to when a unit had the case."""
Handoff = TypedDict(
    "Handoff",
    {
        "from": str | None, "to": str | None, "at": Instant, "type": str, "signed": Instant | None, "seconds": Seconds,
        "unsigned_seconds": Seconds,
    },
)  # fmt: skip
"""One hop of a case; `to` null: it lies with the centre."""


class Evidence(TypedDict):
    """A reference that a handling unit left."""

    ref: str
    at: Instant
    unit: str | None


class Undoable(TypedDict):
    """The last command that still counts, where it can be undone: `who` gave it, an account with this `name`."""

    command: str
    verb: str
    who: str
    name: str
    until: Instant


class AuditEntry(TypedDict):
    """A command for the case, and what became of it."""

    id: str
    verb: str
    who: str
    role: str
    at: Time
    status: str
    code: str | None
    message: str | None
    pos: int | None


class CaseAlarm(TypedDict):
    """One alarm of a case, read or not."""

    alarm: str
    kind: Literal["new_danger", "escalated", "breached"]
    level: LevelName
    at: Instant
    to: list[str]
    by: str | None
    open: Annotated[bool, Meta(description="Nobody has acknowledged it, and the case has not ended.")]
    acknowledged: Acknowledged | None


class Report(TypedDict):
    """What was reported, in the words of who did; private numbers are masked (DOMAIN.md 8)."""

    title: str
    text: str


class CaseDetail(HandOver):
    """One case whole."""

    case: str
    subject: str
    source: str
    stage: StageName
    version: int
    category: str
    severity: SeverityName
    owner: str | None
    level: LevelName
    channel: str
    title: str
    text: Annotated[str, Meta(description="The report's own words, private numbers masked.")]
    reported: Instant
    due: Instant | None
    amber: Instant | None
    light: LightName
    workflow: str
    policy: str
    pending: Pending
    provenance: Annotated[dict[str, int], Meta(description="By field: the version of the event that set it.")]
    place: CasePlace
    address: str
    flags: list[str]
    timeline: list[TimelineEntry]
    clocks: list[Clock]
    owners: list[OwnerSpan]
    handoffs: list[Handoff]
    evidence: list[Evidence]
    undo: Undoable | None
    duplicates: list[NearCase]
    possible_duplicates: list[PossibleDuplicate]
    video: list[NearVideo]
    merged_into: Merged
    returns: int
    arbitration: Arbitration
    audit: list[AuditEntry]
    alarms: list[CaseAlarm]
    as_of: Instant
    allowed: Verbs
