"""Undo: a compensating event that puts the case back to where the undone command found it (DOMAIN.md 5, docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.access.role import User
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.fold import fold, standing
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.verb import UNDO_OTHERS, UNDO_WITHIN, VERBS
from dashboard.engine.history import CaseHistory

AUDIT = frozenset({"case", "version", "pos", "last_at", "last_type", "last_actor", "provenance"})
"""What an undo does not put back: these fields tell that it happened."""


def refusal(target: str, actor: User, case: Case, history: CaseHistory, now: int) -> Refusal | None:
    """Why the command `target` cannot be undone by this actor now. The five minutes are the engine's, as all its times are."""
    done = history.outcome(target)
    if done is None or done.case != case.case:
        return no("undo_unknown", command=target, case=case.case)
    if done.status != "accepted":
        return no("undo_refused", verb=done.verb)
    if not VERBS[done.verb].undoable:
        return no("undo_kept", verb=done.verb)
    last = history.events(case.case)[-1]
    if last.cause != target:
        return no("undo_acted", who=last.actor or last.source, type=last.type, at=last.at)
    if done.actor.id != actor.id and actor.role not in UNDO_OTHERS:
        return no("undo_other", who=done.actor.name)
    return no("undo_late", who=done.actor.name, verb=done.verb, at=last.at) if now - last.at > UNDO_WITHIN else None


def restored(events: Sequence[Event], case: Case) -> dict[str, Any]:
    """The fields of `case` as they were before the command that made its last event, those that differ only."""
    before: Case | None = None
    for event in standing([e for e in events if e.cause != events[-1].cause]):
        after = fold(event, before)
        if isinstance(after, Refusal):
            raise ValueError(f"{event.id} was not folded: {after.message}")
        before = after
    now, then = msgspec.structs.asdict(case), msgspec.structs.asdict(before) if before else {}
    return {name: value for name, value in then.items() if name not in AUDIT and value != now[name]}
