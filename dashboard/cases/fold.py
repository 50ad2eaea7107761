"""The one pure fold: event, case -> case | refusal (DOMAIN.md 2). Nothing here reads a clock, a table or a setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from dashboard.cases import event_data as ev
from dashboard.cases.case import RETURNS, Case
from dashboard.cases.event import Event
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.stage import Level, Severity, Stage
from dashboard.cases.workflow import WORKFLOWS
from dashboard.clock import MINUTE, ms

SILENCE = 15 * MINUTE
"""An alarm that sounded or was acknowledged is silent for this long; then it comes again (DOMAIN.md 4)."""


ARBITRATED = no("arbitrated", n=RETURNS)
UNREPORTED = no("unreported")


def fold(event: Event, case: Case | None) -> Case | Refusal:
    """The case after the event, one version on, or why not. Neither argument is changed."""
    if event.type == "case.reported":
        return _reported(event) if case is None else no("reported_already", case=case.case)
    if case is None:
        return UNREPORTED
    step = WORKFLOWS[case.workflow].get(event.type)
    if step is None or case.stage not in step[0]:
        stages = [s.name for s in sorted(step[0])] if step else []
        return no("stage", type=event.type, stage=Stage(case.stage).name, stages=stages)
    effect = EFFECTS[event.type](event, case)
    return effect if isinstance(effect, Refusal) else _apply(event, case, step[1], effect)


def _reported(event: Event) -> Case:
    data: ev.Reported = event.data
    found = data.intake or ev.IntakeFacts()
    set_by = {"category": 1, "severity": 1, "channel": 1, "place": 1, "due": 1}
    return Case(
        case=event.case, workflow=data.workflow, version=1, pos=event.pos, stage=Stage.REPORTED,
        severity=Severity[data.severity or found.severity], category=data.category, channel=data.channel, reported=event.at,
        title=data.title, address=data.place.address or "", lon=found.lon, lat=found.lat, grid=found.grid,
        policy=found.policy, last_at=event.at, stage_since=event.at, **_promise(found.promise),
        flags=list(found.flags), provenance=set_by, last_type=event.type, last_actor=event.actor,
    )  # fmt: skip


def _apply(event: Event, case: Case, leads_to: Stage | None, effect: dict[str, Any]) -> Case:
    change: dict[str, Any] = {"version": case.version + 1, "pos": event.pos, "last_type": event.type, "last_actor": event.actor}
    if leads_to is not None:
        change |= {"stage": leads_to, "stage_since": event.at}
    change |= effect
    if event.at < case.last_at:
        backwards = event.type == "case.closed" and event.at < case.reported
        change["flags"] = _flag(change.get("flags", case.flags), "closed_before_reported" if backwards else "out_of_order")
    else:
        change["last_at"] = event.at
    traced = _TRACED.intersection(change)
    if traced:
        change["provenance"] = case.provenance | dict.fromkeys(traced, case.version + 1)
    return msgspec.structs.replace(case, **change)


_TRACED = frozenset({"stage", "owner", "due", "severity", "category", "level", "suspended", "closed"})


def _flag(flags: list[str], flag: str) -> list[str]:
    return flags if flag in flags else [*flags, flag]


def _plain(event: Event, case: Case) -> dict[str, Any]:
    return {}


def _signed(event: Event, case: Case) -> dict[str, Any]:
    unit = event.data.unit
    return {"flags": _flag(case.flags, "unit_mismatch")} if unit and case.owner and unit != case.owner else {}


def _given(event: Event, case: Case) -> dict[str, Any]:
    """A unit receives the case: its owner clock starts now, not at signing."""
    to = event.data.to
    change: dict[str, Any] = {"owner": to, "owner_since": event.at, "pending": "", "passed": False}
    if case.first_owner is None:
        change["first_owner"] = to
    if isinstance(event.data, ev.Dispatched) and event.data.co_units:
        change["co_units"] = event.data.co_units
    return change


def _checked(event: Event, case: Case) -> dict[str, Any]:
    if event.data.passed:
        return {"passed": True}
    if case.workflow == "simple":
        return {"rework": case.rework + 1}
    return {"stage": Stage.DISPATCHED, "stage_since": event.at, "rework": case.rework + 1, "passed": False, "owner_since": event.at}


def _closed(event: Event, case: Case) -> dict[str, Any] | Refusal:
    if case.workflow == "grid" and not case.passed:
        return no("unchecked")
    return _end(event, case) | {"satisfaction": event.data.satisfaction}


def _end(event: Event, case: Case) -> dict[str, Any]:
    return {"closed": event.at, "pending": "", **(_resume(event, case) if case.suspended is not None else {})}


def _reopened(event: Event, case: Case) -> dict[str, Any]:
    stage = Stage.DISPATCHED if case.owner else Stage.ACCEPTED
    return {"stage": stage, "closed": None, "passed": False, "owner_since": event.at}


def _escalated(event: Event, case: Case) -> dict[str, Any]:
    level = Level[event.data.level] if event.data.level else Level.unit_head
    return {"level": max(case.level, level), **_step_done(event, case)}


def _urged(event: Event, case: Case) -> dict[str, Any]:
    return {"urges": case.urges + 1, **_step_done(event, case)}


def _supervised(event: Event, case: Case) -> dict[str, Any]:
    return {"supervisions": case.supervisions + 1, **_step_done(event, case)}


def _return_requested(event: Event, case: Case) -> dict[str, Any] | Refusal:
    """A pending request stops no clock."""
    return ARBITRATED if case.arbitration else {"pending": "return"}


def _return_refused(event: Event, case: Case) -> dict[str, Any]:
    return {"pending": ""}


def _return_approved(event: Event, case: Case) -> dict[str, Any] | Refusal:
    return ARBITRATED if case.arbitration else {"pending": "", "returns": case.returns + 1, "owner": None, "owner_since": event.at}


def _promise(pinned: ev.Pinned | None) -> dict[str, Any]:
    """The instants that the engine's SLA rules pinned to the event; without them everything stays."""
    if pinned is None:
        return {}
    return {"due": pinned.due, "amber": pinned.amber, "limit": pinned.limit, "mode": pinned.mode, "rungs": pinned.rungs}


