"""All clocks of a case from its events: the total promise, each stage, each owner; and why they say what they say (DOMAIN.md 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple, TypedDict, cast

import msgspec
from msgspec import Meta

from dashboard.cases import event_data as ev
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.fold import fold
from dashboard.cases.light import AMBER_FROM, light_at
from dashboard.cases.refusal import Refusal
from dashboard.cases.scalar import Instant, LightName, Seconds
from dashboard.cases.stage import Severity, Stage
from dashboard.cases.standing import standing
from dashboard.clock import DAY, HOUR, Mode
from dashboard.clocks.policy import Clock as ClockName
from dashboard.clocks.rules import EXTENDED_AT_MOST, SOURCE, SlaRules

MAX_SEGMENTS = 120
"""Calendar segments that a ledger lists; a longer span is summed up by what kind they are."""
DETAILED = 6_000 * DAY
"""So much time is laid out by the calendar for one case, all its clocks together; beyond it a span says what counted and what did not."""
MAX_EXTENSIONS = 20
"""Extensions that a ledger lists; the others are one line."""

RUNNING_NAME = {
    Stage.REPORTED: "accept", Stage.ACCEPTED: "dispatch", Stage.FILED: "dispatch", Stage.DISPATCHED: "sign",
    Stage.SIGNED: "handle", Stage.HANDLED: "check_dispatch", Stage.CHECKING: "check",
}  # fmt: skip
HANDLING = frozenset({"handle", "check"})
"""Stages in which somebody works on the case; in all others it waits for somebody."""
CENTRE = frozenset({"accept", "file", "dispatch"})


ClockState = Annotated[str, Meta(title="ClockState", extra_json_schema={"enum": ["running", "paused", "met", "missed", "none"]})]


class Entry(msgspec.Struct, frozen=True):
    """One line of a ledger; `seconds` counts towards the clock unless the kind is off, pause or note."""

    from_: Instant | None = msgspec.field(name="from")
    to: Instant | None
    kind: str
    """work, off, wall, pause, limit, extension, reserve, note, sum"""
    seconds: float
    why: str
    """A key; the words are `why.<key>`, filled from `values`."""
    values: dict[str, str] = {}
    summed: bool = False
    """Several spans of one kind and reason in one line."""


class Clock(msgspec.Struct, frozen=True):
    """One clock (CONTRACT.md, GET /api/v1/cases/{id}); instants in ms."""

    clock: Annotated[str, Meta(description="`total`, `stage:NAME` or `owner:UNIT`")]
    state: ClockState
    """none: without a limit nothing is late."""
    start: Instant
    end: Instant | None
    due: Instant | None
    amber: Instant | None
    mode: Mode
    policy: str
    elapsed_wall_s: Seconds
    elapsed_business_s: Seconds
    light: LightName
    late_s: Seconds
    ledger: list[Entry]


class Span(msgspec.Struct):
    """From when to when a clock ran; `name` is a clock's of the policy table, or a unit's code; `end` None while it runs."""

    name: str
    start: int
    end: int | None = None


class Extended(NamedTuple):
    """An extension; of several together `at` is None."""

    at: int | None
    mode: Mode
    hours: float
    reason: str


class History(msgspec.Struct):
    """What the events say, sorted by what clocks need."""

    total: Span
    stages: list[Span]
    owners: list[Span]
    pauses: list[Span]
    extensions: list[tuple[int, ev.Extended]]
    ended: bool = False


def history(events: Sequence[Event]) -> History:
    """Reads the events of one case in order of version, those that stand; the first is its report."""
    first = events[0]
    h = History(Span("total", first.at), [Span("accept", first.at)], [], [], [])
    case: Case | None = None
    for event in standing(events):
        after = fold(event, case)
        if isinstance(after, Refusal):
            raise ValueError(f"{event.id} was not folded: {after.message}")
        if case is not None:
            _read(h, event, case, after)
        case = after
    h.pauses = _disjoint(h.pauses)
    return h


def _disjoint(pauses: Sequence[Span]) -> list[Span]:
    """Sources may tell of pauses in any order, and of some twice: what stood still stood still once."""
    found: list[Span] = []
    for pause in sorted(pauses, key=lambda p: p.start):
        last = found[-1] if found else None
        if last is None or (last.end is not None and last.end <= pause.start):
            found.append(Span("pause", pause.start, pause.end))
        elif last.end is not None:
            last.end = None if pause.end is None else max(last.end, pause.end)
    return found


def _read(h: History, event: Event, before: Case, after: Case) -> None:
    given = event.type in {"case.dispatched", "case.reassigned"}
    if after.stage != before.stage or given:
        _stage(h, event, before, after)
    if event.type == "case.checked" and event.data.passed:
        _turn(h.stages, event.at, "close")
    _owner(h, event, before, after, given)
    if event.type == "case.extended":
        h.extensions.append((event.at, event.data))
    if before.suspended is None and after.suspended is not None:
        h.pauses.append(Span("pause", event.at))
    elif before.suspended is not None and after.suspended is None:
        h.pauses[-1].end = max(event.at, h.pauses[-1].start)
    if after.ended != before.ended:
        h.total.end, h.ended = (event.at, True) if after.ended else (None, False)


def _stage(h: History, event: Event, before: Case, after: Case) -> None:
    """The span that ends here is named by how it ended: a unit that signs and passes the case on was dispatching."""
    if event.type == "case.filed":
        h.stages[-1].name = "file"
    elif event.type == "case.dispatched" and before.stage == Stage.SIGNED:
        h.stages[-1].name = "dispatch"
    _turn(h.stages, event.at, RUNNING_NAME.get(Stage(after.stage)))


def _turn(spans: list[Span], at: int, name: str | None) -> None:
    if spans and spans[-1].end is None:
        spans[-1].end = at
    if name is not None:
        spans.append(Span(name, at))


def _owner(h: History, event: Event, before: Case, after: Case, given: bool) -> None:
    if given:
        _turn(h.owners, event.at, after.owner)
    elif after.ended or after.owner is None or event.type == "case.handled":
        _turn(h.owners, event.at, None)
    elif (event.type == "case.checked" and not event.data.passed) or (before.ended and not after.ended):
        _turn(h.owners, event.at, after.owner)


def clocks(events: Sequence[Event], case: Case, sla: SlaRules, now: int) -> list[Clock]:
    """The total clock first, then the stages and the owners in order of their start."""
    return _Explainer(history(events), case, sla, now).all()


class _Explainer:
    """Turns spans into clocks for one case at one moment."""

    def __init__(self, h: History, case: Case, sla: SlaRules, now: int) -> None:
        self.h, self.case, self.sla, self.now = h, case, sla, now
        self.severity = Severity(case.severity).name
        self.detailed = DETAILED

    def all(self) -> list[Clock]:
        total = self.total()
        stages = [self.limited(span, f"stage:{span.name}", cast("ClockName", span.name), total.due) for span in self.h.stages]
        owners = [self.limited(span, f"owner:{span.name}", "owner", None) for span in self.h.owners]
        return [total, *stages, *owners]

    def total(self) -> Clock:
        """Its due time is the pinned one: the ledger says how it came about."""
        case = self.case
        limit = [] if case.limit is None else [_limit(case.limit, case.policy, case.mode)]
        if case.took:
            limit.append(Entry(None, None, "note", case.took / 1000, "stricter_leads"))
        return self._clock(self.h.total, "total", case.mode, case.due, case.amber, case.policy, limit)

    def limited(self, span: Span, name: str, stage: ClockName, total_due: int | None) -> Clock:
        """due = min(own limit, total due - what is kept back for later stages), moved by what happened meanwhile."""
        case = self.case
        row = None if case.policy == SOURCE else self.sla.row(case.policy, case.category, self.severity, stage)
        if row is None:
            return self._clock(span, name, "24x7", None, None, case.policy, [])
        cal, limit = self.sla.calendar, self.sla.calendar.amount(row.mode, row.value)
        due = self._moved(span, row.mode, cal.add(row.mode, span.start, limit))
        notes = [_limit(limit, case.policy, row.mode)]
        if total_due is not None:
            kept = round(row.reserve * HOUR)
            last = cal.add(row.mode, total_due, -kept) if kept else total_due
            if last < due:
                due = max(last, span.start)
                notes.append(Entry(None, None, "reserve", kept / 1000, "reserve"))
        amber = cal.add(row.mode, span.start, round(cal.elapsed(row.mode, span.start, due) * AMBER_FROM))
        return self._clock(span, name, row.mode, due, amber, case.policy, notes)

    def _moved(self, span: Span, mode: Mode, due: int) -> int:
        """A due time after the extensions and pauses that fell into the span."""
        cal, end = self.sla.calendar, span.end if span.end is not None else self.now
        latest = due + EXTENDED_AT_MOST
        for extended in self._extensions(span, end):
            if due < latest:
                due = cal.add(extended.mode, due, min(EXTENDED_AT_MOST, int(extended.hours * HOUR)))
        for start, stop in self._pauses(span.start, end):
            due = cal.add(mode, due, cal.elapsed(mode, start, stop))
        return due

    def _pauses(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        for pause in self.h.pauses:
            a, b = max(start, pause.start), min(end, pause.end if pause.end is not None else end)
            if a < b:
                yield a, b

    def _clock(
        self, span: Span, name: str, mode: Mode, due: int | None, amber: int | None, policy: str, notes: list[Entry]
    ) -> Clock:
        end = span.end if span.end is not None else max(self.now, span.start)
        paused = list(self._pauses(span.start, end))
        cal = self.sla.calendar
        business = cal.elapsed("work_hours", span.start, end) - sum(cal.elapsed("work_hours", a, b) for a, b in paused)
        state = self._state(span, due, end)
        late = max(0, end - due) / 1000 if due is not None and state != "paused" else 0.0
        ledger = [*notes, *self._horizon(mode, due), *self._extension_lines(span, end), *self._lines(mode, span.start, end, paused)]
        return Clock(
            clock=name, state=state, start=span.start, end=span.end, due=due, amber=amber, mode=mode, policy=policy,
            elapsed_wall_s=max(0, end - span.start) / 1000, elapsed_business_s=business / 1000,
            light=light_at(due, amber, end, state == "paused", end).name,
            late_s=late, ledger=[*ledger, self._sum(mode, span, end, paused)],
        )  # fmt: skip

    def _state(self, span: Span, due: int | None, end: int) -> str:
        if due is None:
            return "none"
        if span.end is not None:
            return "met" if end <= due else "missed"
        return "paused" if self.case.suspended is not None else "running"

    def _horizon(self, mode: Mode, due: int | None) -> Iterator[Entry]:
        """Holidays are decreed a year ahead: a due time beyond them must say that it may move."""
        known = self.sla.calendar.horizon
        if mode in ("work_hours", "work_days") and due is not None and due > known:
            yield Entry(known, due, "note", 0.0, "holidays_unknown")

    def _extension_lines(self, span: Span, end: int) -> Iterator[Entry]:
        for extended in self._extensions(span, end):
            values = {"mode": extended.mode, "reason": extended.reason}
            yield Entry(extended.at, None, "extension", extended.hours * 3600, "approved", values)

    def _extensions(self, span: Span, end: int) -> list[Extended]:
        """What fell into the span; many are one of each mode from some on."""
        during = [Extended(at, e.mode, e.hours, e.reason) for at, e in self.h.extensions if span.start <= at <= end]
        rest = during[MAX_EXTENSIONS:]
        hours = {mode: sum(e.hours for e in rest if e.mode == mode) for mode in dict.fromkeys(e.mode for e in rest)}
        return [*during[:MAX_EXTENSIONS], *(Extended(None, mode, n, "") for mode, n in hours.items())]

    def _lines(self, mode: Mode, start: int, end: int, paused: list[tuple[int, int]]) -> list[Entry]:
        """The span without gaps: what counted, what did not and why."""
        lines: list[Entry] = []
        at = start
        for a, b in [*paused, (end, end)]:
            lines += self._counted(mode, at, a)
            if a < b:
                lines.append(Entry(a, b, "pause", (b - a) / 1000, "suspended"))
            at = b
        return lines if len(lines) <= MAX_SEGMENTS else _summed(lines)

    def _counted(self, mode: Mode, start: int, end: int) -> list[Entry]:
        if start >= end:
            return []
        if mode == "24x7":
            return [Entry(start, end, "wall", (end - start) / 1000, "wall_time")]
        if end - start > self.detailed:
            counted = self.sla.calendar.elapsed(mode, start, end)
            off = (end - start - counted) / 1000
            return [Entry(start, end, "work", counted / 1000, "working_hours"), Entry(start, end, "off", off, "outside_hours")]
        self.detailed -= end - start
        return [Entry(s.start, s.end, s.kind, (s.end - s.start) / 1000, s.why) for s in self.sla.calendar.segments(mode, start, end)]

    def _sum(self, mode: Mode, span: Span, end: int, paused: list[tuple[int, int]]) -> Entry:
        cal = self.sla.calendar
        counted = cal.elapsed(mode, span.start, end) - sum(cal.elapsed(mode, a, b) for a, b in paused)
        return Entry(span.start, end, "sum", counted / 1000, "elapsed", {"mode": mode, "calendar": cal.version})


def _limit(limit: int, policy: str, mode: str) -> Entry:
    if policy == SOURCE:
        return Entry(None, None, "limit", limit / 1000, "source_limit")
    return Entry(None, None, "limit", limit / 1000, "policy_limit", {"policy": policy, "mode": mode})


def _summed(lines: list[Entry]) -> list[Entry]:
    """A long ledger by kind and reason, so that it still adds up."""
    sums: dict[tuple[str, str], float] = {}
    for line in lines:
        sums[line.kind, line.why] = sums.get((line.kind, line.why), 0.0) + line.seconds
    return [Entry(lines[0].from_, lines[-1].to, kind, seconds, why, summed=True) for (kind, why), seconds in sums.items()]


class HandOver(TypedDict):
    """Seconds of the centre's own work, of waiting, and of handling."""

    centre_s: Seconds
    queue_s: Seconds
    handling_s: Seconds


def hand_over(h: History, now: int) -> HandOver:
    """Seconds of the centre's own work (report to the last hand-over), of waiting and of handling, in wall time."""
    seconds: HandOver = {"centre_s": 0.0, "queue_s": 0.0, "handling_s": 0.0}
    last = max((i for i, s in enumerate(h.stages) if s.name in CENTRE and s.end is not None), default=-1)
    for i, span in enumerate(h.stages):
        took = max(0, (span.end if span.end is not None else now) - span.start) / 1000
        seconds["handling_s" if span.name in HANDLING else "queue_s"] += took
        if i <= last and span.name not in HANDLING:
            seconds["centre_s"] += took
    return seconds

