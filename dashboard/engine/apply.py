"""An event meets its case: the SLA rules pin the instants that it moves, the fold says what the case is then."""

from __future__ import annotations

from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal
from dashboard.clocks.rules import SlaRules


def apply(event: Event, case: Case | None, sla: SlaRules) -> tuple[Event, Case] | Refusal:
    """The event as it is stored and the case after it, or why it cannot be."""
    pinned = sla.pin(event, case)
    if isinstance(pinned, Refusal):
        return pinned
    after = fold(pinned, case)
    return after if isinstance(after, Refusal) else (pinned, after)
