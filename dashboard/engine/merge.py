"""Merging duplicates, reversibly: the strictest clock leads, every reporter's own clock goes on (PRODUCT.md, case; docs/decisions/0008)."""

from __future__ import annotations

import hashlib

from dashboard.cases.bound import DUPLICATES
from dashboard.cases.case import Case
from dashboard.cases.envelope import ENGINE
from dashboard.cases.event import Event, make
from dashboard.cases.event_data import Joined, Pinned
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal, no
from dashboard.clocks.rules import SlaRules
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


def leader(event: Event, case: Case, history: CaseHistory, sla: SlaRules) -> tuple[Event, Case] | None:
    """What follows for the case that leads from an event and the case after it, in the same transaction: its duplicates, and the strictest
    due time of them all whenever one is merged, unmerged or has its promise moved. A source that says `case.merged` for itself, which
    nobody has checked, makes no leader.
    """
    into = event.data.into if event.type in TELLS else case.merged_into
    lead = history.case(into) if into else None
    if lead is None or not (event.cause if event.type == "case.merged" else case.case in lead.duplicates):
        return None
    made = _event(event, lead, history, sla)
    after = fold(made, lead)
    return None if isinstance(after, Refusal) or (made.type == MOVED and made.data.pinned is None) else (made, after)


def _event(cause: Event, case: Case, history: CaseHistory, sla: SlaRules) -> Event:
    type_ = TELLS.get(cause.type, MOVED)
    others = [d for d in case.duplicates if d != cause.case] + ([cause.case] if cause.type != "case.unmerged" else [])
    pinned, took = _strictest(case, [history.case(d) for d in others], sla)
    data = Joined(duplicate=cause.case, by=getattr(cause.data, "by", None), took=took, pinned=pinned)
    at = max(cause.at, case.last_at)
    name = hashlib.blake2b(f"{cause.source} {cause.id} leader".encode(), digest_size=16).hexdigest()
    reason = cause.cause or cause.id
    return make(type_, data, id=name, case=case.case, source=ENGINE, at=at, actor=cause.actor, cause=reason)


def _strictest(case: Case, others: list[Case | None], sla: SlaRules) -> tuple[Pinned | None, int]:
    """(instants, ms by which they are earlier than the case's own); no instants where nothing moves."""
    if case.due is None or case.ended:
        return None, case.took
    own = case.due + case.took
    led = min([own, *(d.due for d in others if d is not None and d.due is not None)])
    return (None if led == case.due else sla.led(case, led)), own - led
