"""Alarms: which event raises one and which event ends it. A pure function; what it says is stored with the events (DOMAIN.md 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.envelope import DESK, ENGINE
from dashboard.cases.event import Event
from dashboard.cases.scalar import Instant
from dashboard.cases.stage import Level, Severity

REACH = {"dispatcher": "unit_head", "duty_chief": "duty_chief", "commander": "commander"}
"""By role: the highest level whose alarms an acknowledgement reaches. No account is a unit's head: the desk speaks with them."""


def reach_of(role: str) -> Level:
    """The highest level whose alarms wait for this role; who acknowledges none sees all."""
    return Level[REACH.get(role, Level.commander.name)]


CONCERNED = frozenset(
    {"case.escalated", "case.urged", "case.sla_breached", "case.acknowledged", "case.corrected", "case.closed", "case.voided"}
)
"""Types of events for which the open alarms of their case must be known."""


class Acknowledged(TypedDict):
    """Who has read an alarm, by name, and when."""

    by: str
    at: Instant


class Alarm(msgspec.Struct, frozen=True):
    """`id` is that of the event which raised it, unique within the case. Instants in ms."""

    case: str
    id: str
    kind: Literal["new_danger", "escalated", "breached"]
    level: int
    at: int
    to: tuple[str, ...] = ()
    """Levels or units that are named; nobody: everybody who sees the case."""
    by: str | None = None
    """The account that raised it; None where the engine or a source did."""
    acknowledged: int | None = None
    acknowledged_id: str | None = None
    acknowledged_by: str | None = None
    """The name of who acknowledged it."""
    ended: int | None = None
    """Since when nobody has to see it: it was acknowledged or undone, or its case ended."""
    ended_by: str | None = None
    """Id of the event that ended it: where that is undone, the alarm stands again."""

    @property
    def read(self) -> Acknowledged | None:
        return None if self.acknowledged is None else {"by": self.acknowledged_by or "", "at": self.acknowledged}

    @property
    def key(self) -> tuple[str, str]:
        return self.case, self.id


def concerns(event_type: str, severity: int) -> bool:
    """Whether an event may raise or end an alarm."""
    return event_type in CONCERNED or (event_type == "case.reported" and severity == Severity.danger)


Step = tuple[Event, Case | None, Case]
"""An event with its case before and after it."""


def follow(alarms: Iterable[Alarm], steps: Iterable[Step], now: int) -> list[Alarm]:
    """The alarms that these events, in their order, raise or change, as they are then. `alarms`: those of the cases, open or not."""
    known: dict[str, dict[str, Alarm]] = {}
    for alarm in alarms:
        known.setdefault(alarm.case, {})[alarm.id] = alarm
    made: dict[tuple[str, str], Alarm] = {}
    for event, before, after in steps:
        if concerns(event.type, after.severity):
            mine = known.setdefault(event.case, {})
            fresh = changed(event, before, after, list(mine.values()), now)
            mine |= {a.id: a for a in fresh}
            made |= {a.key: a for a in fresh}
    return list(made.values())


def waits_for(alarm: Alarm, reach: Level, account: str | None) -> bool:
    """Whether this account, whose acknowledgement reaches so far, ends the alarm with it. Whoever raised one does not acknowledge it: it
    was to reach somebody else.
    """
    return alarm.ended is None and alarm.level <= reach and (alarm.by is None or alarm.by != account)


def changed(event: Event, before: Case | None, after: Case, alarms: Sequence[Alarm], now: int) -> list[Alarm]:
    """The alarms that this event raises, acknowledges or ends, as they are then. `alarms`: those of the case, open or not. With the undo of
    what ended one it stands again, as unread as before.
    """
    open_ = [a for a in alarms if a.ended is None]
    if after.ended:
        return [_over(a, event, now) for a in open_]
    if event.type == "case.acknowledged":
        return [_seen(a, event, now) for a in open_ if waits_for(a, Level[event.data.reach], event.data.by)]
    undone = event.data.undoes if event.type == "case.corrected" and event.cause else None
    over = [_over(a, event, now) for a in open_ if a.id == undone]
    again = [_again(a) for a in alarms if undone and a.ended_by == undone]
    return [*over, *again, *_raised(event, before, after, open_, now)]


def _raised(event: Event, before: Case | None, after: Case, alarms: Iterable[Alarm], now: int) -> list[Alarm]:
    """None where an alarm of the same kind and level is still unread: that one goes on."""
    made = _new_danger(event, before, after, now) or _called(event, after, now)
    same = made and any((a.kind, a.level, a.to) == (made.kind, made.level, made.to) for a in alarms)
    return [made] if made and not same else []


def _new_danger(event: Event, before: Case | None, after: Case, now: int) -> Alarm | None:
    was = before is not None and before.severity == Severity.danger
    return Alarm(after.case, event.id, "new_danger", 0, now) if after.severity == Severity.danger and not was else None


def _called(event: Event, after: Case, now: int) -> Alarm | None:
    """What the desk escalates, and what the ladder makes heard: a step, a breach, or the repeat of what it said before."""
    data, ladder = event.data, event.source == ENGINE and getattr(event.data, "alarm", False) and not event.data.silent
    if event.type == "case.escalated" and (ladder or event.source == DESK):
        by = data.by if event.source == DESK else None
        return _to_level(event, after, Level[data.level] if data.level else Level.unit_head, now, by)
    if not ladder:
        return None
    if event.type == "case.urged" and after.level:
        return _to_level(event, after, Level(after.level), now, None)
    return Alarm(after.case, event.id, "breached", 0, now, (after.owner,) if after.owner else ())


def _to_level(event: Event, after: Case, level: Level, now: int, by: str | None) -> Alarm:
    to = getattr(event.data, "to", None)
    return Alarm(after.case, event.id, "escalated", int(level), now, (to,) if to else (level.name,), by)


def _seen(alarm: Alarm, event: Event, now: int) -> Alarm:
    who, over = event.actor or event.source, _over(alarm, event, now)
    return msgspec.structs.replace(over, acknowledged=now, acknowledged_id=event.data.by or event.source, acknowledged_by=who)


def _over(alarm: Alarm, event: Event, now: int) -> Alarm:
    return msgspec.structs.replace(alarm, ended=now, ended_by=event.id)


def _again(alarm: Alarm) -> Alarm:
    return Alarm(alarm.case, alarm.id, alarm.kind, alarm.level, alarm.at, alarm.to, alarm.by)
