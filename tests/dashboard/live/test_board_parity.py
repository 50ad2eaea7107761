"""The board against a fresh load, over any history, any batches, any repeats, any time that passes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases.row import Row
from dashboard.cases.stage import Light, Stage
from dashboard.live import snapshot
from dashboard.live.board import Board
from dashboard.live.count import counts
from dashboard.places.unit import Unit, UnitTree
from tests.made import CITY, T0, UNITS
from tests.parity import WHEN, assert_same, deliveries, fresh_board, histories, open_in, shown

OTHER = UnitTree(
    [*UNITS[:2], Unit("g2", "Grid 2", "grid", "d1"), Unit("u2", "Water", "department", "d1"), Unit("new", "New", "grid", "d1")]
)
"""Another city: the west is gone, what was there lies in the east, and `new` is known at last."""


def followed(batches: list[list[Row]], today: int, board: Board | None = None) -> Board:
    board = Board(CITY, today) if board is None else board
    for batch in batches:
        board.apply(batch, max((r.pos for r in batch), default=0))
    return board


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_events_in_any_batches_with_any_repeats_give_the_board_of_a_fresh_load(data: st.DataObject) -> None:
    rows = data.draw(histories())
    today, now = data.draw(WHEN), data.draw(WHEN)
    board = followed(data.draw(deliveries(rows)), today)
    board.turn(now)
    assert_same(board, fresh_board(rows, len(rows), CITY, today, now))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_snapshot_and_what_came_after_it_give_the_same_board(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    rows = data.draw(histories())
    today, later, now = sorted(data.draw(st.lists(WHEN, min_size=3, max_size=3)))
    cut = data.draw(st.integers(0, len(rows)))
    path = tmp_path_factory.mktemp("s") / "board.npz"
    first = followed(data.draw(deliveries(rows[:cut])), today)
    first.turn(today)
    snapshot.save(first, path, "event\nwith a line")
    found = snapshot.load(path, CITY, today)
    assert found is not None
    assert found[1] == "event\nwith a line"
    assert_same(found[0], first)
    found = snapshot.load(path, CITY, later)
    assert found is not None
    board = followed(data.draw(deliveries(rows))[:], later, found[0]) if cut == 0 else followed([rows[cut:]], later, found[0])
    board.turn(now)
    assert_same(board, fresh_board(rows, len(rows), CITY, later, now))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_another_tree_another_day_and_time_that_passes(data: st.DataObject) -> None:
    rows = data.draw(histories())
    today = data.draw(WHEN)
    board = followed(data.draw(deliveries(rows[: len(rows) // 2])), today)
    for _ in range(data.draw(st.integers(0, 3))):
        board.turn(data.draw(WHEN))
    board.set_tree(OTHER)
    followed(data.draw(deliveries(rows[len(rows) // 2 :])), today, board)
    tomorrow, now = today + data.draw(st.integers(0, 30)), data.draw(WHEN)
    board.new_day(tomorrow)
    board.turn(now)
    assert_same(board, fresh_board(rows, len(rows), OTHER, tomorrow, now))


@settings(max_examples=50, deadline=None)
@given(histories(), WHEN, WHEN)
def test_the_figures_of_every_scope_equal_a_recount(rows: list[Row], today: int, now: int) -> None:
    board = fresh_board(rows, len(rows), CITY, today, now)
    for unit in CITY.units:
        figures = counts(board, unit.code, now, None)
        all_ = [c for c in shown(board).values() if _in(c, unit.code)]
        mine = [c for c in all_ if c["stage"] < Stage.CLOSED]
        colours = {"green": Light.green, "amber": Light.amber, "overdue": Light.red, "paused": Light.paused, "unlimited": Light.none}
        assert {k: figures[k] for k in colours} == {k: sum(c["light"] == v for c in mine) for k, v in colours.items()}
        assert figures["open"] == len(mine)
        assert sum(figures["stages"].values()) == len(mine)
        due = [c["due"] for c in mine if c["due"] is not None and c["light"] != Light.paused]
        assert figures["due_2h"] == sum(now < d <= now + 2 * 3600 * 1000 for d in due)
        cohort = [c for c in all_ if c["reported"] >= today and c["stage"] != Stage.VOIDED]
        assert (figures["reported_today"], figures["closed_today"]) == (len(cohort), sum(c["stage"] == Stage.CLOSED for c in cohort))
        assert figures["video"] is None, "not counted yet is not none"
    for child in counts(board, "c", now, None)["units"]:
        placed = [c for c in shown(board).values() if c["stage"] < Stage.CLOSED and CITY.within(c["place"], child["code"])]
        want = [len(placed), *(sum(c["light"] == colour for c in placed) for colour in (Light.amber, Light.red))]
        assert [child["open"], child["amber"], child["red"]] == want


def _in(case: dict[str, object], scope: str) -> bool:
    return CITY.within(case["place"], scope) or CITY.within(case["owner_unit"], scope)  # type: ignore[arg-type]


def row(case: str = "s~A", version: int = 1, pos: int = 1, stage: Stage = Stage.SIGNED, **over: object) -> Row:
    whole = Row(case, version, pos, stage, 0, "01", "u1", "g1", None, None, T0, T0 + 80, T0 + 100, 0, None, 0)
    return whole._replace(**over)


def test_a_light_turns_at_its_instant_and_only_once() -> None:
    board = Board(CITY, T0)
    board.apply([row(), row("s~B", pos=2, due=None, amber=None)], 2)
    turned = []
    for after in (0, 79, 80, 100, 101, 101, 5000):
        slots = board.turn(T0 + after)
        turned += [(after, board.ids[i], Light(int(board.col["light"][i])).name) for i in slots.tolist()]
    assert turned == [(80, "s~A", "amber"), (101, "s~A", "red")]


def test_a_case_that_ended_and_left_is_not_brought_back_by_a_repeat() -> None:
    board = Board(CITY, T0 + 1000)
    open_, closed = row(pos=1), row(version=2, pos=2, stage=Stage.CLOSED, closed=T0 + 5)
    board.apply([open_], 1)
    board.apply([closed], 2)
    board.apply([open_], 1)
    assert len(board) == 0
    assert not board.counts.any()
    board.apply([row(version=3, pos=3, stage=Stage.DISPATCHED)], 3)
    assert open_in(board, "d1") == {"s~A"}, "reopened: that is new"


def test_ended_cases_of_today_stay_until_tomorrow() -> None:
    board = Board(CITY, T0)
    board.apply([row(stage=Stage.CLOSED, closed=T0 + 5), row("s~B", pos=2)], 2)
    assert len(board) == 2
    board.new_day(T0 + 1)
    assert set(board.slot) == {"s~B"}


def test_changed_and_left_tell_what_happened() -> None:
    board = Board(CITY, T0 + 1000)
    board.apply([row()], 1)
    slots, left = board.apply([row(version=2, pos=2, owner="u2")], 2)
    assert [board.ids[i] for i in slots] == ["s~A"]
    assert [(w.case, CITY.units[w.owner_unit].code) for w in left] == [("s~A", "u1")]
    slots, left = board.apply([row(version=3, pos=3, owner="u2", stage=Stage.VOIDED, closed=T0)], 3)
    assert (slots.tolist(), [(w.case, CITY.units[w.owner_unit].code) for w in left]) == ([], [("s~A", "u2")])
    slots, left = board.apply([row()], 3)
    assert (slots.tolist(), left) == ([], [])


def test_a_board_grows_beyond_its_first_size() -> None:
    rows = [row(f"s~{i}", pos=i + 1, grid=f"n{i % 700}") for i in range(5000)]
    board = Board(CITY, T0)
    board.apply(rows, 5000)
    assert_same(board, fresh_board(rows, 5000, CITY, T0, 0))
    assert len(np.unique(board.col["grid"][: len(board.ids)])) == 700


@pytest.mark.parametrize("content", [b"", b"no snapshot", b"PK\x03\x04 cut off"], ids=["empty", "garbage", "cut"])
def test_a_broken_snapshot_is_no_snapshot(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "board.npz"
    path.write_bytes(content)
    assert snapshot.load(path, CITY, T0) is None
    assert snapshot.load(tmp_path / "none", CITY, T0) is None


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_snapshot_cut_off_by_a_power_failure_is_no_snapshot(share: float, tmp_path: Path) -> None:
    path = tmp_path / "board.npz"
    snapshot.save(fresh_board([row()], 1, CITY, T0, T0), path, "e")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert snapshot.load(path, CITY, T0) is None


def test_a_snapshot_of_another_version_is_no_snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "board.npz"
    snapshot.save(fresh_board([row()], 1, CITY, T0, T0), path, "e")
    monkeypatch.setattr(snapshot, "VERSION", snapshot.VERSION + 1)
    assert snapshot.load(path, CITY, T0) is None


def test_codes_with_line_breaks_survive_a_snapshot(tmp_path: Path) -> None:
    """A source may send any code; it must not shift the words of the others."""
    board = fresh_board([row(owner="a\nb"), row("s~B", pos=2, category="x\ny", grid="g2")], 2, CITY, T0, T0)
    snapshot.save(board, tmp_path / "board.npz", "e")
    found = snapshot.load(tmp_path / "board.npz", CITY, T0)
    assert found is not None
    assert_same(found[0], board)


def test_a_scope_that_an_import_took_away_is_empty() -> None:
    board = fresh_board([row(grid="g2", owner="u3")], 1, CITY, T0, T0)
    assert open_in(board, "d2") == {"s~A"}
    board.set_tree(OTHER)
    assert open_in(board, "d2") == set()
    assert counts(board, "d2", T0, None)["open"] == 0
