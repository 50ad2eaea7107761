"""Shifts and their handovers on SQLite and PostgreSQL: one shift at a time, each signature once, the note as it was signed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from dashboard.access.role import User
from dashboard.desk.shift import Note, Shift
from data_access.account import SqlAccounts
from data_access.registry import SqlRegistry
from data_access.shift import SqlShifts
from tests.made import UNITS

ANNA, BEN, CHEN = (User(name, name.title(), role, unit) for name, role, unit in
                   (("anna", "dispatcher", "d1"), ("ben", "dispatcher", "d1"), ("chen", "duty_chief", "c")))  # fmt: skip
EMPTY: Note = {
    "unit": "d1", "since": 1, "as_of": 9, "mine": {"total": 0, "items": []}, "alarms": {"total": 0, "items": []},
    "promises": {"total": 0, "items": []}, "pinned": {"total": 0, "items": []}, "events": {"case.noted": 2},
    "escalations": {"count": 0, "cases": []}, "breaches": {"count": 0, "cases": []}, "returns": {"count": 0, "cases": []},
}  # fmt: skip


@pytest.fixture
def shifts(database: Engine) -> SqlShifts:
    SqlRegistry(database).replace_places(UNITS, [], [])
    for user in (ANNA, BEN, CHEN):
        SqlAccounts(database).add_account(user)
    return SqlShifts(database)


def signed(shifts: SqlShifts, user: User, started: int, ended: int, text: str = "") -> Shift:
    found = shifts.sign(shifts.start(user, started).id, text, EMPTY, ended)
    assert found is not None
    return found


def test_an_account_has_one_shift_at_a_time(shifts: SqlShifts) -> None:
    assert shifts.current("anna") is None and shifts.last_end("anna") is None
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda n: shifts.start(ANNA, n), range(1, 9)))
    assert len({s.id for s in begun}) == 1 and shifts.current("anna") == begun[0] and shifts.current("ben") is None
    assert (begun[0].name, begun[0].role, begun[0].unit, begun[0].ended, begun[0].came) == ("Anna", "dispatcher", "d1", None, None)


def test_a_signature_ends_the_shift_once_and_freezes_the_note(shifts: SqlShifts) -> None:
    first = signed(shifts, ANNA, 1, 9, "看好泵站")
    assert (first.started, first.ended, first.text, first.note) == (1, 9, "看好泵站", EMPTY)
    assert first.left == {"account": "anna", "name": "Anna", "role": "dispatcher", "at": 9}
    assert shifts.sign(first.id, "anders", EMPTY, 10) is None and shifts.one(first.id) == first
    assert shifts.current("anna") is None and shifts.last_end("anna") == 9
    second = signed(shifts, ANNA, 20, 30)
    assert second.id != first.id and shifts.last_end("anna") == 30


def test_of_many_who_take_the_same_one_wins_and_is_in_a_shift(shifts: SqlShifts) -> None:
    left = signed(shifts, ANNA, 1, 9)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda user: shifts.take(left.id, user, 11), (BEN, CHEN, BEN, CHEN)))
    (won,) = [a for a in answers if a]
    assert won.came is not None and won.came["at"] == 11 and won == shifts.one(left.id)
    started = shifts.current(won.came["account"])
    assert started is not None and started.started == 11 and shifts.waiting("c") == []
    loser = {"ben": "chen", "chen": "ben"}[won.came["account"]]
    assert shifts.current(loser) is None


def test_what_lasts_or_is_unknown_is_not_taken_and_who_is_in_a_shift_goes_on_in_it(shifts: SqlShifts) -> None:
    running = shifts.start(ANNA, 1)
    assert shifts.take(running.id, BEN, 2) is None and shifts.take("none", BEN, 2) is None and shifts.current("ben") is None
    mine = shifts.start(BEN, 3)
    assert shifts.sign(running.id, "", EMPTY, 4) and shifts.take(running.id, BEN, 5) and shifts.current("ben") == mine


def test_lists_are_of_a_unit_and_all_below_it(shifts: SqlShifts) -> None:
    below, above = signed(shifts, ANNA, 1, 9), signed(shifts, CHEN, 1, 10)
    shifts.start(BEN, 2)
    assert [[s.id for s in shifts.waiting(unit)] for unit in ("c", "d1", "d2")] == [[below.id, above.id], [below.id], []]
    assert [s.id for s in shifts.ended("c", 99, 5)] == [above.id, below.id]
    assert [s.id for s in shifts.ended("c", 10, 5)] == [s.id for s in shifts.ended("d1", 99, 5)] == [below.id]
    assert [s.id for s in shifts.ended("c", 99, 1)] == [above.id] and shifts.ended("c", 99, 1)[0].note is None, "a list has no notes"
    assert shifts.take(below.id, BEN, 11) and [s.id for s in shifts.waiting("c")] == [above.id]
    assert [s.came and s.came["name"] for s in shifts.ended("c", 99, 5)] == [None, "Ben"]
