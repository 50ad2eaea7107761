"""The intake: places resolved and flagged, promises pinned; never a lost case (DOMAIN.md 1 and 3)."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.cases.event import Event
from dashboard.cases.fold import fold
from dashboard.clock import HOUR, iso
from dashboard.clocks.calendar import Calendar
from dashboard.clocks.policy import Policies, Policy, PolicyRow
from dashboard.clocks.rules import SlaRules
from dashboard.engine.intake import CLOCK_AHEAD, Intake
from dashboard.places.crs import wgs84_to_bd09, wgs84_to_gcj02
from dashboard.places.grid import Grid
from dashboard.places.locate import Maps
from dashboard.simulate.category import CATEGORIES
from tests.made import T0, event

SQUARE = [[118.8, 32.0], [118.9, 32.0], [118.9, 32.1], [118.8, 32.1], [118.8, 32.0]]
EAST = [[x + 0.1, y] for x, y in SQUARE]
GRIDS = [Grid("g1", "West", "k", "general", [SQUARE]), Grid("g2", "East", "k", "general", [EAST])]
ROWS = [
    PolicyRow(category, severity, "total", hours, "24x7")
    for category, severity, hours in (("a", "", 10.0), ("a", "danger", 2.0), ("short", "", 1.0), ("short", "danger", 1.0))
]
RULES = SlaRules(Calendar("Asia/Shanghai"), Policies([Policy("total-1", 0, None, ROWS)]))


def taken(at: int = T0, maps: Maps | None = None, **data: Any) -> Event:
    made = event("case.reported", at, **data)
    (stored,) = Intake(RULES, maps or Maps([]), CATEGORIES).take([made], T0)
    return stored


INSIDE = {"lon": 118.85, "lat": 32.05}
PLACES = [
    ({}, ["no_place"], None),
    ({"lon": 0, "lat": 0}, ["no_place"], None),
    ({"lon": 118.85}, ["no_place"], None),
    ({"lon": 181.0, "lat": 32.0}, ["no_place"], None),
    ({"lon": 118.85, "lat": -91.0}, ["no_place"], None),
    ({"lon": 1e308, "lat": 1e308}, ["no_place"], None),
    (INSIDE, [], "g1"),
    ({"lon": 118.95, "lat": 32.05}, [], "g2"),
    ({"lon": 10.0, "lat": 50.0}, ["outside_city"], None),
    (INSIDE | {"grid": "g1"}, [], "g1"),
    (INSIDE | {"grid": "g2"}, ["outside_claimed_grid"], "g2"),
    (INSIDE | {"grid": "new"}, [], "new"),
    ({"grid": "g2"}, ["no_place"], "g2"),
]


@pytest.mark.parametrize(("place", "flags", "grid"), PLACES)
def test_a_place_is_resolved_or_flagged_and_the_case_lives(place: dict[str, Any], flags: list[str], grid: str | None) -> None:
    made = taken(maps=Maps(GRIDS), place=place)
    case = fold(made, None)
    assert (case.flags, case.grid) == (flags, grid)  # type: ignore[union-attr]


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_points_are_converted_before_they_are_located(crs: str) -> None:
    """A point 100 m inside the border: taken as it comes it would lie in the other grid."""
    lon, lat = (wgs84_to_gcj02 if crs == "gcj02" else wgs84_to_bd09)(118.899, 32.05)
    assert lon > 118.9
    found = taken(maps=Maps(GRIDS), place={"lon": float(lon), "lat": float(lat), "crs": crs}).data.intake
    assert found.grid == "g1"
    assert abs(found.lon - 118.899) < 1e-5


def test_without_polygons_nothing_is_outside() -> None:
    assert taken(place=INSIDE).data.intake.flags == []


@pytest.mark.parametrize(("ahead", "flags"), [(CLOCK_AHEAD, ["no_place"]), (CLOCK_AHEAD + 1, ["no_place", "clock_ahead"])])
def test_a_clock_that_runs_ahead_is_flagged(ahead: int, flags: list[str]) -> None:
    assert taken(T0 + ahead).data.intake.flags == flags


PROMISES = [
    ({"category": "a"}, 10, "total-1"),
    ({"category": "a", "severity": "danger"}, 2, "total-1"),
    ({"category": "short", "severity": "danger"}, 1, "total-1"),
    ({"category": "b"}, None, ""),
    ({"category": "b", "severity": "danger"}, None, ""),
    ({"category": "unheard of"}, None, ""),
    ({"category": "a", "due": iso(T0 + 3 * HOUR)}, 3, "source"),
    ({"category": "b", "due": iso(T0 + 3 * HOUR)}, 3, "source"),
    ({"category": "a", "due": iso(T0 - 3 * HOUR)}, -3, "source"),
]


@pytest.mark.parametrize(("data", "hours", "policy"), PROMISES)
def test_the_promise_is_pinned_to_the_report(data: dict[str, Any], hours: int | None, policy: str) -> None:
    case = fold(taken(**data), None)
    assert case.due == (None if hours is None else T0 + hours * HOUR)  # type: ignore[union-attr]
    assert case.amber == (None if hours is None else T0 + int(hours * 0.8 * HOUR))  # type: ignore[union-attr]
    assert case.policy == policy  # type: ignore[union-attr]


def test_the_findings_are_in_the_stored_event() -> None:
    """Folding the stored bytes again, without desk or map, gives the same case."""
    from dashboard.cases.event import decode_data

    made = taken(maps=Maps(GRIDS), place=INSIDE, category="a")
    again = Event(made.id, made.type, made.case, made.source, made.at, decode_data(made.type, made.raw), made.raw)
    assert fold(again, None) == fold(made, None)
