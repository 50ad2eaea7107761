"""One rule for the light, told four times (case, row, board, SQL): they must agree; the SQL one is in tests/contracts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases.case import Case, light, on_time
from dashboard.cases.row import row_of
from dashboard.cases.stage import Light, Stage
from dashboard.desk.view import row_light
from dashboard.live.board import Board
from tests.made import CITY, T0, amber_of, case

WHEN = st.integers(0, 40).map(lambda n: T0 + n)


@st.composite
def cases(draw: st.DrawFn, subject: str = "A") -> Case:
    """A case as the fold leaves it: closed when ended, suspended only while open."""
    stage = draw(st.sampled_from(list(Stage)))
    ended = stage >= Stage.CLOSED
    due = draw(st.none() | WHEN)
    return Case(
        case=case(subject), workflow="grid", version=1, pos=1, stage=stage, severity=0, category="x", channel="other", reported=T0, due=due,
        amber=amber_of(T0, due), closed=draw(WHEN) if ended else None, suspended=None if ended else draw(st.none() | WHEN),
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 5).flatmap(lambda n: st.tuples(*(cases(f"C{i}") for i in range(n)))), WHEN)
def test_case_row_and_board_agree(given_: tuple[Case, ...], now: int) -> None:
    board = Board(CITY, 0)
    board.apply([row_of(c) for c in given_], 1)
    board.turn(now)
    shown = {board.ids[i]: Light(int(board.col["light"][i])) for i in board.slot.values()}
    assert shown == {c.case: light(c, now) for c in given_} == {c.case: row_light(row_of(c), now) for c in given_}
    recount = np.zeros_like(board.counts)
    for c in given_:
        recount[CITY.unknown, c.stage, light(c, now)] += 1
    assert (board.counts == recount).all()


def limited(**over: Any) -> Case:
    values: dict[str, Any] = {
        "case": case(), "workflow": "grid", "version": 1, "pos": 1, "stage": Stage.SIGNED, "severity": 0, "category": "x",
        "channel": "other", "reported": T0, "due": T0 + 100, "amber": amber_of(T0, T0 + 100),
    }  # fmt: skip
    return Case(**(values | over))


@pytest.mark.parametrize(("after", "colour"), [(0, "green"), (79, "green"), (80, "amber"), (100, "amber"), (101, "red"), (10**9, "red")])
def test_green_below_80_percent_amber_to_100_red_above(after: int, colour: str) -> None:
    assert light(limited(), T0 + after).name == colour


def test_an_ended_case_keeps_the_light_of_its_end() -> None:
    done = limited(stage=Stage.CLOSED, closed=T0 + 50)
    assert light(done, T0 + 10**9) is Light.green
    assert on_time(done) is True
    assert on_time(limited(stage=Stage.CLOSED, closed=T0 + 101)) is False
    assert on_time(limited()) is None


def test_without_a_limit_nothing_is_late_and_a_pause_is_seen() -> None:
    assert light(limited(due=None, amber=None), T0 + 10**9) is Light.none
    assert light(limited(suspended=T0), T0 + 10**9) is Light.paused
