"""A case that is only reported is accepted in the same step that dispatches it (DOMAIN.md 5, `reassign`)."""

from __future__ import annotations

from dashboard.cases.case import Case
from dashboard.cases.envelope import ENGINE
from dashboard.cases.event import Event, derived_id, make
from dashboard.cases.workflow import WORKFLOWS

ACCEPTED, DISPATCHED = "case.accepted", "case.dispatched"


def allows(workflow: str, stage: int, effect: str) -> bool:
    """Whether the event may happen in this stage, or after the acceptance that comes with it."""
    steps = WORKFLOWS[workflow]
    return stage in steps[effect][0] or (effect == DISPATCHED and stage in steps[ACCEPTED][0])


def accepted_first(effect: Event, case: Case) -> list[Event]:
    """The acceptance that comes before a dispatch, of the same command; empty where none is needed or none would help."""
    steps = WORKFLOWS[case.workflow]
    if case.stage in steps[effect.type][0] or not allows(case.workflow, case.stage, effect.type):
        return []
    id_, data = derived_id(effect, "accepted"), {"by": effect.data.by} if effect.data.by else {}
    return [make(ACCEPTED, data, id=id_, case=case.case, source=ENGINE, at=effect.at, actor=effect.actor, cause=effect.cause)]
