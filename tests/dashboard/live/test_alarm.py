"""Alarms: told where the case lies or is held, at once and to who comes later, until they are over; a flood is one, and none is lost."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.cases.alarm import Alarm
from dashboard.cases.stage import Severity, Stage
from dashboard.clocks.ladder import FLOOD_SIZE, FLOOD_WITHIN
from dashboard.live.alarm import MOST, NAMED, mark_of
from tests.dashboard.live.test_hub import Desk, Screen, row, run
from tests.made import T0

DANGER = Alarm("s~A", "e1", "new_danger", 0, T0)
CALL = Alarm("s~A", "e2", "escalated", 2, T0 + 1, ("duty_chief",), "p1")


def here(desk: Desk, *scopes: str) -> list[Screen]:
    screens = [Screen(scope) for scope in scopes]
    for screen in screens:
        desk.hub.join(screen, screen.scope, None)
    return screens


async def raised(desk: Desk, *alarms: Alarm) -> None:
    desk.hub.set_alarms(alarms)
    await desk.frame()


def shown(screen: Screen) -> list[str]:
    """The alarms that this screen has by now, whatever frame brought them."""
    return [a["alarm"] for a in newest(screen)]


def newest(screen: Screen) -> list[dict[str, Any]]:
    return list(next((f["alarms"] for f in reversed(screen.frames) if "alarms" in f), []))


def test_an_alarm_is_told_in_its_scopes_only_and_once() -> None:
    async def test(desk: Desk) -> None:
        east, west, all_ = here(desk, "d1", "d2", "c")
        await desk.take([row(severity=Severity.danger)])
        await raised(desk, DANGER, CALL)
        await raised(desk, DANGER, CALL)
        assert [s.kinds.count("alarm") for s in (east, west, all_)] == [1, 0, 1]
        assert newest(east) == [
            {
                "alarm": "e1", "case": "s~A", "kind": "new_danger", "level": "none", "at": T0, "to": [], "by": None, "acknowledged": None,
                "severity": "danger", "category": "01", "unit": "u1", "grid": "g1", "n": 1, "cases": [],
            },
            {
                "alarm": "e2", "case": "s~A", "kind": "escalated", "level": "duty_chief", "at": T0 + 1, "to": ["duty_chief"],
                "by": mark_of("p1"), "acknowledged": None, "severity": "danger", "category": "01", "unit": "u1",
                "grid": "g1", "n": 1, "cases": [],
            },
        ]  # fmt: skip

    run(test)


def test_an_alarm_that_is_known_before_its_case_is_told_with_the_case() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "d1")
        await raised(desk, DANGER)
        assert "alarm" not in screen.kinds
        await desk.take([row()])
        assert shown(screen) == ["e1"]

    run(test)


def test_who_comes_later_or_comes_back_has_what_nobody_has_acknowledged() -> None:
    async def test(desk: Desk) -> None:
        first = here(desk, "c")[0]
        await desk.take([row()])
        away = first.pos
        await raised(desk, DANGER)
        for since in (None, away):
            late = Screen("c")
            late.pos = since
            desk.hub.join(late, "c", since)
            assert shown(late) == ["e1"]
        await raised(desk)
        for since in (None, away):
            late = Screen("c")
            late.pos = since
            desk.hub.join(late, "c", since)
            assert shown(late) == [], "also from a snapshot that was made before it was acknowledged"

    run(test)


def test_an_alarm_leaves_with_its_case() -> None:
    async def test(desk: Desk) -> None:
        east, west = here(desk, "d1", "d2")
        await desk.take([row()])
        await raised(desk, DANGER)
        await desk.take([row(version=2, pos=2, grid="g2", owner="u2")])
        assert (shown(east), shown(west)) == ([], ["e1"]), "it has left the jurisdiction"
        await desk.take([row(version=3, pos=3, grid="g2", owner="u2", stage=Stage.CLOSED, reported=0)])
        assert shown(west) == [], "before anybody has read that it ended"

    run(test)


def test_who_acknowledged_it_is_told() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "c")
        await desk.take([row()])
        seen = msgspec.structs.replace(CALL, acknowledged=T0 + 9, acknowledged_id="p2", acknowledged_by="李四", ended=T0 + 9)
        await raised(desk, DANGER, seen)
        assert [a["acknowledged"] for a in newest(screen)] == [None, {"by": "李四", "at": T0 + 9}]

    run(test)


def test_an_alarm_moves_no_position() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "c")
        await desk.take([row()])
        before = screen.pos
        await raised(desk, DANGER)
        assert screen.pos == before and screen.kinds[-1] == "alarm"
        await desk.take([row(version=2, pos=2)])
        desk.assert_true(screen)

    run(test)


def many(n: int, apart: int, category: str = "01", kind: str = "new_danger", first: int = 0) -> tuple[list[Any], list[Alarm]]:
    numbers = range(first, first + n)
    rows = [row(f"s~{category}{i}", pos=i + 1, category=category, severity=Severity.danger) for i in numbers]
    return rows, [Alarm(r.case, f"e-{category}{i}", kind, 0, T0 + i * apart) for i, r in zip(numbers, rows, strict=True)]  # type: ignore[arg-type]


def test_many_new_dangers_of_one_unit_and_category_are_one_alarm_that_counts_and_names_them() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "c")
        flood, one = many(300, 200), many(1, 0, "02", first=300)
        await desk.take(flood[0] + one[0])
        await raised(desk, *flood[1], *one[1])
        told, other = newest(screen)
        assert (told["kind"], told["n"], told["category"], told["unit"], told["grid"]) == ("flood", 300, "01", "u1", None)
        assert told["cases"] == [a.case for a in flood[1]], "none is lost"
        assert (other["kind"], other["case"]) == ("new_danger", one[1][0].case)
        await raised(desk, *flood[1][: FLOOD_SIZE + 1])
        assert newest(screen)[0]["n"] == FLOOD_SIZE + 1
        await raised(desk, *flood[1][:FLOOD_SIZE])
        assert {a["kind"] for a in newest(screen)} == {"new_danger"} and len(newest(screen)) == FLOOD_SIZE

    run(test)


def test_dangers_one_after_the_other_are_no_flood() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "c")
        rows, alarms = many(60, FLOOD_WITHIN // FLOOD_SIZE + 1)
        await desk.take(rows)
        await raised(desk, *alarms)
        assert shown(screen) == [a.id for a in alarms]

    run(test)


def test_more_than_a_screen_takes_are_counted() -> None:
    async def test(desk: Desk) -> None:
        (screen,) = here(desk, "c")
        rows, alarms = many(MOST + NAMED + 7, 1, kind="breached")
        await desk.take(rows)
        await raised(desk, *alarms)
        flood, *single = newest(screen)
        assert (flood["kind"], flood["n"], len(flood["cases"])) == ("flood", NAMED + 7, NAMED)
        assert [a["alarm"] for a in single] == [a.id for a in alarms[-MOST:]]

    run(test)
