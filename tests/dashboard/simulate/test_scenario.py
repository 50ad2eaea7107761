"""The scenarios: deterministic, every step one that the contract knows, and each of them what its name says."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.access.role import User
from dashboard.cases.case import Case
from dashboard.cases.command import decode as decode_command
from dashboard.cases.event import decode
from dashboard.cases.fold import fold
from dashboard.cases.verb import may, read
from dashboard.clock import HOUR, SECOND
from dashboard.desk.near import possible_duplicates
from dashboard.places.distance import metres
from dashboard.places.unit import FRESH_ROOT, Unit
from dashboard.simulate.beside import OnDemand, Performance
from dashboard.simulate.city import City
from dashboard.simulate.demo import PEOPLE
from dashboard.simulate.scenario import SCENARIOS, Impossible, Scenario, Written, write
from dashboard.simulate.script import Step
from dashboard.simulate.town import Town

START = 1_795_140_000_000
NAMES = list(SCENARIOS)


@pytest.fixture(scope="module")
def town(ningchuan: City) -> Town:
    return Town(ningchuan.units, ningchuan.grids, ningchuan.routes, PEOPLE, lambda: ningchuan.video)


@pytest.fixture(scope="module")
def bare() -> Town:
    """A city with two districts and two departments, no grids, no routes, no cameras, nobody at work."""
    districts = [Unit(code, code, "district", "c") for code in ("d1", "d2")]
    departments = [Unit(code, code, "department", "d1") for code in ("q1", "q2")]
    return Town([Unit("c", "C", "city"), *districts, *departments], [], [], [], list)


def cases_of(written: Written) -> dict[str, Case]:
    """Folded as the engine would, with the points as they were reported."""
    cases: dict[str, Case] = {}
    for step in written.steps:
        if step.event:
            told = decode(step.event, START + HOUR)
            after = fold(told, cases.get(told.case))
            assert isinstance(after, Case), (told, after)
            if told.type == "case.reported":
                place = told.data.place
                after = msgspec.structs.replace(after, lon=place.lon, lat=place.lat, grid=place.grid)
            cases[told.case] = after
    return cases


@pytest.mark.parametrize("name", NAMES)
def test_the_same_town_and_start_give_the_same_steps(town: Town, name: str) -> None:
    assert write(name, town, START) == write(name, town, START)
    if name != "silent_source":
        assert write(name, town, START) != write(name, town, START + SECOND) != write(name, town, START + SECOND, seed=1)


@given(name=st.sampled_from(NAMES), start=st.integers(START, START + 10**11), scale=st.sampled_from([0.05, 1.0, 10.0]))
@settings(max_examples=40, deadline=None)
def test_every_step_is_one_that_the_engine_takes(town: Town, name: str, start: int, scale: float) -> None:
    written = write(name, town, start, scale=scale)
    assert all(a.at <= b.at for a, b in pairwise(written.steps + written.later))
    assert all(start <= step.at <= start + SCENARIOS[name].seconds * SECOND * scale for step in written.steps)
    cases: dict[str, Case] = {}
    ids = Counter[str]()
    for step in written.steps + written.later:
        if step.event:
            told = decode(step.event, start + 2 * 24 * HOUR)
            ids[told.id] += 1
            assert told.at == step.at
            after = fold(told, cases.get(told.case))
            assert isinstance(after, Case), (told, after)
            cases[told.case] = after
        if step.command:
            command = decode_command(step.command)
            assert command.case in cases and may(command.actor.role, command.verb)
            assert not hasattr(read(command.verb, command.data), "why"), "the payload is none"
    assert set(ids.values()) <= {1} and all(case.ended for case in cases.values()), "and in the end they are closed"


def test_a_storm_hits_a_few_streets_from_several_sources(town: Town) -> None:
    cases = list(cases_of(write("storm", town, START)).values())
    assert len(cases) == 200 and sum(c.severity == 2 for c in cases) == 12
    assert len({c.case.partition("~")[0] for c in cases}) >= 3 and len({(c.grid or "")[:9] for c in cases}) <= 12
    apart = [metres((cases[0].lon, cases[0].lat), (c.lon, c.lat)) or 0 for c in cases]
    assert max(apart) < 12_000


def test_a_gas_leak_is_told_again_nearby_and_grows_worse(town: Town) -> None:
    for start in range(START, START + 20 * SECOND, SECOND):
        first, *others = cases_of(write("gas_leak", town, start)).values()
        assert first.severity == 2 and first.last_type == "case.noted"
        assert len(possible_duplicates(first, others)) == len(others) == 3
        assert len({c.channel for c in (first, *others)}) >= 3


def test_dark_cameras_are_lit_again_exactly_as_they_were(town: Town) -> None:
    written = write("dark_cameras", town, START)
    dark, lit = (step.status for step in written.steps if step.status)
    before = {p.id: p.status for p in town.points()}
    assert set(dark.values()) == {"OFF"} and len(dark) > 3_000 and dark.keys() == lit.keys()
    assert {i: before[i] for i in lit} == lit
    assert next(iter(cases_of(written))).startswith("video~")


def test_two_dispatchers_give_the_same_version_to_two_units(town: Town) -> None:
    written = write("two_dispatchers", town, START)
    (case,) = cases_of(written).values()
    one, other = (decode_command(step.command) for step in written.steps if step.command)
    assert one.case == other.case == case.case and one.expected_version == other.expected_version == case.version
    assert one.actor != other.actor and one.data["to"] != other.data["to"]


@pytest.mark.parametrize(("name", "lacks"), [("dark_cameras", "video points"), ("two_dispatchers", "dispatchers")])
def test_what_the_city_lacks_is_said(bare: Town, name: str, lacks: str) -> None:
    with pytest.raises(Impossible, match=lacks):
        write(name, bare, START)


@pytest.mark.parametrize("name", NAMES)
def test_a_city_without_units_is_said(name: str) -> None:
    with pytest.raises(Impossible, match="there are no units"):
        write(name, Town([FRESH_ROOT], [], [], [], list), START)


def test_a_city_without_grids_has_its_storm_in_its_districts(bare: Town) -> None:
    cases = cases_of(write("storm", bare, START))
    assert len(cases) == 200 and {c.grid for c in cases.values()} == {"d1", "d2"}


def test_only_dispatchers_of_the_whole_city_act() -> None:
    people = [User("a", "A", "dispatcher", "c"), User("b", "B", "dispatcher", "d1"), User("x", "X", "wall", "c")]
    units = [Unit("c", "C", "city"), Unit("d1", "D", "district", "c")]
    assert [u.id for u in Town(units, [], [], people, list).people] == ["a"]


class Outlet:
    def __init__(self) -> None:
        self.done: list[Step] = []

    def do(self, steps: Any) -> None:
        self.done += steps


def plan(*seconds: int) -> Written:
    return Written([Step(s * SECOND, event=str(s).encode()) for s in seconds], "")


def test_each_step_is_done_once_when_it_is_due() -> None:
    outlet = Outlet()
    plays = Performance(Scenario(60, lambda script: None), plan(1, 2, 5), 0, 1.0, outlet)  # type: ignore[arg-type]
    for at in (0, 1_500, 1_600, 4_000, 7_000):
        assert plays.turn(at)
    assert [s.event for s in outlet.done] == [b"1", b"2", b"5"] and not plays.over(59_999) and plays.over(60_000)


def test_the_source_is_silent_for_its_time_only() -> None:
    plays = Performance(Scenario(60, lambda script: None, (5, 50)), plan(), 0, 1.0, Outlet())  # type: ignore[arg-type]
    assert [plays.turn(s * SECOND) for s in (4, 5, 49, 50)] == [True, False, False, True]


def test_who_stops_in_the_middle_leaves_no_camera_dark(town: Town) -> None:
    outlet, written = Outlet(), write("dark_cameras", town, START)
    plays = Performance(SCENARIOS["dark_cameras"], written, START, 1.0, outlet)  # type: ignore[arg-type]
    plays.turn(START + 10 * SECOND)
    plays.stop()
    plays.stop()
    assert [set(s.status.values()) for s in outlet.done if s.status] == [{"OFF"}, {"ON"}]
    assert not any(b"noted" in s.event for s in outlet.done)


def test_what_is_asked_for_plays_one_after_the_other(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    outlet, asked = Outlet(), ["gas_leak", "storm"]
    demand = OnDemand(lambda: asked.pop(0) if asked else None, lambda: town, outlet, 1.0)  # type: ignore[arg-type]
    assert demand.turn(START) and asked == ["storm"]
    demand.turn(START + 59 * SECOND)
    assert len(outlet.done) == 5 and asked == ["storm"]
    demand.turn(START + 60 * SECOND)
    assert asked == [] and "gas_leak: 4 cases (4 of danger), 5 events" in capsys.readouterr().out


def test_what_the_desk_leaves_goes_on_beside_the_next_scenario(town: Town) -> None:
    outlet, asked = Outlet(), ["gas_leak", "storm"]
    demand = OnDemand(lambda: asked.pop(0) if asked else None, lambda: town, outlet, 1.0)  # type: ignore[arg-type]
    for minute in range(0, 60):
        demand.turn(START + minute * 60 * SECOND)
    ends = Counter(decode(step.event, START + 2 * HOUR).type for step in outlet.done if step.event)
    assert ends["case.closed"] == ends["case.reported"] == 204


def test_what_cannot_be_played_is_said_and_the_source_goes_on(bare: Town, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["dark_cameras"]
    demand = OnDemand(lambda: asked.pop() if asked else None, lambda: bare, Outlet(), 1.0)  # type: ignore[arg-type]
    assert demand.turn(START) and demand.turn(START + SECOND)
    assert "there are no video points" in capsys.readouterr().err


