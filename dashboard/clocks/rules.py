"""The SLA rules: policies and the calendar, and what they promise for a case (DOMAIN.md 3).

What is found here is written into the event (`Pinned`), so that folding it again later gives the same instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from dashboard.cases import event_data as ev
from dashboard.cases.case import Case
from dashboard.cases.envelope import EARLIEST
from dashboard.cases.event import Event, with_members
from dashboard.cases.event_data import Pinned
from dashboard.cases.light import AMBER_FROM
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.stage import Severity
from dashboard.clock import DAY, HOUR, Mode, ms, utc
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.ladder import percents
from dashboard.clocks.policy import Clock as ClockName
from dashboard.clocks.policy import Policies, PolicyRow
from dashboard.clocks.zone import END

LATEST_DUE = END - 2 * DAY
EXTENDED_AT_MOST = 3_660 * DAY
"""After the report: no extension and no pause leads further, as no limit does (dashboard/clocks/table.py); the calendar ends some day."""
SOURCE = "source"
"""Policy name of a promise that the source made itself: its own due time, in wall time, without our ladder."""


class SlaRules(msgspec.Struct, frozen=True):
    """One city's calendar and its policy versions."""

    calendar: Calendar
    policies: Policies

    def row(self, version: str, category: str, severity: str, stage: ClockName) -> PolicyRow | None:
        """The limit of one clock under a pinned policy version; None = no limit."""
        policy = self.policies.get(version)
        return policy.limit(category, severity, stage) if policy else None

    def local_hour(self, at: int) -> int:
        """Hour of the city's day at an instant (ms)."""
        return utc(at).astimezone(ZoneInfo(self.calendar.zone.name)).hour

    def prepare(self, at: int) -> None:
        """Lays out the calendar as far as `at` (ms), which takes a quarter of a second: the first report need not wait for it."""
        self.calendar.elapsed("work_hours", at - DAY, at)

    def promise(self, start: int, category: str, severity: str, source_due: int | None) -> tuple[str, Pinned]:
        """(policy version, instants) of a new case. No limit: an empty version and no instants."""
        if source_due is not None:
            return SOURCE, self._pin("24x7", source_due, source_due - start, ())
        policy = self.policies.at(start)
        row = policy.limit(category, severity, "total") if policy else None
        if policy is None or row is None:
            return "", Pinned()
        limit = self.calendar.amount(row.mode, row.value)
        return policy.version, self._pin(row.mode, self._add(row.mode, start, limit), limit, percents(severity))

    def _pin(self, mode: Mode, due: int, limit: int, steps: Sequence[int]) -> Pinned:
        """Each instant is counted from the due time, so that extensions and pauses move all of them alike."""
        instants = [self._add(mode, due, limit * (step - 100) // 100) for step in steps]
        amber = self._add(mode, due, -round(limit * (1 - AMBER_FROM)))
        return Pinned(due=due, amber=amber, limit=limit, mode=mode, rungs=instants)

    def _add(self, mode: Mode, start: int, amount: int) -> int:
        """Most promises are in wall time and need no calendar."""
        return start + amount if mode == "24x7" else self.calendar.add(mode, start, amount)

    def later(self, event: Event, case: Case) -> Pinned | None:
        """The instants after an extension, or after a pause that this event ends; None when they stay as they are."""
        if event.type == "case.recalculated":
            severity = Severity(case.severity).name
            return self.again(case, self.row(event.data.policy, case.category, severity, "total"))
        if case.due is None or case.limit is None:
            return None
        mode, cal, due, limit = case.mode, self.calendar, case.due, case.limit
        if event.type == "case.extended":
            extended: ev.Extended = event.data
            due = cal.add(extended.mode, case.due, int(extended.hours * HOUR))
            limit += cal.elapsed(mode, case.due, due)
        elif case.suspended is not None and event.type in {"case.resumed", "case.closed", "case.voided"}:
            latest = case.reported + EXTENDED_AT_MOST
            if due >= latest:
                return None
            due = min(latest, cal.add(mode, due, cal.elapsed(mode, case.suspended, event.at)))
        else:
            return None
        steps = percents(Severity(case.severity).name) if case.policy != SOURCE else ()
        return self._pin(mode, due, limit, steps)

    def again(self, case: Case, row: PolicyRow | None) -> Pinned | None:
        """The promise under another policy's row; what extensions and pauses had added is added to it too."""
        if row is None:
            return None
        severity = Severity(case.severity).name
        limit = self.calendar.amount(row.mode, row.value)
        due = self.calendar.add(row.mode, case.reported, limit)
        before = self.row(case.policy, case.category, severity, "total")
        if before is not None and case.due is not None:
            promised = self.calendar.add(before.mode, case.reported, self.calendar.amount(before.mode, before.value))
            due = self.calendar.add(row.mode, due, self.calendar.elapsed(before.mode, promised, case.due + case.took)) - case.took
        return self._pin(row.mode, due, limit, percents(severity))

    def led(self, case: Case, due: int) -> Pinned:
        """The promise of a case whose due time a merged report sets: amber and the ladder go with it, the limit stays its own."""
        steps = percents(Severity(case.severity).name) if case.policy != SOURCE else ()
        return self._pin(case.mode, due, case.limit or 0, steps)

    def pin(self, event: Event, case: Case | None) -> Event | Refusal:
        """The event with the new instants, where it moves them, or why they cannot be moved so far."""
        if not hasattr(event.data, "pinned"):
            return event
        latest = case.reported + EXTENDED_AT_MOST if case is not None and event.type == "case.extended" else None
        if latest is not None and case is not None and (case.due or 0) > latest:
            return no("extended_too_far", until=latest)
        pinned = self.later(event, case) if case is not None else None
        if latest is not None and pinned is not None and (pinned.due or 0) > latest:
            return no("extended_too_far", until=latest)
        if pinned is None and event.data.pinned is None:
            return event
        return with_members(event, pinned=pinned)


def source_due(data: ev.Reported) -> int | None:
    """The due time that a source sets itself, ms; one outside the years that a calendar knows is none."""
    due = ms(data.due) if data.due else None
    return due if due is not None and EARLIEST <= due < LATEST_DUE else None
