"""What a move does to every clock of a case, before anybody confirms it: the real SLA rules on a history with one event more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from dashboard.cases.acceptance import accepted_first
from dashboard.cases.case import Case
from dashboard.cases.event import Event, make
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal
from dashboard.cases.scalar import Instant, LightName
from dashboard.cases.stage import TO_DISPATCH
from dashboard.clocks.explain import Clock, clocks
from dashboard.clocks.rules import SlaRules

RUNS = ("running", "paused")


class Promise(TypedDict):
    """Until when a clock's limit holds."""

    due: Instant | None
    amber: Instant | None
    light: LightName


class Effect(TypedDict):
    """What a move does to one clock; null: it does not run then. `kept`: the same clock goes on."""

    clock: str
    before: Promise | None
    after: Promise | None
    kept: bool


def move(events: Sequence[Event], case: Case, to: str, sla: SlaRules, now: int) -> list[Effect]:
    """The clocks that run before or after a move to `to`, each as {due, amber, light} (ms) or None where it does not run; empty when
    the stage allows no move.

    `kept`: the same clock goes on. One that does not was ended by the move, or starts with it.
    """
    moved = _moved(case, to, now)
    steps, after = [*accepted_first(moved, case), moved], case
    for step in steps:
        folded = fold(step, after)
        if isinstance(folded, Refusal):
            return []
        after = folded
    before, then = clocks(events, case, sla, moved.at), clocks([*events, *steps], after, sla, moved.at)
    return [_effect(name, _running(before, name), _running(then, name)) for name in _names(before, then)]


def _moved(case: Case, to: str, now: int) -> Event:
    type_ = "case.dispatched" if case.stage in TO_DISPATCH else "case.reassigned"
    return make(type_, {"to": to, "reason": "?"}, id="?", case=case.case, source="/desk", at=max(now, case.last_at))


def _name(clock: Clock) -> str:
    return "owner" if clock.clock.startswith("owner:") else clock.clock


def _names(before: Sequence[Clock], then: Sequence[Clock]) -> list[str]:
    """total, the stages, the owner: as they run before, then those that are new."""
    running = [_name(c) for c in [*before, *then] if c.end is None]
    order = {"total": 0, "owner": 2}
    return sorted(dict.fromkeys(running), key=lambda name: order.get(name, 1))


def _running(found: Sequence[Clock], name: str) -> Clock | None:
    return next((c for c in found if _name(c) == name and c.end is None), None)


def _effect(name: str, before: Clock | None, after: Clock | None) -> Effect:
    kept = before is not None and after is not None and before.start == after.start and before.clock == after.clock
    return {"clock": name, "before": _shown(before), "after": _shown(after), "kept": kept}


def _shown(clock: Clock | None) -> Promise | None:
    return None if clock is None else {"due": clock.due, "amber": clock.amber, "light": clock.light}
