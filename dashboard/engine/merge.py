"""Merging duplicates, reversibly: the strictest clock leads, every reporter's own clock goes on (PRODUCT.md, case; docs/decisions/0008)."""

from __future__ import annotations

from dashboard.cases.bound import DUPLICATES
from dashboard.cases.case import Case
from dashboard.cases.envelope import ENGINE
from dashboard.cases.event import Event, derived_id, make
from dashboard.cases.event_data import Corrected, Joined, Pinned
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal, no
from dashboard.cases.standing import stands_in_the_way
from dashboard.clocks.rules import SlaRules
from dashboard.engine import undo
from dashboard.engine.history import CaseHistory


def refusal(case: Case, into: Case | None) -> Refusal | None:
    """Why `case` cannot be merged into the other one. One level deep, so that there is no cycle and one leader."""
    if into is None:
        return no("merge_unknown")
    if into.case == case.case:
        return no("merge_self", case=case.case)
    if case.merged_into:
        return no("merged", case=case.case, into=case.merged_into)
    if case.duplicates:
        return no("leads", case=case.case, n=len(case.duplicates), into=into.case)
    if into.merged_into:
        return no("merge_merged", case=into.case, into=into.merged_into)
    if len(into.duplicates) >= DUPLICATES:
        return no("merge_full", case=into.case, n=DUPLICATES)
    if into.ended:
        return no("merge_ended", case=into.case)
    if into.due is None and case.due is not None:
        return no("merge_promise", case=into.case)
    return None


TELLS = {"case.merged": "case.duplicate_joined", "case.unmerged": "case.duplicate_left"}
"""What the leader is told; of anything else that moves a merged case's promise: `case.duplicate_moved`."""
MOVED = "case.duplicate_moved"
OPPOSITE = {"case.merged": "case.duplicate_left", "case.unmerged": "case.duplicate_joined"}
"""What the leader is told when one of these is undone and others have acted on the leader since."""


def leader(event: Event, case: Case, history: CaseHistory, sla: SlaRules) -> tuple[Event, Case] | None:
    """What follows for the case that leads from an event and the case after it, in the same transaction: its duplicates, and the strictest
    due time of them all whenever one is merged, unmerged or has its promise moved. A source that says `case.merged` for itself, which
    nobody has checked, makes no leader.
    """
    undone = _undone(event, history)
    if undone is not None:
        return _take_back(undone, event, history, sla)
    into = event.data.into if event.type in TELLS else case.merged_into
    lead = history.case(into) if into else None
    if lead is None or not (event.cause if event.type == "case.merged" else case.case in lead.duplicates):
        return None
    made = _event(TELLS.get(event.type, MOVED), event, lead, history, sla)
    if made.type == MOVED and made.data.pinned is None:
        return None
    return _folded(made, lead)


def _folded(event: Event, case: Case) -> tuple[Event, Case] | None:
    after = fold(event, case)
    return None if isinstance(after, Refusal) else (event, after)


def _undone(event: Event, history: CaseHistory) -> Event | None:
    """The merge or the end of one that this event undoes."""
    if event.type != "case.corrected" or not event.cause or "merged_into" not in (event.data.restored or {}):
        return None
    return next(e for e in history.events(event.case) if e.cause == event.data.undoes and e.type in TELLS)


def _take_back(undone: Event, event: Event, history: CaseHistory, sla: SlaRules) -> tuple[Event, Case] | None:
    """What the leader was told is undone with it, so that its clocks are as if it had never been told; where somebody has acted on it
    since, it is told the opposite, and what they did is kept.
    """
    lead = history.case(undone.data.into)
    if lead is None:
        return None
    events, command = history.events(lead.case), event.data.undoes
    told = undo.after(events, command)
    if not told or stands_in_the_way(told):
        return _folded(_event(OPPOSITE[undone.type], event, lead, history, sla), lead)
    data = Corrected(undoes=command, by=event.data.by, restored=undo.restored(events, command, lead))
    return _folded(_told(event, "case.corrected", data, lead), lead)


def _event(type_: str, cause: Event, case: Case, history: CaseHistory, sla: SlaRules) -> Event:
    others = [d for d in case.duplicates if d != cause.case] + ([cause.case] if type_ != "case.duplicate_left" else [])
    pinned, took = _strictest(case, [history.case(d) for d in others], sla)
    return _told(cause, type_, Joined(duplicate=cause.case, by=getattr(cause.data, "by", None), took=took, pinned=pinned), case)


def _told(cause: Event, type_: str, data: Joined | Corrected, case: Case) -> Event:
    at, reason = max(cause.at, case.last_at), cause.cause or cause.id
    return make(type_, data, id=derived_id(cause, "leader"), case=case.case, source=ENGINE, at=at, actor=cause.actor, cause=reason)


def _strictest(case: Case, others: list[Case | None], sla: SlaRules) -> tuple[Pinned | None, int]:
    """(instants, ms by which they are earlier than the case's own); no instants where nothing moves."""
    if case.due is None or case.ended:
        return None, case.took
    own = case.due + case.took
    led = min([own, *(d.due for d in others if d is not None and d.due is not None)])
    return (None if led == case.due else sla.led(case, led)), own - led
