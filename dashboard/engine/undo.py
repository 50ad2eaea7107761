"""Undo: a compensating event that makes the case what it would be without the undone command (DOMAIN.md 5, docs/decisions/0007, 0014)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.access.role import User
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.standing import standing, stands_in_the_way
from dashboard.cases.verb import UNDO_OTHERS, UNDO_WITHIN, VERBS
from dashboard.engine.history import CaseHistory

AUDIT = frozenset({"case", "version", "pos", "last_at", "last_type", "last_actor", "provenance"})
"""What an undo does not put back: these fields tell that it happened."""


def effect(target: str, actor: User, case: Case, history: CaseHistory, now: int) -> Event | Refusal:
    """The event of the command `target`, or why this actor cannot undo it now. The five minutes are the engine's, as all its times are."""
    done = history.outcome(target)
    if done is None or done.case != case.case:
        return no("undo_unknown", command=target, case=case.case)
    if done.status != "accepted":
        return no("undo_refused", verb=done.verb)
    if not VERBS[done.verb].undoable:
        return no("undo_kept", verb=done.verb)
    since = after(history.events(case.case), target)
    acted = stands_in_the_way(since)
    if acted is not None:
        return no("undo_acted", who=acted.actor or acted.source, type=acted.type, at=acted.at)
    if done.actor.id != actor.id and actor.role not in UNDO_OTHERS:
        return no("undo_other", who=done.actor.name)
    made = next(e for e in since if e.id == target)
    return no("undo_late", who=done.actor.name, verb=done.verb, at=made.at) if now - made.at > UNDO_WITHIN else made


def after(events: Sequence[Event], command: str) -> list[Event]:
    """What this command made of the case and whatever came after it; nothing where it made nothing."""
    at = next((n for n, e in enumerate(events) if e.cause == command), len(events))
    return list(events[at:])


def restored(events: Sequence[Event], command: str, case: Case) -> dict[str, Any]:
    """The fields of `case` as they would be without this command, those that differ only."""
    before: Case | None = None
    for event in standing([e for e in events if e.cause != command]):
        folded = fold(event, before)
        if isinstance(folded, Refusal):
            raise ValueError(f"{event.id} was not folded: {folded.message}")
        before = folded
    now, then = msgspec.structs.asdict(case), msgspec.structs.asdict(before) if before else {}
    return {name: value for name, value in then.items() if name not in AUDIT and value != now[name]}