def _extended(event: Event, case: Case) -> dict[str, Any]:
    return _promise(event.data.pinned)


def _suspended(event: Event, case: Case) -> dict[str, Any] | Refusal:
    if case.severity == Severity.danger:
        return no("danger")
    if case.suspended is not None:
        return no("suspended")
    return {"suspended": event.at, "until": ms(event.data.until)}


def _resumed(event: Event, case: Case) -> dict[str, Any] | Refusal:
    if case.suspended is None:
        return no("not_suspended")
    return _resume(event, case)


def _resume(event: Event, case: Case) -> dict[str, Any]:
    return {"suspended": None, "until": None, **_promise(event.data.pinned)}


def _step_done(event: Event, case: Case) -> dict[str, Any]:
    """A step of the ladder is done once, whatever repeats; an alarm that sounded is silent for a while."""
    change: dict[str, Any] = {"quiet_until": event.at + SILENCE} if event.data.alarm else {}
    if event.data.rung is not None:
        return change | {"rung": max(case.rung, event.data.rung)}
    return change | ({"repeats": case.repeats + 1} if event.data.alarm else {})


def _recalculated(event: Event, case: Case) -> dict[str, Any] | Refusal:
    if event.data.pinned is None:
        return no("no_policy", policy=event.data.policy, category=case.category)
    return {"policy": event.data.policy, **_promise(event.data.pinned)}


def _acknowledged(event: Event, case: Case) -> dict[str, Any]:
    return {"quiet_until": event.at + SILENCE}


def _corrected(event: Event, case: Case) -> dict[str, Any]:
    """Only an undo, which is the effect of a command, puts anything back; a source's correction is a remark."""
    return dict(event.data.restored or {}) if event.cause else {}


def _merged(event: Event, case: Case) -> dict[str, Any]:
    return {"merged_into": event.data.into}


def _led(event: Event, case: Case) -> dict[str, Any] | Refusal:
    """The strictest clock of all that are merged leads (DOMAIN.md 5); only the engine knows it."""
    if not event.cause:
        return no("follows_merge", type=event.type)
    others = [d for d in case.duplicates if d != event.data.duplicate]
    joined = [event.data.duplicate] if event.type != "case.duplicate_left" else []
    return {"duplicates": [*others, *joined], "took": event.data.took, **_promise(event.data.pinned)}


def _unmerged(event: Event, case: Case) -> dict[str, Any]:
    return {"merged_into": None}


EFFECTS: dict[str, Callable[[Event, Case], dict[str, Any] | Refusal]] = {
    "case.accepted": _plain,
    "case.filed": _plain,
    "case.dispatched": _given,
    "case.signed": _signed,
    "case.handled": _signed,
    "case.check_requested": _plain,
    "case.checked": _checked,
    "case.closed": _closed,
    "case.voided": _end,
    "case.reopened": _reopened,
    "case.reassigned": _given,
    "case.escalated": _escalated,
    "case.urged": _urged,
    "case.supervised": _supervised,
    "case.return_requested": _return_requested,
    "case.return_refused": _return_refused,
    "case.return_approved": _return_approved,
    "case.extended": _extended,
    "case.suspended": _suspended,
    "case.resumed": _resumed,
    "case.acknowledged": _acknowledged,
    "case.recalculated": _recalculated,
    "case.noted": _plain,
    "case.merged": _merged,
    "case.unmerged": _unmerged,
    "case.duplicate_joined": _led,
    "case.duplicate_moved": _led,
    "case.duplicate_left": _led,
    "case.corrected": _corrected,
    "case.sla_breached": _step_done,
}
