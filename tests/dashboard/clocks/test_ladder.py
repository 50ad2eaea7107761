"""The escalation ladder: each step speaks once, the highest one after a downtime, nothing for a case that has moved on."""

from __future__ import annotations

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.stage import Severity, Stage
from dashboard.clock import HOUR, MINUTE
from dashboard.clocks.ladder import FLOOD_SIZE, REPEATS, AlarmFlood, event_id, fire, next_timer, quiet

T0 = 1_795_132_800_000


def case(severity: str = "normal", **more: object) -> Case:
    hours = (8, 10, 15, 20) if severity != "danger" else (1, 1.5, 2, 2.5)
    due = T0 + 10 * HOUR if severity != "danger" else T0 + 2 * HOUR
    made = Case(
        case="t~C", workflow="grid", version=1, pos=1, stage=Stage.SIGNED, severity=Severity[severity], category="010101",
        channel="department", reported=T0, owner="u1", due=due, rungs=[T0 + int(h * HOUR) for h in hours],
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def types(found: list[object]) -> list[str]:
    return [due.type for due in found]  # type: ignore[attr-defined]


def test_nothing_is_due_before_its_time() -> None:
    assert fire(case(), T0 + 8 * HOUR - 1) == []


def test_the_rungs_of_an_ordinary_case() -> None:
    assert types(fire(case(), T0 + 8 * HOUR)) == ["case.urged"]
    assert types(fire(case(rung=1), T0 + 10 * HOUR)) == ["case.sla_breached", "case.supervised", "case.escalated"]
    assert [d.data.get("level") for d in fire(case(rung=2, level=1), T0 + 15 * HOUR)] == ["duty_chief"]
    assert [d.data.get("level") for d in fire(case(rung=3, level=2), T0 + 20 * HOUR)] == ["commander"]


def test_danger_is_faster() -> None:
    assert types(fire(case("danger"), T0 + HOUR)) == ["case.urged"]
    assert types(fire(case("danger", rung=2, level=1), T0 + 2 * HOUR)) == ["case.sla_breached", "case.escalated"]


def test_after_a_downtime_the_highest_rung_speaks_and_the_breach_is_told_once() -> None:
    late = fire(case(), T0 + 16 * HOUR)
    assert types(late) == ["case.sla_breached", "case.escalated"]
    assert {d.data["rung"] for d in late} == {3}
    assert types(fire(case(rung=3, level=2), T0 + 21 * HOUR)) == ["case.escalated"]


def test_a_case_that_ended_or_stands_still_never_alarms() -> None:
    assert fire(case(stage=Stage.CLOSED), T0 + 99 * HOUR) == []
    assert next_timer(case(suspended=T0, until=T0 + 50 * HOUR)) == T0 + 50 * HOUR
    assert fire(case(suspended=T0, until=T0 + 50 * HOUR), T0 + 20 * HOUR) == []
    assert types(fire(case(suspended=T0, until=T0 + 50 * HOUR), T0 + 50 * HOUR)) == ["case.resumed"]


def test_a_danger_alarm_comes_again_until_the_cap() -> None:
    sounded = case("danger", rung=4, level=3, repeats=1, quiet_until=T0 + 3 * HOUR)
    assert next_timer(sounded) == T0 + 3 * HOUR
    assert types(fire(sounded, T0 + 3 * HOUR)) == ["case.urged"]
    assert next_timer(msgspec.structs.replace(sounded, repeats=REPEATS)) is None
    assert next_timer(case(rung=4, repeats=1, quiet_until=T0 + 3 * HOUR)) is None, "only danger repeats"


def test_the_same_step_has_the_same_id_and_another_step_another() -> None:
    step = fire(case(rung=1), T0 + 10 * HOUR)
    assert event_id(case(rung=1), step[0]) == event_id(case(rung=1), fire(case(rung=1), T0 + 11 * HOUR)[0])
    assert len({event_id(case(rung=1), s) for s in step}) == len(step)
    assert all(len(event_id(case(rung=1), s)) <= 64 for s in step)


def test_a_storm_is_one_alarm() -> None:
    flood = AlarmFlood()
    heard = [not flood.silent(case(), T0 + i) for i in range(FLOOD_SIZE + 10)]
    assert sum(heard) == FLOOD_SIZE
    assert not flood.silent(case(category="other"), T0), "another category is another flood"
    assert not flood.silent(case(), T0 + 11 * MINUTE), "it is over after ten minutes"


def test_quiet_hours_are_not_for_danger() -> None:
    assert quiet(case(), 23) and quiet(case(), 6) and not quiet(case(), 12)
    assert not quiet(case("danger"), 23)
