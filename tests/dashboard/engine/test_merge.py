"""Merging duplicates: the strictest clock leads, every reporter's own goes on, and unmerging gives back what the merge took."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cases import command as commands
from dashboard.cases.alarm import Alarm
from dashboard.cases.bound import DUPLICATES
from dashboard.cases.case import Case
from dashboard.cases.event import Event, decode_data
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal
from dashboard.cases.stage import Stage
from dashboard.clock import HOUR, MINUTE
from dashboard.engine.decide import Rules, decide
from dashboard.engine.merge import leader
from dashboard.places.route import Routing
from tests.made import CITY, SLA, T0, case, command, event

RULES = Rules(CITY, Routing([], CITY), SLA)
CHIEF = {"id": "p1", "name": "P. One", "role": "duty_chief", "unit": "c"}
ALL = [case(n) for n in "LABC"]


class City:
    """Cases L, A, B and C, and what commands make of them (port `CaseHistory`)."""

    def __init__(self, **due: int | None) -> None:
        self.cases = {case(n): self._made(n, hours) for n, hours in due.items()}

    def _made(self, name: str, hours: int | None) -> Case:
        due = None if hours is None else T0 + hours * HOUR
        pinned = SLA._pin("24x7", due, (hours or 0) * HOUR, (80, 100, 150, 200)) if due else None
        return Case(
            case=case(name), workflow="grid", version=1, pos=1, stage=Stage.ACCEPTED, severity=0, category="030101", channel="other",
            reported=T0, grid="g1", last_at=T0, policy="default-1", due=due, amber=pinned.amber if pinned else None,
            limit=pinned.limit if pinned else None, rungs=pinned.rungs if pinned else [],
        )  # fmt: skip

    def events(self, case: str) -> list[Event]:
        return []

    def outcome(self, command: str) -> None:
        return None

    def case(self, case: str) -> Case | None:
        return self.cases.get(case)

    def alarms(self, case: str) -> list[Alarm]:
        return []

    def ask(self, verb: str, name: str, **data: Any) -> Refusal | None:
        on = self.cases[case(name)]
        body = command(verb, on.case, on.version, CHIEF, data | {"reason": "same hole"})
        made = decide(commands.decode(body), on, RULES, T0 + MINUTE, self)
        if isinstance(made, Refusal):
            return made
        [(event, after)] = made
        self.cases[on.case] = after
        led = leader(event, after, self, SLA)
        if led is not None:
            assert decode_data(led[0].type, led[0].raw) == led[0].data
            again = fold(led[0], self.cases[led[1].case])
            assert again == led[1], "the stored event folds to the same"
            self.cases[led[1].case] = led[1]
        return None

    def merge(self, name: str, into: str) -> Refusal | None:
        return self.ask("merge", name, into=case(into))

    def __getitem__(self, name: str) -> Case:
        return self.cases[case(name)]


def hours(c: Case) -> float:
    assert c.due is not None
    return (c.due - T0) / HOUR


def test_the_strictest_clock_leads_and_the_duplicate_keeps_its_own() -> None:
    city = City(L=10, A=4, B=20)
    own = city["L"]
    assert city.merge("B", "L") is None and hours(city["L"]) == 10
    assert city.merge("A", "L") is None
    led = city["L"]
    assert (hours(led), led.duplicates, led.took) == (4, [case("B"), case("A")], 6 * HOUR)
    assert [a - b for a, b in zip(own.rungs, led.rungs, strict=True)] == [6 * HOUR] * 4 and (own.amber or 0) - (led.amber or 0) == 6 * HOUR
    assert (hours(city["A"]), city["A"].merged_into) == (4, case("L"))


def test_unmerging_gives_back_exactly_what_the_merge_took() -> None:
    city = City(L=10, A=4, B=6)
    fields = ("due", "amber", "limit", "mode", "rungs", "took", "duplicates")
    before = [getattr(city["L"], f) for f in fields]
    city.merge("A", "L")
    city.merge("B", "L")
    city.ask("unmerge", "A")
    assert hours(city["L"]) == 6, "the next strictest leads"
    city.ask("unmerge", "B")
    assert [getattr(city["L"], f) for f in fields] == before
    assert city["A"].merged_into is None


def test_an_extension_meanwhile_is_kept() -> None:
    city = City(L=10, A=4)
    city.merge("A", "L")
    city.ask("extend", "L", hours=3)
    assert hours(city["L"]) == 7
    city.ask("unmerge", "A")
    assert hours(city["L"]) == 13


def test_a_duplicate_whose_promise_moves_moves_its_leaders() -> None:
    city = City(L=10, A=4, B=6)
    city.merge("A", "L")
    city.merge("B", "L")
    city.ask("extend", "A", hours=1)
    assert (hours(city["A"]), hours(city["L"])) == (5, 5)
    city.ask("extend", "A", hours=9)
    assert (hours(city["L"]), city["L"].took) == (6, 4 * HOUR), "the next strictest leads"
    version = city["L"].version
    city.ask("extend", "A", hours=1)
    city.ask("note", "B", text="hm")
    assert city["L"].version == version, "what moves nothing is not told"
    city.ask("unmerge", "B")
    city.ask("unmerge", "A")
    assert (hours(city["L"]), city["L"].took, city["L"].duplicates) == (10, 0, [])


@pytest.mark.parametrize(
    ("merges", "name", "into", "code"),
    [
        ([], "A", "A", "bad_target"),
        ([], "A", "X", "bad_target"),
        ([("A", "L")], "A", "B", "not_allowed"),  # merged already
        ([("A", "L")], "B", "A", "bad_target"),  # into a merged one
        ([("A", "L")], "L", "A", "not_allowed"),  # a cycle
        ([("A", "L")], "L", "B", "not_allowed"),  # a leader
        ([], "A", "C", "bad_target"),  # no promise leads none
    ],
)
def test_what_cannot_be_merged(merges: list[tuple[str, str]], name: str, into: str, code: str) -> None:
    city = City(L=10, A=4, B=6, C=None)
    for pair in merges:
        assert city.merge(*pair) is None
    refused = city.merge(name, into)
    assert refused is not None and refused.code == code and ":" in refused.message


def test_into_a_case_that_has_ended_or_lies_outside() -> None:
    city = City(L=10, A=4)
    city["L"].stage = Stage.CLOSED
    refused = city.merge("A", "L")
    assert refused is not None and "ended" in refused.message
    city["L"].stage, city["L"].grid = Stage.ACCEPTED, "g2"
    body = command("merge", case("A"), 1, CHIEF | {"unit": "d1"}, {"into": case("L"), "reason": "same"})
    assert "jurisdiction" in decide(commands.decode(body), city["A"], RULES, T0, city).message  # type: ignore[union-attr]


def test_one_case_leads_a_bounded_number() -> None:
    """What moves the promise of one of them asks all the others."""
    city = City(L=10, A=4)
    city["L"].duplicates = [f"12345~{n}" for n in range(DUPLICATES)]
    refused = city.merge("A", "L")
    assert refused is not None and (refused.why, refused.code) == ("merge_full", "bad_target")


def test_only_what_is_merged_is_unmerged() -> None:
    refused = City(A=4).ask("unmerge", "A")
    assert refused is not None and refused.code == "not_allowed"


def test_a_source_leads_nobody() -> None:
    assert isinstance(fold(event("case.duplicate_joined", took=5), City(L=1)["L"]), Refusal)
    assert leader(event("case.noted"), City(L=1)["L"], City(L=1), SLA) is None
    assert leader(event("case.merged", into=case("L")), City(L=1)["L"], City(L=1), SLA) is None
