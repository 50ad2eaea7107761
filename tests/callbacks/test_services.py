"""What a page may ask for: commands are all sent or all refused, and each has its answer."""

from __future__ import annotations

import asyncio
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from callbacks.command import MAX_COMMANDS, UNSENT
from callbacks.services import Services
from dashboard.access.role import User
from dashboard.cases.fold import fold
from dashboard.clocks.rules import SlaRules
from dashboard.desk.undo import Given
from dashboard.live.feed import Feed
from dashboard.places.route import Route
from dashboard.places.unit import UnitTree
from dashboard.ports.reader import Reader
from dashboard.settings import Settings
from dashboard.words import load
from tests.conftest import ROOT
from tests.journeys.system import until
from tests.made import SLA, UNITS, event

TREE = UnitTree(UNITS)
USER = User("p1", "P. One", "dispatcher", "c")


class Deaf:
    """A feed whose engine never answers; it remembers what it was asked."""

    def __init__(self) -> None:
        self.clock = SimpleNamespace(now=lambda: 0, wall=lambda: 0)
        self.sent: list[str] = []
        self.bodies: list[bytes] = []

    async def send(self, command_id: str, body: bytes) -> None:
        self.sent.append(command_id)
        self.bodies.append(body)


def services() -> tuple[Services, Deaf]:
    made, feed = Services(Settings()), Deaf()
    made.feed = cast("Feed", feed)
    return made, feed


def command(n: int = 0, **over: Any) -> dict[str, Any]:
    return {"id": f"id-{n:08d}", "type": "command.urge", "case": "12345~A", "expected_version": 1, "data": {"reason": "r"}} | over


def test_too_many_are_refused_every_one() -> None:
    made, feed = services()
    results = asyncio.run(made.send([command(n) for n in range(MAX_COMMANDS + 1)], USER))
    assert len(results) == MAX_COMMANDS + 1 and feed.sent == []
    assert {r["status"] for r in results} == {"refused"} and "in parts" in results[0]["message"]


def test_as_many_as_allowed_are_all_sent_and_unconfirmed_ones_say_what_to_do() -> None:
    made, feed = services()
    results = asyncio.run(made.send([command(n) for n in range(MAX_COMMANDS)], USER))
    assert len(feed.sent) == MAX_COMMANDS == len({r["id"] for r in results})
    assert {r["status"] for r in results} == {"unconfirmed"} and "same id" in results[0]["message"]


def test_who_sends_a_command_comes_from_the_session_and_from_nowhere_else() -> None:
    made, feed = services()
    boss = {"id": "boss", "role": "commander"}
    asyncio.run(made.send([command(actor=boss, source="/engine", data={"reason": "r", "actor": boss})], USER))
    sent = msgspec.json.decode(feed.bodies[0])
    assert (sent["source"], sent["data"]["actor"]["id"], "actor" in sent) == ("/desk", "p1", False)


@pytest.mark.parametrize("over", [{"case": "12345~B"}, {"data": {"reason": "other"}}, {"type": "command.note"}])
def test_another_command_under_the_same_id_is_not_given_the_first_one_s_answer(over: dict[str, Any]) -> None:
    """Five cases were "accepted" under one id, and one of them had been changed."""
    made, feed = services()
    results = asyncio.run(made.send([command(), command(**over), command(expected_version=2)], USER))
    assert [r["why"] for r in results] == [None, "id_reused", None] and len(feed.sent) == 2


@pytest.mark.parametrize(
    "over",
    [{"id": 5}, {"id": "short"}, {"id": "x" * 65}, {"type": "reassign"}, {"case": "<b>"}, {"expected_version": "1"},
     {"expected_version": -1}, {"data": []}, {"data": {"text": "x" * 70_000}}, {"data": {"text": "\0"}}],
)  # fmt: skip
def test_what_has_no_form_is_refused_before_it_is_sent(over: dict[str, Any]) -> None:
    made, feed = services()
    (result,) = asyncio.run(made.send([command(**over)], USER))
    assert (result["status"], result["code"], feed.sent) == ("refused", "invalid", [])
    assert result["message"]


def test_everything_that_was_not_sent_has_its_sentence_in_both_languages() -> None:
    words = [load(ROOT / "assets" / "locales").tables[lang] for lang in ("zh", "en")]
    assert [{k.removeprefix("unsent.") for k in table if k.startswith("unsent.")} for table in words] == [set(UNSENT)] * 2


class Reads:
    """A reader of one case in the grid `g1`; its on-time figures are those of the last scan."""

    def __init__(self) -> None:
        self.scans, self.go = 0, Event()
        self.places = self.cases = self.rules = self

    def history(self, case: str) -> tuple[Any, list[Any]]:
        events = [event("case.reported")]
        return msgspec.structs.replace(fold(events[0], None), grid="g1"), events

    def undoable(self, account: str, now: int, wall: int) -> list[Given]:
        return [Given(f"{account}-{n}", "urge", None, now, n, f"12345~{n}", 2, "03", f"g{n}", None) for n in (1, 2)]

    def routes(self) -> list[Route]:
        return [Route("u1", "03", "c")]

    def records(self, since: int) -> dict[str, tuple[int, int]]:
        self.scans += 1
        assert self.scans == 1 or self.go.wait(5)
        return {"u1": (self.scans, 10)}

    def sla(self) -> SlaRules:
        return SLA


def reading() -> tuple[Services, Reads]:
    made, feed = services()
    feed.board = SimpleNamespace(tree=TREE, loads=dict)  # type: ignore[attr-defined]
    made.reader = cast("Reader", Reads())
    return made, cast("Reads", made.reader)


def test_a_case_outside_the_jurisdiction_has_no_candidates_like_one_that_does_not_exist() -> None:
    made, _ = reading()
    inside, outside = (made.candidates("12345~A", User("p1", "P. One", "dispatcher", unit)) for unit in ("d1", "d2"))
    assert [c["unit"] for c in inside["candidates"]] == ["u1"]
    assert outside == {"candidates": [], "rejected": [], "effects": [], "arbitration": False, "report": {"title": "", "text": ""}}


def test_what_left_the_jurisdiction_and_what_another_role_did_is_not_in_the_stack() -> None:
    made, _ = reading()
    stacks = {who: made.undo_stack(User("p1", "P. One", *who)) for who in (("dispatcher", "d1"), ("dispatcher", "c"), ("api", "c"))}
    assert [[e["entry"] for e in found] for found in stacks.values()] == [["p1-1"], ["p1-2", "p1-1"], []]


def test_nobody_but_the_first_waits_for_the_figures_of_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callbacks.services.RECORDS_FOR", 0.0)
    made, reads = reading()
    met = [made.candidates("12345~A", USER)["candidates"][0]["reasons"][3].n for _ in range(2)]
    assert met == [1, 1] and reads.scans == 2
    reads.go.set()
    until(lambda: made.candidates("12345~A", USER)["candidates"][0]["reasons"][3].n > 1)
