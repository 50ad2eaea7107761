"""Alarms: heard where the case lies or is held, at once, and by nobody who comes later."""

from __future__ import annotations

from dashboard.live.hub import Alarm
from tests.dashboard.live.test_hub import Desk, Screen, row, run

ALARM = Alarm("s~A", "case.sla_breached", "danger", "01", "u1", "g1", "duty_chief", 5)


def test_an_alarm_is_heard_in_its_scopes_only() -> None:
    async def test(desk: Desk) -> None:
        east, west, all_ = (Screen(scope) for scope in ("d1", "d2", "c"))
        for screen in (east, west, all_):
            desk.hub.join(screen, screen.scope, None)
        await desk.take([row()])
        desk.hub.alarm(ALARM)
        assert [s.kinds.count("alarm") for s in (east, west, all_)] == [1, 0, 1]
        assert east.frames[-1]["alarm"] == {
            "case": "s~A", "type": "case.sla_breached", "severity": "danger", "category": "01", "owner": "u1", "grid": "g1",
            "level": "duty_chief", "due": 5,
        }  # fmt: skip

    run(test)


def test_who_comes_later_or_comes_back_hears_no_old_alarm() -> None:
    async def test(desk: Desk) -> None:
        first = Screen("c")
        desk.hub.join(first, "c", None)
        await desk.take([row()])
        away = first.pos
        desk.hub.alarm(ALARM)
        for since in (None, away):
            late = Screen("c")
            late.pos = since
            desk.hub.join(late, "c", since)
            assert "alarm" not in late.kinds

    run(test)


def test_an_alarm_moves_no_position() -> None:
    async def test(desk: Desk) -> None:
        screen = Screen("c")
        desk.hub.join(screen, "c", None)
        await desk.take([row()])
        before = screen.pos
        desk.hub.alarm(ALARM)
        assert screen.pos == before
        await desk.take([row(version=2, pos=2)])
        desk.assert_true(screen)

    run(test)
