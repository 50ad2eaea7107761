"""The hub: frames chain without a gap, a screen that was away or slow ends with what is true, counts equal a recount."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases.row import Row
from dashboard.cases.stage import Light, Stage
from dashboard.live import hub as hubs
from dashboard.live.board import Board
from dashboard.live.column import columns
from dashboard.live.count import counts
from dashboard.live.hub import LINGERING, Hub
from dashboard.places.unit import UnitTree
from dashboard.wire.frame import Frame
from tests.made import CITY, T0, UNITS
from tests.parity import WHEN, histories


class Screen:
    """A socket that keeps the model a client would keep, and checks every frame on the way in."""

    format = "json"

    def __init__(self, scope: str) -> None:
        self.scope, self.slow = scope, False
        self.model: dict[str, dict[str, Any]] = {}
        self.pos: int | None = None
        self.frames: list[dict[str, Any]] = []

    def offer(self, frame: Frame) -> bool:
        if self.slow:
            return False
        self._take(msgspec.json.decode(frame.text))
        return True

    def drained(self) -> bool:
        return not self.slow

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["t"] == "snapshot":
            self.model = {}
        elif self.pos is not None:
            assert frame["from"] <= self.pos <= frame["to"], "a gap, or the past"
        assert frame["to"] >= frame["from"]
        for gone in frame.get("gone", ()):
            self.model.pop(gone, None)
        cases = frame.get("cases", {"case": []})
        for i, case in enumerate(cases["case"]):
            self.model[case] = {name: values[i] for name, values in cases.items()}
        self.pos = frame["to"]

    @property
    def kinds(self) -> list[str]:
        return [f["t"] for f in self.frames]


class Desk:
    """A hub with a clock that the test turns, and frames as fast as the loop can."""

    def __init__(self, today: int = T0) -> None:
        self.now, self.seconds = T0, 0.0
        self.board = Board(CITY, today)
        self.hub = Hub(self.board, lambda: self.now, lambda: 5)

    async def take(self, rows: list[Row]) -> None:
        slots, left = self.board.apply(rows, max(r.pos for r in rows))
        self.hub.changed(slots, left)
        await self.frame()

    async def frame(self) -> None:
        self.seconds += 0.5
        for _ in range(3):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0005)

    async def turn(self, now: int) -> None:
        self.now = now
        self.hub.changed(self.board.turn(now), [])
        await self.frame()

    async def beat(self) -> None:
        self.seconds += 1.0
        self.hub.beat()
        await self.frame()

    def truth(self, scope: str) -> dict[str, dict[str, Any]]:
        found = columns(self.board, self.board.open_slots(scope))
        return {case: {name: values[i] for name, values in found.items()} for i, case in enumerate(found["case"])}

    def assert_true(self, screen: Screen) -> None:
        assert screen.model == self.truth(screen.scope)


def run(test: Callable[[Desk], Coroutine[Any, Any, None]], desk: Desk | None = None) -> None:
    desk = desk or Desk()
    with (
        patch.object(hubs, "FRAME_EVERY", 0.0),
        patch.object(hubs, "COUNT_EVERY", 0.0),
        patch.object(hubs, "_seconds", lambda: desk.seconds),
    ):
        asyncio.run(test(desk))


def row(case: str = "s~A", version: int = 1, pos: int = 1, stage: Stage = Stage.SIGNED, **over: object) -> Row:
    whole = Row(case, version, pos, stage, 0, "01", "u1", "g1", None, None, T0, T0 + 80, T0 + 100, 0, None, 0)
    return whole._replace(**over)


def test_a_case_that_leaves_a_scope_is_gone_there_and_nowhere_else() -> None:
    async def test(desk: Desk) -> None:
        east, west, all_ = (Screen(scope) for scope in ("d1", "d2", "c"))
        for screen in (east, west, all_):
            desk.hub.join(screen, screen.scope, None)
        await desk.take([row(), row("s~B", pos=2)])
        await desk.take([row(version=2, pos=3, owner="u2", grid="g2")])
        assert [f["gone"] for f in east.frames[1:]] == [[], ["s~A"]]
        assert west.frames[-1]["cases"]["case"] == ["s~A"]
        assert all("s~A" not in f["gone"] for f in (*west.frames, *all_.frames))
        await desk.take([row(version=3, pos=4, stage=Stage.CLOSED, closed=T0 + 5)])
        assert west.frames[-1]["gone"] == all_.frames[-1]["gone"] == ["s~A"]
        for screen in (east, west, all_):
            desk.assert_true(screen)

    run(test)


def test_who_hops_through_all_units_leaves_few_scopes_behind() -> None:
    """Each scope without screens went on collecting frames for a minute: 3,000 of them stalled the loop for seconds."""

    async def test(desk: Desk) -> None:
        stays = Screen("c")
        desk.hub.join(stays, "c", None)
        for n in range(LINGERING + 50):
            screen = Screen(f"x{n}")
            desk.hub.join(screen, screen.scope, None)
            desk.hub.leave(screen, screen.scope)
            await desk.frame()
        assert len(desk.hub._channels) == LINGERING + 1 and {"c", f"x{n}"} <= desk.hub._channels.keys()

    run(test)


def test_a_case_held_here_but_lying_there_stays_in_both() -> None:
    async def test(desk: Desk) -> None:
        east, west = Screen("d1"), Screen("d2")
        desk.hub.join(east, "d1", None)
        desk.hub.join(west, "d2", None)
        await desk.take([row(owner="u2", grid="g1")])
        assert set(east.model) == set(west.model) == {"s~A"}
        await desk.take([row(version=2, pos=2, owner="u1", grid="g1")])
        assert (set(east.model), set(west.model)) == ({"s~A"}, set())

    run(test)


def test_who_was_away_gets_the_frames_and_not_a_snapshot() -> None:
    async def test(desk: Desk) -> None:
        screen = Screen("c")
        desk.hub.join(screen, "c", None)
        await desk.take([row()])
        desk.hub.leave(screen, "c")
        for n in range(2, 20):
            await desk.take([row(f"s~{n}", pos=n)])
        before = len(screen.frames)
        desk.hub.join(screen, "c", screen.pos)
        assert set(screen.kinds[before:]) == {"delta", "beat", "alarm"}
        desk.assert_true(screen)

    run(test)


def test_lights_that_turned_while_a_screen_was_away_are_not_missed() -> None:
    """Nothing happened, only time passed: the position is the same, the colour is not."""

    async def test(desk: Desk) -> None:
        screen = Screen("c")
        desk.hub.join(screen, "c", None)
        await desk.take([row()])
        desk.hub.leave(screen, "c")
        await desk.turn(T0 + 90)
        desk.hub.join(screen, "c", screen.pos)
        assert screen.model["s~A"]["light"] == "amber"
        desk.hub.leave(screen, "c")
        await desk.turn(T0 + 101)
        await desk.take([row("s~B", pos=2)])
        desk.hub.join(screen, "c", screen.pos)
        desk.assert_true(screen)

    run(test)


@pytest.mark.parametrize("since", [0, 3, 10**9])
def test_who_asks_for_a_position_the_ring_does_not_have_gets_a_snapshot(since: int) -> None:
    async def test(desk: Desk) -> None:
        await desk.take([row(f"s~{n}", pos=n) for n in range(1, 6)])
        screen = Screen("c")
        desk.hub.join(screen, "c", since)
        assert screen.kinds == ["snapshot"]
        desk.assert_true(screen)

    run(test)


def test_a_ring_that_has_turned_round_gives_a_snapshot() -> None:
    async def test(desk: Desk) -> None:
        stays, away = Screen("c"), Screen("c")
        desk.hub.join(stays, "c", None)
        desk.hub.join(away, "c", None)
        await desk.take([row()])
        desk.hub.leave(away, "c")
        for n in range(2, 12):
            await desk.take([row(f"s~{n}", pos=n)])
        desk.hub.join(away, "c", away.pos)
        assert away.kinds[-1] == "snapshot"
        desk.assert_true(away)

    with patch.object(hubs, "RING", 5):
        run(test)


def test_a_slow_screen_gets_a_snapshot_when_it_can_read_again() -> None:
    async def test(desk: Desk) -> None:
        screen, other = Screen("c"), Screen("c")
        desk.hub.join(screen, "c", None)
        desk.hub.join(other, "c", None)
        await desk.take([row()])
        screen.slow = True
        for n in range(2, 8):
            await desk.take([row(f"s~{n}", pos=n)])
        await desk.beat()
        heard = len(screen.frames)
        screen.slow = False
        await desk.take([row("s~9", pos=9)])
        assert len(screen.frames) == heard, "no frames into a gap"
        await desk.beat()
        assert screen.kinds[heard] == "snapshot"
        desk.assert_true(screen)
        desk.assert_true(other)
        assert other.kinds.count("snapshot") == 1

    run(test)


def test_a_frame_is_encoded_once_for_all_its_screens() -> None:
    async def test(desk: Desk) -> None:
        seen: list[Frame] = []

        class Plain:
            format = "json"

            def offer(self, frame: Frame) -> bool:
                seen.append(frame)
                return True

            def drained(self) -> bool:
                return True

        for _ in range(3):
            desk.hub.join(Plain(), "c", None)
        await desk.take([row()])
        assert len({id(f) for f in seen[-3:]}) == 1

    run(test)


def test_many_screens_that_were_behind_share_one_snapshot_after_an_import() -> None:
    async def test(desk: Desk) -> None:
        screens = [Screen("c") for _ in range(5)]
        await desk.take([row()])
        for screen in screens:
            desk.hub.join(screen, "c", None)
        made = 0
        real = desk.hub._frame

        def counted(kind: str, *args: Any, **more: Any) -> Frame:
            nonlocal made
            made += kind == "snapshot"
            return real(kind, *args, **more)

        desk.board.set_tree(CITY)
        desk.hub.reset()
        with patch.object(desk.hub, "_frame", counted):
            await desk.beat()
        assert [s.kinds.count("snapshot") for s in screens] == [2] * 5
        assert made == 1

    run(test)


SMALLER = UnitTree([u for u in UNITS if u.code not in ("d2", "g2", "u2")])


def test_a_unit_that_an_import_takes_away_leaves_the_other_screens_alone() -> None:
    """Its own screens see an empty unit, never the whole city; the city's screens go on when they have left."""

    async def test(desk: Desk) -> None:
        west, all_ = Screen("d2"), Screen("c")
        desk.hub.join(west, "d2", None)
        desk.hub.join(all_, "c", None)
        await desk.take([row(owner="u2", grid="g2")])
        desk.board.set_tree(SMALLER)
        desk.hub.reset()
        await desk.beat()
        assert west.model == {}
        desk.hub.leave(west, "d2")
        for _ in range(100):
            await desk.beat()
        await desk.take([row("s~B", pos=2)])
        assert set(all_.model) == {"s~A", "s~B"}
        desk.assert_true(all_)

    run(test)


