"""Candidates: who is offered, in which order, who is not and why; and what a move does to the clocks."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
import pytest

from dashboard.cases.case import Case
from dashboard.cases.stage import Stage
from dashboard.clock import HOUR
from dashboard.desk.candidate import Facts, Hands, candidates, hands
from dashboard.desk.effect import move
from dashboard.places.route import Route, Routing
from dashboard.places.unit import Unit, UnitTree
from tests.made import SLA, T0, UNITS, case, event

SEATS = {"u1": (118.80, 32.0), "u2": (118.81, 32.0), "u3": (118.90, 32.0)}
TREE = UnitTree(
    [
        *(msgspec.structs.replace(u, lon=SEATS[u.code][0], lat=SEATS[u.code][1]) if u.code in SEATS else u for u in UNITS),
        Unit("u4", "Old office", "department", "d1", valid_to=T0),
        Unit("u5", "Elsewhere", "department", "d2"),
    ]
)
ALL = Routing([Route(u, "03", "c") for u in ("u1", "u2", "u3", "u4")], TREE)
NOBODY = Hands(Counter(), Counter())


def a_case(**over: Any) -> Case:
    values: dict[str, Any] = {
        "case": case(), "workflow": "grid", "version": 3, "pos": 9, "stage": Stage.ACCEPTED, "severity": 0, "category": "030101",
        "channel": "other", "reported": T0, "grid": "g1", "lon": 118.80, "lat": 32.0, "last_at": T0,
    }  # fmt: skip
    return Case(**(values | over))


def offered(
    on: Case | None = None, passed: Hands = NOBODY, loads: dict[str, int] | None = None, records: dict[str, tuple[int, int]] | None = None,
    within: str = "c",
) -> tuple[list[str], dict[str, str]]:  # fmt: skip
    """(codes of the candidates in order, why by code of the rejected)."""
    good, bad = candidates(on or a_case(), passed, Facts(TREE, ALL, loads or {}, records or {}), within, T0 + HOUR)
    return [c["unit"] for c in good], {r["unit"]: r["why"] for r in bad}


def test_the_nearest_is_first_when_nothing_else_differs() -> None:
    assert offered() == (["u1", "u2", "u3"], {"u4": "not_valid", "u5": "not_serving"})


@pytest.mark.parametrize(
    ("given", "first"),
    [
        ({"loads": {"u1": 10}}, "u2"),
        ({"records": {"u1": (0, 100), "u2": (100, 100)}}, "u2"),
        ({"records": {"u1": (0, 1), "u2": (90, 100)}}, "u1"),  # one late case is no record
        ({"on": a_case(lon=118.90)}, "u3"),
        ({"on": a_case(returns=2), "passed": Hands(Counter(u1=1), Counter(u1=1))}, "u2"),
    ],
)
def test_what_moves_somebody_to_the_front(given: dict[str, Any], first: str) -> None:
    assert offered(**given)[0][0] == first


def test_who_is_rejected_and_why() -> None:
    good, bad = offered(a_case(owner="u1"), Hands(Counter(u2=1), Counter(u2=1)))
    assert good == ["u3"]
    assert bad == {"u1": "owner_now", "u2": "returned_before", "u4": "not_valid", "u5": "not_serving"}
    assert offered(within="d1")[1]["u2"] == "outside_jurisdiction"


def test_in_arbitration_who_returned_it_may_be_designated() -> None:
    assert "u2" in offered(a_case(returns=2), Hands(Counter(u2=1), Counter(u2=1)))[0]


def test_reasons_carry_their_fractions() -> None:
    facts = Facts(TREE, ALL, {"u1": 4}, {"u1": (9, 10)})
    good, _ = candidates(a_case(), Hands(Counter(u1=2), Counter()), facts, "c", T0)
    assert msgspec.to_builtins(good[0]["reasons"]) == [
        {"key": "serves", "value": True}, {"key": "load", "value": 4}, {"key": "distance_km", "value": 0.0},
        {"key": "on_time", "value": 0.9, "n": 9, "d": 10}, {"key": "returns", "value": 0, "n": 0, "d": 2},
    ]  # fmt: skip


def test_a_city_without_a_table_offers_every_department() -> None:
    good, _ = candidates(a_case(lon=None, lat=None), NOBODY, Facts(TREE, Routing([], TREE), {}, {}), "c", T0 - 1)
    assert {c["unit"] for c in good} == {"u1", "u2", "u3", "u4", "u5"}
    assert next(r for r in good[0]["reasons"] if r.key == "distance_km").value is None


def test_hands_are_read_from_the_events() -> None:
    events = [
        event("case.reported"), event("case.dispatched", to="u1"), event("case.return_approved"), event("case.dispatched", to="u1"),
        event("case.reassigned", to="u2"),
    ]  # fmt: skip
    assert hands(events) == Hands(Counter(u1=2, u2=1), Counter(u1=1))


def test_a_move_keeps_the_promise_and_starts_the_owner_anew() -> None:
    from tests.dashboard.clocks.test_explain import FLOW, live
    from tests.dashboard.clocks.test_explain import SLA as RULES

    events, state = live(FLOW)
    effects = {e["clock"]: e for e in move(events, state, "u2", RULES, state.last_at + HOUR)}
    assert list(effects) == ["total", "stage:handle", "stage:sign", "owner"]
    total = {"due": state.due, "amber": state.amber, "light": "green"}
    assert effects["total"] == {"clock": "total", "before": total, "after": total, "kept": True}
    assert effects["stage:handle"]["after"] is None and effects["stage:sign"]["before"] is None
    before, after = effects["owner"]["before"], effects["owner"]["after"]
    assert after["due"] > before["due"] and after["amber"] > before["amber"] and not effects["owner"]["kept"]


def test_a_clock_that_is_nearly_spent_is_amber_before_the_move_and_green_after_it() -> None:
    from tests.dashboard.clocks.test_explain import FLOW, live
    from tests.dashboard.clocks.test_explain import SLA as RULES

    events, state = live(FLOW)
    (owner,) = [e for e in move(events, state, "u2", RULES, state.last_at) if e["clock"] == "owner"]
    (late,) = [e for e in move(events, state, "u2", RULES, owner["before"]["amber"]) if e["clock"] == "owner"]
    assert (late["before"]["light"], late["after"]["light"]) == ("amber", "green")


def test_a_case_that_cannot_move_has_no_effects() -> None:
    done = a_case(stage=Stage.CLOSED, closed=T0)
    assert move([event("case.reported")], done, "u1", SLA, T0 + HOUR) == []
