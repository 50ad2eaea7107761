"""Grids cover their area once: overlaps and gaps are found with their size and place, slivers within the tolerance are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.places.crs import gcj02_to_wgs84, wgs84_to_gcj02
from dashboard.places.grid import Grid
from dashboard.places.locate import Locator
from dashboard.places.survey import survey, wrong_crs
from tests.dashboard.places.drawn import grid

NINE = [grid(i + 1, i % 3, i // 3) for i in range(9)]


def test_a_whole_map_has_no_findings() -> None:
    assert survey(NINE) == [] == survey([])


def test_a_missing_grid_is_a_gap_with_its_size() -> None:
    (gap,) = survey([g for g in NINE if g.code != NINE[4].code])
    assert gap.kind == "gap" and gap.value == pytest.approx(1113.2 * 1113.2 * np.cos(np.radians(32.015)), rel=0.01)
    assert Locator(NINE).locate(gap.lon, gap.lat) == [NINE[4].code]


def test_grids_over_each_other_are_found_once() -> None:
    (overlap,) = survey([grid(1, 0, 0), grid(2, 0.5, 0)])
    assert (overlap.kind, overlap.code, overlap.other) == ("overlap", grid(1, 0, 0).code, grid(2, 0, 0).code)
    assert overlap.value == pytest.approx(0.5 * 1113.2 * 1113.2 * np.cos(np.radians(32.005)), rel=0.01)


@given(st.floats(0.1, 5.0), st.sampled_from([-1, 1]))
def test_the_tolerance_is_the_width_of_a_sliver(metres: float, side: int) -> None:
    """A neighbour that lies beside its place by some metres: found when it is more than the tolerance of a metre."""
    moved = [grid(i + 1, i % 3 + side * metres / 1113.2 / np.cos(np.radians(32.015)) * (i == 4), i // 3) for i in range(9)]
    if abs(metres - 1.0) > 0.05:
        assert bool(survey(moved)) == (metres > 1.0)


def test_neighbours_outside_the_file_must_fit_but_are_not_judged() -> None:
    beside = [grid(7, 0.5, 1), grid(8, 3, 3), grid(9, 3.5, 3)]
    assert {(f.code, f.other) for f in survey([grid(1, 0, 0), grid(2, 0, 1)], beside)} == {(grid(2, 0, 0).code, grid(7, 0, 0).code)}


@pytest.mark.parametrize(("convert", "really"), [(wgs84_to_gcj02, "gcj02"), (gcj02_to_wgs84, "wgs84")])
def test_a_wrongly_declared_system_is_recognised_by_the_map_that_is_there(convert: object, really: str) -> None:
    moved = [Grid(g.code, g.name, g.community, g.kind, [[[float(v) for v in convert(*p)] for p in g.rings[0]]]) for g in NINE]  # type: ignore[operator]
    finding = wrong_crs(moved, NINE)
    assert finding is not None and f"--crs {really}" in finding.detail
    assert wrong_crs(NINE, NINE) is None
    assert wrong_crs(moved[:2], NINE) is None, "two grids may have been redrawn"
    assert wrong_crs([grid(i + 1, i % 3 + 0.5, i // 3) for i in range(9)], NINE) is None, "moved, but not by that shift"
