"""Merging duplicates, reversibly: the strictest clock leads, every reporter's own clock goes on (PRODUCT.md, case; docs/decisions/0008)."""

from __future__ import annotations

import hashlib

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.event import Event, Joined, Pinned
from dashboard.cases.fold import fold
from dashboard.cases.memory import Memory
from dashboard.cases.refusal import Refusal, no
from dashboard.clocks.book import Book


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
    if into.ended:
        return no("merge_ended", case=into.case)
    if into.due is None and case.due is not None:
        return no("merge_promise", case=into.case)
    return None


def leader(event: Event, memory: Memory, book: Book) -> tuple[Event, Case] | None:
    """What a merge or unmerge does to the case that leads, in the same transaction: its duplicates and the strictest due time."""
    if event.type not in {"case.merged", "case.unmerged"}:
        return None
    case = memory.case(event.data.into)
    if case is None or (event.type == "case.unmerged" and event.case not in case.duplicates):
        return None
    made = _event(event, case, memory, book)
    after = fold(made, case)
    return None if isinstance(after, Refusal) else (made, after)


def _event(cause: Event, case: Case, memory: Memory, book: Book) -> Event:
    joins = cause.type == "case.merged"
    others = [d for d in case.duplicates if d != cause.case] + ([cause.case] if joins else [])
    pinned, took = _strictest(case, [memory.case(d) for d in others], book)
    data = Joined(duplicate=cause.case, by=cause.data.by, took=took, pinned=pinned)
    type_ = "case.duplicate_joined" if joins else "case.duplicate_left"
    at = max(cause.at, case.last_at)
    name = hashlib.blake2b(f"{cause.id} leader".encode(), digest_size=16).hexdigest()
    return Event(name, type_, case.case, cause.source, at, data, msgspec.json.encode(data), actor=cause.actor, cause=cause.cause)


def _strictest(case: Case, others: list[Case | None], book: Book) -> tuple[Pinned | None, int]:
    """(instants, ms by which they are earlier than the case's own); no instants where nothing moves."""
    if case.due is None or case.ended:
        return None, case.took
    own = case.due + case.took
    led = min([own, *(d.due for d in others if d is not None and d.due is not None)])
    return (None if led == case.due else book.led(case, led)), own - led
