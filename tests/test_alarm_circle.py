"""Alarms through a real engine and a real database: stored with the events that raise them, ended with those that end them, never twice."""

from __future__ import annotations

from typing import Any

from dashboard.cases.alarm import Alarm
from dashboard.clock import MINUTE
from data_access.reader import SqlReader
from tests.made import REPORT, case, command, entry
from tests.test_engine_circle import CHIEF, WALL, Circle, circle

__all__ = ["circle"]
DISPATCHER = CHIEF | {"id": "p2", "name": "P. Two", "role": "dispatcher"}


def danger(subject: str = "A", **over: Any) -> bytes:
    return entry("case.reported", subject, WALL, data=REPORT | {"severity": "danger"}, **over)


def open_alarms(circle: Circle) -> list[Alarm]:
    return SqlReader(circle.db).board.alarms(2**53)


def kinds(circle: Circle) -> list[tuple[str, str, tuple[str, ...]]]:
    return sorted(((a.case, a.kind, a.to) for a in open_alarms(circle)), key=lambda k: (k[0], len(k[2])))


def test_a_danger_is_an_alarm_with_its_report_and_a_repeat_is_none(circle: Circle) -> None:
    circle.report(danger(id_="r1"), danger(id_="r1"), entry("case.reported", "B"), entry("case.accepted", at=WALL + 1))
    circle.run()
    (alarm,) = open_alarms(circle)
    assert (alarm.case, alarm.id, alarm.kind, alarm.at, alarm.ended) == (case("A"), "r1", "new_danger", circle.clock.now(), None)
    circle.assert_whole()


def test_a_case_that_begins_and_ends_in_one_batch_has_no_open_alarm(circle: Circle) -> None:
    circle.report(danger(), entry("case.voided", at=WALL + 1))
    circle.run()
    assert open_alarms(circle) == []
    circle.assert_whole()


def test_two_alarms_of_one_case_are_read_by_whom_they_reach(circle: Circle) -> None:
    circle.report(danger())
    circle.run()
    circle.ask(command("escalate", case("A"), 1, DISPATCHER, {"level": "duty_chief", "reason": "r"}, "c1"))
    circle.run()
    assert kinds(circle) == [(case("A"), "new_danger", ()), (case("A"), "escalated", ("duty_chief",))]
    assert {a.by for a in open_alarms(circle)} == {None, "p2"}
    circle.ask(command("acknowledge", case("A"), 2, DISPATCHER, {}, "c2"))
    circle.run()
    assert kinds(circle) == [(case("A"), "escalated", ("duty_chief",))]
    circle.ask(command("acknowledge", case("A"), 3, CHIEF, {}, "c3"))
    circle.run()
    assert open_alarms(circle) == []
    read = SqlReader(circle.db).board.alarms(circle.clock.now())
    assert {(a.kind, a.acknowledged_by) for a in read} == {("new_danger", "P. Two"), ("escalated", "P. One")}
    detail = SqlReader(circle.db).cases.case(case("A"), circle.clock.now())
    assert detail is not None
    assert [(a["kind"], a["open"], a["acknowledged"] and a["acknowledged"]["by"]) for a in detail["alarms"]] == [
        ("new_danger", False, "P. Two"), ("escalated", False, "P. One"),
    ]  # fmt: skip


def test_an_escalation_that_is_undone_calls_nobody(circle: Circle) -> None:
    circle.report(entry("case.reported"))
    circle.run()
    circle.ask(command("escalate", case("A"), 1, DISPATCHER, {"level": "commander", "reason": "r"}, "c1"))
    circle.run()
    assert len(open_alarms(circle)) == 1
    circle.ask(command("undo", case("A"), 2, DISPATCHER, {"command": "c1"}, "c2"))
    circle.run()
    assert open_alarms(circle) == []


def test_three_hundred_dangers_at_once_are_three_hundred_alarms(circle: Circle) -> None:
    circle.report(*(danger(f"N{n}") for n in range(300)))
    circle.run()
    assert {a.case for a in open_alarms(circle)} == {case(f"N{n}") for n in range(300)}
    circle.assert_whole()


def test_a_promise_that_breaks_is_an_alarm_until_the_case_ends(circle: Circle) -> None:
    circle.report(danger(), entry("case.acknowledged", at=WALL + 1))
    circle.run()
    assert open_alarms(circle) == [], "a source's word that somebody has seen it counts"
    circle.clock.at += 24 * 60 * MINUTE
    circle.report(entry("case.noted", at=WALL + 2))
    circle.run()
    for _ in range(3):
        circle.clock.at += 1000
        circle.engine.step(1)
    assert {k for _, k, _ in kinds(circle)} == {"breached", "escalated"}
    circle.report(entry("case.voided", at=WALL + 3))
    circle.run()
    assert open_alarms(circle) == []