def test_a_screen_that_was_away_during_an_import_starts_again() -> None:
    async def test(desk: Desk) -> None:
        screen = Screen("d1")
        desk.hub.join(screen, "d1", None)
        await desk.take([row(owner="u2", grid="g1")])
        desk.hub.leave(screen, "d1")
        desk.board.set_tree(UnitTree([*UNITS[:3], *UNITS[4:]]))  # g1 is no unit any more
        desk.hub.reset()
        desk.hub.join(screen, "d1", screen.pos)
        assert screen.kinds[-1] == "snapshot"
        assert screen.model == {}

    run(test)


def test_counts_in_frames_equal_a_recount() -> None:
    async def test(desk: Desk) -> None:
        screen = Screen("d1")
        desk.hub.join(screen, "d1", None)
        for n in range(1, 30):
            await desk.take([row(f"s~{n % 7}", version=n, pos=n, stage=Stage(n % 7), due=T0 + n)])
            await desk.turn(T0 + n)
            await desk.beat()
            told = screen.frames[-1]["counts"]
            assert told == msgspec.json.decode(msgspec.json.encode(counts(desk.board, "d1", desk.now, None)))
            assert told["open"] == len(screen.model)
            assert told["overdue"] == sum(c["light"] == Light.red.name for c in screen.model.values())

    run(test)


