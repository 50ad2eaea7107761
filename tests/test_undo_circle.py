"""What an account may undo, through a real engine on both databases: the server knows it, so a reload and another browser show the same."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from sqlalchemy import Engine as Database

from dashboard.clock import MINUTE
from dashboard.clocks.explain import clocks
from dashboard.desk.query import CaseQuery
from dashboard.desk.undo import UndoEntry, stack
from dashboard.engine.undo import AUDIT
from data_access.reader import SqlReader
from tests.circle import Circle, comparable, stored_cases
from tests.made import REPORT, SLA, T0, case, command, entry

WALL = T0 + MINUTE
CHIEF = {"id": "p1", "name": "P. One", "role": "duty_chief", "unit": "c"}
MINE = CHIEF | {"id": "p2", "name": "P. Two", "role": "dispatcher"}
WHY = {"reason": "r"}


class Desk(Circle):
    """An engine whose commands are given by people, each against the case as it is."""

    def __init__(self, server: redis.Redis, db: Database) -> None:
        super().__init__(server, db, WALL)
        self._n = 0
        self.report(*(entry("case.reported", s, data=REPORT | {"severity": "danger"}) for s in "ABCDL"))
        self.report(*(entry("case.accepted", s, at=T0 + 1) for s in "ABCDL"))
        self.run()

    def give(self, verb: str, subject: str, data: dict[str, Any] | None = None, who: dict[str, str] = MINE) -> str:
        """The command's id; it may have been refused."""
        self._n += 1
        self.clock.at += 1000
        self.ask(command(verb, case(subject), stored_cases(self.db)[case(subject)].version, who, data, id_=f"command-{self._n:03}"))
        self.run()
        return f"command-{self._n:03}"

    def stack(self, who: dict[str, str] = MINE) -> list[UndoEntry]:
        """As another web worker reads it, which has seen nothing of all this."""
        return stack(SqlReader(self.db).cases.undoable(who["id"], self.clock.now(), self.clock.wall()))

    def names(self, who: dict[str, str] = MINE) -> list[str]:
        return [e["entry"] for e in self.stack(who)]

    def mine(self, who: dict[str, str] = MINE) -> list[str]:
        found = SqlReader(self.db).cases.page(CaseQuery(now=self.clock.now(), tab="mine", user_id=who["id"]))
        return sorted(i["subject"] for i in found["items"])


@pytest.fixture
def desk(valkey: redis.Redis, database: Database) -> Desk:
    return Desk(valkey, database)


def test_every_command_that_can_be_undone_joins_the_stack_newest_first_and_leaves_it(desk: Desk) -> None:
    given = [
        desk.give("urge", "A", WHY), desk.give("note", "B", {"text": "hm"}), desk.give("acknowledge", "C"),
        desk.give("merge", "D", {"into": case("L")} | WHY),
    ]  # fmt: skip
    refused = desk.give("resume", "A")
    assert desk.names() == given[::-1] and refused not in desk.names()
    top = desk.stack()[0]
    assert (top["verb"], top["category"], top["grid"]) == ("merge", "030101", None)
    assert top["commands"] == [{"command": given[3], "case": case("D"), "version": 3}]
    assert top["until"] - top["at"] == 5 * MINUTE
    assert desk.mine() == ["A", "B", "C"], "a merged case is out of the queue"
    for left in (given[2::-1], given[1::-1], given[:1], []):
        first = desk.stack()[0]["commands"][0]
        desk.ask(command("undo", first["case"], first["version"], MINE, {"command": first["command"]}))
        desk.run()
        assert desk.names() == left
    assert desk.mine() == [], "undone work is nobody's"
    desk.assert_whole()


def test_ones_own_note_is_not_in_the_way_and_anybody_elses_is(desk: Desk) -> None:
    first, second = desk.give("urge", "A", WHY), desk.give("urge", "B", WHY)
    note = desk.give("note", "A", {"text": "called them"})
    assert desk.names() == [note, second, first]
    assert desk.stack()[2]["commands"][0]["version"] == 4, "the version that the case has now"
    desk.give("note", "B", {"text": "me too"}, CHIEF)
    assert desk.names() == [note, first]
    desk.give("undo", "A", {"command": first})
    assert (desk.names(), desk.mine()) == ([note], ["A", "B"]), "the note stays, and is mine"
    desk.report(entry("case.dispatched", "A", at=WALL))
    desk.run()
    assert desk.names() == []


def test_only_ones_own_and_only_for_five_minutes(desk: Desk) -> None:
    mine = desk.give("urge", "A", WHY)
    theirs = desk.give("urge", "B", WHY, CHIEF)
    assert (desk.names(), desk.names(CHIEF)) == ([mine], [theirs])
    desk.clock.at += 5 * MINUTE - 1000
    assert desk.names() == [mine]
    desk.clock.at += 1
    assert desk.names() == []


def test_what_was_given_at_once_is_one_entry(desk: Desk) -> None:
    alone = desk.give("urge", "L", WHY)
    for subject in "ABC":
        desk.give("urge", subject, WHY | {"batch": "batch-0001"})
    assert desk.names() == ["batch-0001", alone]
    desk.give("note", "B", {"text": "hm"}, CHIEF)
    assert [c["case"] for c in desk.stack()[0]["commands"]] == [case("A"), case("C")]


def test_an_undone_acknowledgement_leaves_the_alarm_as_unread_as_before(desk: Desk) -> None:
    def alarms() -> list[Any]:
        return SqlReader(desk.db).board.alarms(2**53)

    before = alarms()
    seen = desk.give("acknowledge", "A")
    assert len(alarms()) == len(before) - 1
    desk.give("undo", "A", {"command": seen})
    assert alarms() == before
    version = stored_cases(desk.db)[case("A")].version
    desk.give("acknowledge", "A", who=CHIEF)
    again = desk.give("acknowledge", "A", who=CHIEF)
    assert stored_cases(desk.db)[case("A")].version == version + 1, f"{again} was refused: there was no alarm any more"


def test_a_merge_that_is_undone_never_was(desk: Desk) -> None:
    desk.give("extend", "L", {"hours": 0.2} | WHY, CHIEF)
    before = comparable(stored_cases(desk.db))

    def told(subject: str) -> Any:
        found = SqlReader(desk.db).cases.history(case(subject))
        assert found is not None
        return clocks(found[1], found[0], SLA, WALL + 60 * MINUTE)

    was = [told(s) for s in "DL"]
    merged = desk.give("merge", "D", {"into": case("L")} | WHY)
    assert [told(s) for s in "DL"] != was
    desk.give("undo", "D", {"command": merged})
    after = comparable(stored_cases(desk.db))
    assert [told(s) for s in "DL"] == was
    for subject in "DL":
        assert {k: v for k, v in after[case(subject)].items() if k not in AUDIT} == {
            k: v for k, v in before[case(subject)].items() if k not in AUDIT
        }
    desk.assert_whole()
