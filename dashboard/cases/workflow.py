"""Workflows as data: which event may happen in which stage, and where it leads (DOMAIN.md 2)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.cases.stage import ENDED, OPEN, Stage

S = Stage
ACTIVE = OPEN
HELD = frozenset({S.DISPATCHED, S.SIGNED, S.HANDLED, S.CHECKING})
"""Stages in which a unit owns the case."""

Step = tuple[frozenset[Stage], Stage | None]
"""(stages in which the event is allowed, stage it leads to; None = stays)"""

_OVERLAY: dict[str, Step] = {
    "case.urged": (ACTIVE, None),
    "case.supervised": (ACTIVE, None),
    "case.escalated": (ACTIVE, None),
    "case.extended": (ACTIVE, None),
    "case.suspended": (ACTIVE, None),
    "case.resumed": (ACTIVE, None),
    "case.sla_breached": (ACTIVE, None),
    "case.acknowledged": (ACTIVE, None),
    "case.recalculated": (ACTIVE, None),
    "case.noted": (frozenset(Stage), None),
    "case.merged": (ACTIVE, None),
    "case.unmerged": (ACTIVE, None),
    "case.duplicate_joined": (ACTIVE, None),
    "case.duplicate_moved": (ACTIVE, None),
    "case.duplicate_left": (frozenset(Stage), None),
    "case.corrected": (frozenset(Stage), None),
    "case.voided": (ACTIVE, S.VOIDED),
    "case.reopened": (ENDED, S.ACCEPTED),
}

GRID: dict[str, Step] = _OVERLAY | {
    "case.accepted": (frozenset({S.REPORTED}), S.ACCEPTED),
    "case.filed": (frozenset({S.ACCEPTED}), S.FILED),
    "case.dispatched": (frozenset({S.ACCEPTED, S.FILED, S.DISPATCHED, S.SIGNED}), S.DISPATCHED),
    "case.signed": (frozenset({S.DISPATCHED}), S.SIGNED),
    "case.handled": (frozenset({S.SIGNED}), S.HANDLED),
    "case.check_requested": (frozenset({S.HANDLED}), S.CHECKING),
    "case.checked": (frozenset({S.CHECKING}), None),
    "case.closed": (frozenset({S.CHECKING}), S.CLOSED),
    "case.reassigned": (frozenset({S.DISPATCHED, S.SIGNED}), S.DISPATCHED),
    "case.return_requested": (frozenset({S.DISPATCHED, S.SIGNED}), None),
    "case.return_refused": (frozenset({S.DISPATCHED, S.SIGNED}), None),
    "case.return_approved": (frozenset({S.DISPATCHED, S.SIGNED}), S.ACCEPTED),
}

SIMPLE: dict[str, Step] = _OVERLAY | {
    "case.accepted": (ACTIVE, S.ACCEPTED),
    "case.filed": (ACTIVE, S.FILED),
    "case.dispatched": (ACTIVE, S.DISPATCHED),
    "case.signed": (ACTIVE, S.SIGNED),
    "case.handled": (ACTIVE, S.HANDLED),
    "case.check_requested": (ACTIVE, S.CHECKING),
    "case.checked": (ACTIVE, None),
    "case.closed": (ACTIVE, S.CLOSED),
    "case.reassigned": (ACTIVE, S.DISPATCHED),
    "case.return_requested": (HELD, None),
    "case.return_refused": (HELD, None),
    "case.return_approved": (HELD, S.ACCEPTED),
}

WORKFLOWS: Mapping[str, Mapping[str, Step]] = {"grid": GRID, "simple": SIMPLE}