STEPS = st.lists(st.sampled_from(["rows", "rows", "rows", "turn", "beat", "away", "back", "slow", "quick", "import", "day"]), max_size=25)


@settings(max_examples=80, deadline=None)
@given(histories(30), STEPS, st.data())
def test_whatever_happens_every_screen_ends_with_the_truth(rows: list[Row], steps: list[str], data: st.DataObject) -> None:
    async def test(desk: Desk) -> None:
        screens = [Screen(scope) for scope in ("c", "d1", "d2", "c")]
        here = set(screens)
        for screen in screens:
            desk.hub.join(screen, screen.scope, None)
        at = 0
        for step in steps:
            who = screens[data.draw(st.integers(0, 3))]
            if step == "rows" and at < len(rows):
                size = data.draw(st.integers(1, 5))
                again = rows[data.draw(st.integers(0, at)) : at]
                await desk.take([*again[-2:], *rows[at : at + size]])
                at += size
            elif step == "turn":
                await desk.turn(max(desk.now, data.draw(WHEN)))
            elif step == "beat":
                await desk.beat()
            elif step == "away" and who in here:
                here.discard(who)
                desk.hub.leave(who, who.scope)
            elif step == "back" and who not in here:
                here.add(who)
                desk.hub.join(who, who.scope, who.pos)
            elif step in ("slow", "quick"):
                who.slow = step == "slow"
            elif step == "import":
                desk.board.set_tree(CITY)
                desk.hub.reset()
            elif step == "day":
                desk.board.new_day(desk.board.today + 1)
                desk.hub.changed(desk.board.turn(desk.now), [])
                await desk.frame()
        for screen in screens:
            screen.slow = False
            if screen not in here:
                desk.hub.join(screen, screen.scope, screen.pos)
        for _ in range(3):
            await desk.beat()
        for screen in screens:
            desk.assert_true(screen)
            assert screen.pos == desk.board.pos

    run(test)
