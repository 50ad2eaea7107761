"""What leaves the server of an indicator: inside the jurisdiction only, and no numerator over a handful of cases."""

from __future__ import annotations

from dashboard.places.share import ON_TIME, column
from tests.made import CITY

VALUES = {"g1": (4.0, 5.0), "g2": (3.0, 4.0), "gone": (1.0, 9.0)}


def test_a_small_denominator_hides_its_numerator() -> None:
    got = column(VALUES, ON_TIME, CITY, "c")
    assert (got["grid"], got["n"], got["d"]) == (["g1", "g2", "gone"], [4, None, 1], [5, 4, 9])
    assert got["bound"] == 0.9


def test_a_district_gets_its_own_grids() -> None:
    assert column(VALUES, ON_TIME, CITY, "d1")["grid"] == ["g1"]
    assert column(VALUES, ON_TIME, CITY, "nowhere")["grid"] == []
