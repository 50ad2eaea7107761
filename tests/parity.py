"""A board that followed the events must be the board that is loaded now: all columns, all counts, all scopes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dashboard.cases.row import Row
from dashboard.cases.stage import Stage
from dashboard.live.board import DTYPES, NEVER, Board
from dashboard.places.unit import UnitTree
from tests.made import T0, amber_of

NUMBERED = ("category", "owner", "grid", "place", "owner_unit")
"""Columns whose numbers depend on the order of first sight, or on the tree; they are compared by their words."""


def shown(board: Board) -> dict[str, dict[str, Any]]:
    """Every case of a board as plain values."""
    out = {}
    for case, i in board.slot.items():
        values: dict[str, Any] = {n: board.col[n][i].item() for n in DTYPES if n not in NUMBERED}
        values |= {n: None if values[n] != values[n] else values[n] for n in ("lon", "lat")}
        values |= {n: None if values[n] == NEVER else values[n] for n in ("amber", "due", "closed")}
        values["category"] = board.categories.words[board.col["category"][i]]
        values |= {n: board.codes.words[board.col[n][i]] for n in ("grid", "owner")}
        values |= {n: _unit(board.tree, int(board.col[n][i])) for n in ("place", "owner_unit")}
        out[case] = values
    return out


def _unit(tree: UnitTree, number: int) -> str | None:
    return None if number == tree.unknown else tree.units[number].code


def assert_same(board: Board, fresh: Board) -> None:
    """Both hold the same cases with the same values, the same counts and the same open cases in every scope."""
    assert board.pos == fresh.pos
    assert shown(board) == shown(fresh)
    assert len(board) == len(fresh) == int(board.col["used"].sum())
    assert (board.counts == fresh.counts).all()
    assert (board.counts == recount(board)).all()
    for unit in board.tree.units:
        assert open_in(board, unit.code) == open_in(fresh, unit.code)


def recount(board: Board) -> np.ndarray:
    """The counts case by case."""
    counts = np.zeros_like(board.counts)
    for i in board.slot.values():
        counts[board.col["place"][i], board.col["stage"][i], board.col["light"][i]] += 1
    return counts


def open_in(board: Board, scope: str) -> set[str]:
    return {board.ids[i] for i in board.open_slots(scope).tolist()}


def fresh_board(rows: Iterable[Row], pos: int, tree: UnitTree, today: int, now: int) -> Board:
    """What a worker loads that starts now: open cases and those reported today, as the reader gives them."""
    newest: dict[str, Row] = {}
    for row in rows:
        if row.case not in newest or row.version > newest[row.case].version:
            newest[row.case] = row
    board = Board(tree, today)
    board.apply([r for r in newest.values() if r.stage < Stage.CLOSED or r.reported >= today], pos)
    board.turn(now)
    return board


CODES = [None, "d1", "g1", "g2", "u1", "u2", "u3", "new"]
WHEN = st.integers(0, 60).map(lambda n: T0 + n)


@st.composite
def histories(draw: st.DrawFn, most: int = 25) -> list[Row]:
    """Rows in order of pos, as the engine publishes them: each a case's next version, with whatever place, owner and promise."""
    version: dict[str, int] = {}
    reported: dict[str, int] = {}
    rows = []
    for pos in range(1, draw(st.integers(0, most)) + 1):
        case = f"s~C{draw(st.integers(0, 7))}"
        version[case] = version.get(case, 0) + 1
        reported.setdefault(case, draw(WHEN))
        stage = draw(st.sampled_from(list(Stage)))
        due = draw(st.none() | WHEN)
        open_ = stage < Stage.CLOSED
        rows.append(
            Row(
                case,
                version[case],
                pos,
                stage,
                draw(st.integers(0, 2)),
                draw(st.sampled_from(["01", "02"])),
                draw(st.sampled_from(CODES)),
                draw(st.sampled_from(CODES)),
                *draw(st.sampled_from([(None, None), (118.8, 32.0)])),
                reported[case],
                amber_of(reported[case], due),
                due,
                int(open_ and draw(st.booleans())),
                None if open_ else draw(WHEN),
                draw(st.integers(0, 3)),
            )
        )
    return rows


@st.composite
def deliveries(draw: st.DrawFn, rows: Sequence[Row]) -> list[list[Row]]:
    """The same rows in batches of any size, anything sent before sent again at any time."""
    out: list[list[Row]] = []
    at = 0
    while at < len(rows):
        size = draw(st.integers(1, 8))
        batch = list(rows[at : at + size])
        if at and draw(st.booleans()):
            again = draw(st.lists(st.integers(0, at - 1), max_size=4))
            batch = [rows[i] for i in again] + batch if draw(st.booleans()) else batch + [rows[i] for i in again]
        out.append(batch)
        at += size
        if draw(st.booleans()):
            out.append([rows[i] for i in draw(st.lists(st.integers(0, min(at, len(rows)) - 1), max_size=4))])
    return out
