"""A source goes along with what the desk has decided, and says nothing that would overturn it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashboard.cases.case import Case
from dashboard.cases.envelope import DESK
from dashboard.cases.event import Event, make
from dashboard.cases.fold import fold
from dashboard.simulate.desk_first import DeskFirst
from tests.made import T0, case, entry, event

REPORTED = event("case.reported", workflow="grid")


def by_desk(type_: str, **data: Any) -> Event:
    return make(type_, data, id=f"d-{type_}", case=case(), source=DESK, at=T0 + 1)


def first(*events: Event) -> DeskFirst:
    state: Case | None = None
    for e in events:
        after = fold(e, state)
        assert isinstance(after, Case), after
        state = after
    assert state is not None
    return DeskFirst({state.case: (state, list(events))}.get)


GIVEN = (REPORTED, event("case.accepted"), by_desk("case.dispatched", to="u9"))
SIGNED = (*GIVEN, event("case.signed", unit="u9"))


@pytest.mark.parametrize(
    ("events", "type_", "data", "sent"),
    [
        ((REPORTED, event("case.accepted")), "case.dispatched", {"to": "u1"}, {"to": "u1"}),  # the desk has done nothing
        ((REPORTED,), "case.filed", {}, {}),  # nor is anything judged that the engine may not have taken in yet
        (GIVEN, "case.dispatched", {"to": "u1"}, None),
        (GIVEN, "case.filed", {}, None),
        (GIVEN, "case.return_requested", {"reason": "no", "unit": "u1"}, None),
        (GIVEN, "case.voided", {"reason": "twice"}, None),
        (GIVEN, "case.signed", {"unit": "u1"}, {"unit": "u9"}),
        (SIGNED, "case.handled", {"unit": "u1", "result": "done"}, {"unit": "u9", "result": "done"}),
        (SIGNED, "case.dispatched", {"to": "u1"}, None),  # further down, as it had planned
        (SIGNED, "case.urged", {"to": "u1"}, {"to": "u1"}),
        ((REPORTED, by_desk("case.accepted")), "case.accepted", {}, None),
        ((REPORTED, by_desk("case.accepted")), "case.dispatched", {"to": "u1"}, {"to": "u1"}),  # only accepted: it goes on
        ((REPORTED, by_desk("case.voided", reason="no")), "case.accepted", {}, None),
        ((REPORTED, by_desk("case.noted", text="hm")), "case.accepted", {}, {}),  # a note decides nothing
    ],
)
def test_what_is_still_said(events: tuple[Event, ...], type_: str, data: dict[str, Any], sent: dict[str, Any] | None) -> None:
    out = first(*events).fit([entry(type_, data=data)])
    assert [msgspec.json.decode(body)["data"] for body in out] == ([] if sent is None else [sent])


def test_others_and_reports_pass_as_they_are() -> None:
    bodies = [entry("case.reported", "B"), entry("case.accepted", "B"), entry("source.heartbeat", "heartbeat")]
    assert first(*GIVEN).fit(bodies) == bodies
