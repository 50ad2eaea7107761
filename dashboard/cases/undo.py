"""Undo: a compensating event that puts the case back to where the undone command found it (DOMAIN.md 5, docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.fold import Refusal, fold, standing
from dashboard.cases.memory import Memory
from dashboard.clock import MINUTE, iso
from dashboard.roles import User

WITHIN = 5 * MINUTE
KEPT = frozenset({"undo", "note", "acknowledge", "recalculate", "merge", "unmerge"})
"""Said is said, and a merge has its own way back."""
CHIEFS = frozenset({"duty_chief", "commander"})
"""Who may undo what somebody else did."""
AUDIT = frozenset({"case", "version", "pos", "last_at", "last_type", "last_actor", "provenance"})
"""What an undo does not put back: these fields tell that it happened."""


def refusal(target: str, actor: User, case: Case, memory: Memory, zone: str) -> tuple[str, str] | None:
    """(code, message) when the command `target` cannot be undone by this actor now."""
    done = memory.outcome(target)
    if done is None or done.case != case.case:
        return "invalid", f"there is no command {target} for {case.case}: take its id from the case's audit"
    if done.status != "accepted":
        return "not_allowed", f"the command was refused ({done.code}), so there is nothing to undo"
    if done.verb in KEPT:
        return "not_allowed", f"{done.verb} cannot be undone; {_instead(done.verb)}"
    last = memory.events(case.case)[-1]
    if last.cause != target:
        who = last.actor or last.source
        return "conflict", f"{who} did {last.type} at {iso(last.at, zone)} since: undo that first, or set right what is wrong now"
    if done.actor.id != actor.id and actor.role not in CHIEFS:
        return "not_allowed", f"{done.actor.name} did this: they, the duty chief or the commander can undo it"
    if memory.wall - last.recorded > WITHIN:
        when = iso(last.at, zone)
        return "not_allowed", f"{done.actor.name} did {done.verb} at {when}; an undo is for 5 minutes: give the opposite command instead"
    return None


def _instead(verb: str) -> str:
    return {"merge": "unmerge the case", "unmerge": "merge the case again", "undo": "give the command again"}.get(verb, "add a note")


def restored(events: Sequence[Event], case: Case) -> dict[str, Any]:
    """The fields of `case` as they were before the last of its events, those that differ only."""
    before: Case | None = None
    for event in standing(events[:-1]):
        after = fold(event, before)
        if isinstance(after, Refusal):
            raise ValueError(f"{event.id} was not folded: {after.message}")
        before = after
    now, then = msgspec.structs.asdict(case), msgspec.structs.asdict(before) if before else {}
    return {name: value for name, value in then.items() if name not in AUDIT and value != now[name]}
