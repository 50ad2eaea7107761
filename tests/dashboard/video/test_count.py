"""Video points counted for every unit of the tree, against a plain loop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.video.count import Counts, by_grid
from dashboard.video.point import Status, VideoPoint
from tests.made import CITY

STATUS: tuple[Status, ...] = ("ON", "OFF", "VLOST", "DEFECT")


def point(status: Status) -> VideoPoint:
    return VideoPoint("1", "a", "huiyan", "road", 118.8, 32.0, 10, 90, 50, status)


@given(st.lists(st.tuples(st.sampled_from(STATUS).map(point), st.sampled_from(["g1", "g2", None, "no grid of ours"]))))
def test_a_unit_has_the_points_that_stand_in_it(placed: list[tuple[VideoPoint, str | None]]) -> None:
    counts = Counts(CITY, by_grid([p for p, _ in placed], [grid for _, grid in placed]))
    for unit in CITY.units:
        mine = [p for p, grid in placed if CITY.within(grid, unit.code)]
        assert counts.of(unit.code) == (len(mine), sum(p.status == "ON" for p in mine))
    assert counts.of(CITY.root.code)[0] == len(placed), "what stands nowhere is the city's"
    assert counts.of("nowhere") == (0, 0)
