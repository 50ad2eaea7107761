"""The escalation ladder: what happens at which percent of the limit (DOMAIN.md 4)."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import deque
from typing import Any, NamedTuple

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.stage import Level, Severity
from dashboard.clock import MINUTE, iso

BY = "sla"
"""Who a timer's events are by."""
REASONS = {"of_limit": ("percent",), "alarm_repeated": ("n", "most")}
"""Why a timer's events happen: a key (words: `reason.<key>`), and the members of the event that fill it."""


class Step(msgspec.Struct, frozen=True):
    """At `percent` of the limit: who gains authority, whether the handler is urged, whether an order that wants a reply goes out."""

    percent: int
    urge: bool = False
    supervise: bool = False
    level: str | None = None


LADDERS: dict[str, tuple[Step, ...]] = {
    "danger": (
        Step(50, urge=True),
        Step(75, supervise=True, level="unit_head"),
        Step(100, level="duty_chief"),
        Step(125, level="commander"),
    ),
    "": (
        Step(80, urge=True),
        Step(100, supervise=True, level="unit_head"),
        Step(150, level="duty_chief"),
        Step(200, level="commander"),
    ),
}
"""By severity; "" is every other one."""

REPLY_WITHIN = 60 * MINUTE
"""A supervision order wants its reply within this time."""
REPEATS = 5
"""An alarm is repeated at most this often."""
QUIET = (22, 7)
"""Hours of the local day in which only danger makes itself heard."""
FLOOD_WITHIN, FLOOD_SIZE = 10 * MINUTE, 20
"""More alarms than this of one unit and category in this time are one alarm."""


def ladder(severity: str) -> tuple[Step, ...]:
    return LADDERS.get(severity, LADDERS[""])


def percents(severity: str) -> tuple[int, ...]:
    return tuple(step.percent for step in ladder(severity))


def next_timer(case: Case) -> int | None:
    """When (ms) the engine must look at this case again: a step of the ladder, the end of a suspension, or the repeat of a danger alarm."""
    if case.ended:
        return None
    if case.suspended is not None:
        return case.until
    waits = [] if case.rung >= len(case.rungs) else [case.rungs[case.rung]]
    if case.quiet_until is not None and case.severity == Severity.danger and case.repeats < REPEATS:
        waits.append(case.quiet_until)
    return min(waits, default=None)


class Due(NamedTuple):
    """What a timer makes happen: an event type and its data."""

    type: str
    data: dict[str, Any]


def fire(case: Case, now: int) -> list[Due]:
    """What is due for this case as it is now; nothing when it has moved on meanwhile.

    After a downtime several steps may have passed: only the highest one speaks, the breach is told once.
    """
    timer = next_timer(case)
    if timer is None or timer > now:
        return []
    if case.suspended is not None:
        return [Due("case.resumed", {"by": BY})]
    done = bisect_right(case.rungs, now)
    if done <= case.rung:
        return [Due("case.urged", {"reason": "alarm_repeated", "n": case.repeats + 1, "most": REPEATS, "by": BY, "alarm": True})]
    steps = ladder(Severity(case.severity).name)
    step, common = steps[done - 1], {"rung": done, "by": BY, "reason": "of_limit", "percent": steps[done - 1].percent}
    made = []
    if any(s.percent >= 100 for s in steps[:done]) and not any(s.percent >= 100 for s in steps[: case.rung]):
        breach = {"clock": "total", "due": iso(case.due or now), "unit": case.owner, "rung": done, "alarm": True}
        made.append(Due("case.sla_breached", {k: v for k, v in breach.items() if v is not None}))
    if step.urge:
        made.append(Due("case.urged", common))
    if step.supervise:
        made.append(Due("case.supervised", common | {"reply_due": iso(now + REPLY_WITHIN)}))
    if step.level and Level[step.level] > case.level:
        made.append(Due("case.escalated", common | {"level": step.level, "alarm": True}))
    return made or [Due("case.urged", common)]


def event_id(case: Case, due: Due) -> str:
    """The same for the same step of the same version of the case, so that it cannot be fired twice."""
    digest = hashlib.blake2b(f"{case.case} {case.version} {due.type}".encode(), digest_size=10).hexdigest()
    return f"{next_timer(case) or 0:012x}-{digest}"


class AlarmFlood:
    """Counts alarms by unit and category, so that many of one kind become one (in memory: a restarted engine may repeat one)."""

    def __init__(self) -> None:
        self._alarms: dict[tuple[str | None, str], deque[int]] = {}

    def silent(self, case: Case, now: int) -> bool:
        """Whether this alarm is one too many of its kind."""
        recent = self._alarms.setdefault((case.owner, case.category), deque())
        while recent and recent[0] <= now - FLOOD_WITHIN:
            recent.popleft()
        recent.append(now)
        return len(recent) > FLOOD_SIZE


def quiet(case: Case, local_hour: int) -> bool:
    """Whether only danger may make itself heard at this hour."""
    late, early = QUIET
    return case.severity != Severity.danger and (local_hour >= late or local_hour < early)
