"""Which event raises an alarm, and which ends it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashboard.cases.alarm import Alarm, changed, concerns
from dashboard.cases.case import Case
from dashboard.cases.envelope import DESK, ENGINE
from dashboard.cases.event import Event
from dashboard.cases.fold import fold
from dashboard.cases.stage import Level
from tests.made import T0, event

NOW = T0 + 5_000
DANGER = {"severity": "danger"}


def happened(type_: str, source: str = "", case: dict[str, Any] | None = None, **data: Any) -> tuple[Event, Case | None, Case]:
    """An event of a danger case of unit u1 (`case` has its own fields), with the case before and after it."""
    before = None
    if type_ != "case.reported":
        before = fold(event("case.reported", **DANGER), None)
        assert isinstance(before, Case)
        before = msgspec.structs.replace(before, **({"stage": 4, "owner": "u1"} | (case or {})))
    made = event(type_, T0 + 1, **data)
    made = msgspec.structs.replace(made, source=source or made.source, cause="c" if source == DESK else None)
    after = fold(made, before)
    assert isinstance(after, Case), after
    return made, before, after


LADDER = {"alarm": True, "by": "sla"}
RAISES: dict[str, tuple[tuple[Event, Case | None, Case], tuple[str, str, tuple[str, ...], str | None] | None]] = {
    "a danger is reported": (happened("case.reported", **DANGER), ("new_danger", "none", (), None)),
    "anything else is reported": (happened("case.reported", severity="urgent"), None),
    "an undo makes it a danger": (
        happened("case.corrected", DESK, {"severity": 0}, restored={"severity": 2}), ("new_danger", "none", (), None),
    ),
    "it was a danger before": (happened("case.corrected", DESK, restored={"title": "x"}), None),
    "the desk escalates": (
        happened("case.escalated", DESK, level="duty_chief", by="p1"), ("escalated", "duty_chief", ("duty_chief",), "p1"),
    ),
    "the desk escalates to a unit": (happened("case.escalated", DESK, level=None, to="u2"), ("escalated", "unit_head", ("u2",), None)),
    "a source escalates": (happened("case.escalated", level="commander"), None),
    "the ladder escalates": (
        happened("case.escalated", ENGINE, level="commander", **LADDER), ("escalated", "commander", ("commander",), None),
    ),
    "the ladder escalates in quiet hours": (happened("case.escalated", ENGINE, level="commander", silent=True, **LADDER), None),
    "a promise breaks": (happened("case.sla_breached", ENGINE, alarm=True), ("breached", "none", ("u1",), None)),
    "a promise of nobody breaks": (happened("case.sla_breached", ENGINE, {"owner": None}, alarm=True), ("breached", "none", (), None)),
    "the ladder urges": (happened("case.urged", ENGINE), None),
    "an alarm comes again": (happened("case.urged", ENGINE, {"level": 2}, **LADDER), ("escalated", "duty_chief", ("duty_chief",), None)),
    "the alarm of a breach comes again": (happened("case.urged", ENGINE, **LADDER), ("breached", "none", ("u1",), None)),
    "somebody urges": (happened("case.urged", DESK), None),
    "it ends with the last word": (happened("case.voided", DESK), None),
}  # fmt: skip


@pytest.mark.parametrize("name", RAISES)
def test_what_raises_an_alarm(name: str) -> None:
    (made, before, after), expected = RAISES[name]
    raised = changed(made, before, after, [], NOW)
    assert [(a.kind, Level(a.level).name, a.to, a.by) for a in raised] == ([expected] if expected else [])
    assert all((a.case, a.id, a.at, a.ended) == (made.case, made.id, NOW, None) for a in raised)
    assert concerns(made.type, after.severity) or not raised, "who asks first whether it concerns alarms misses none"


def of(kind: str, level: str = "none", to: tuple[str, ...] = (), id_: str = "e") -> Alarm:
    return Alarm("12345~A", id_ + kind + level, kind, Level[level], T0, to)


OPEN = [of("new_danger"), of("breached", to=("u1",)), *(of("escalated", n, (n,)) for n in ("unit_head", "duty_chief", "commander"))]


@pytest.mark.parametrize(("reach", "seen"), [("unit_head", 3), ("duty_chief", 4), ("commander", 5)])
def test_an_acknowledgement_ends_what_its_giver_is_reached_by(reach: str, seen: int) -> None:
    made, before, after = happened("case.acknowledged", DESK, reach=reach, by="p1")
    made = msgspec.structs.replace(made, actor="李四")
    ended = changed(made, before, after, OPEN, NOW)
    assert [a.id for a in ended] == [a.id for a in OPEN[:seen]]
    assert {(a.acknowledged, a.acknowledged_id, a.acknowledged_by, a.ended) for a in ended} == {(NOW, "p1", "李四", NOW)}


def test_nobody_acknowledges_what_they_raised_themselves() -> None:
    made = happened("case.acknowledged", DESK, reach="commander", by="p1")
    ours, others = (msgspec.structs.replace(OPEN[2], by=by) for by in ("p1", "p2"))
    assert [a.by for a in changed(*made, [ours, others], NOW)] == ["p2"]


def test_the_end_of_the_case_ends_all_and_nobody_has_acknowledged_them() -> None:
    ended = changed(*happened("case.voided"), OPEN, NOW)
    assert [a.id for a in ended] == [a.id for a in OPEN]
    assert {(a.acknowledged, a.ended) for a in ended} == {(None, NOW)}


def test_what_is_undone_needs_nobody_any_more() -> None:
    made = happened("case.corrected", DESK, undoes=OPEN[3].id, restored={"level": 0})
    assert [(a.id, a.ended) for a in changed(*made, OPEN, NOW)] == [(OPEN[3].id, NOW)]
    assert changed(*happened("case.corrected", undoes=OPEN[3].id), OPEN, NOW) == [], "a source's correction is a remark"


def test_what_is_unread_is_not_said_twice() -> None:
    repeat = happened("case.urged", ENGINE, {"level": 2}, **LADDER)
    assert changed(*repeat, OPEN, NOW) == []
    assert [a.level for a in changed(*repeat, OPEN[:3], NOW)] == [Level.duty_chief]
