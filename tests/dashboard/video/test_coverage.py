"""Geometric coverage against areas that can be worked out by hand, and what must hold of any points."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.places.distance import DEGREE_M
from dashboard.places.grid import Grid
from dashboard.video.coverage import Coverage
from dashboard.video.point import Status, VideoPoint

LON, LAT = 118.8, 32.0
EAST = DEGREE_M * math.cos(math.radians(LAT))


def at(x: float, y: float) -> list[float]:
    """Metres from the corner of the first square -> degrees."""
    return [LON + x / EAST, LAT + y / DEGREE_M]


def square(code: str, x: float, side: float = 1000, hole: float = 0) -> Grid:
    rings = [[at(x, 0), at(x + side, 0), at(x + side, side), at(x, side), at(x, 0)]]
    if hole:
        low, high = side / 2 - hole / 2, side / 2 + hole / 2
        rings.append([at(x + low, low), at(x + high, low), at(x + high, high), at(x + low, high), at(x + low, low)])
    return Grid(code, code, "c", "general", rings)


def camera(
    x: float, y: float, reach: float = 100, fov: float = 360, direction: float = 0, status: Status = "ON", active: bool = True
) -> VideoPoint:
    lon, lat = at(x, y)
    return VideoPoint("1", "one", "huiyan", "road", lon, lat, direction, fov, reach, status, active)


GRIDS = [square("A", 0), square("B", 1000)]


def seen(*points: VideoPoint, grids: list[Grid] = GRIDS) -> list[float]:
    return [n for n, _ in Coverage(grids).of(list(points)).values()]


@pytest.mark.parametrize(
    ("points", "want"),
    [
        ([], [0, 0]),
        ([camera(500, 500)], [math.pi * 1e4, 0]),
        ([camera(500, 500, fov=90)], [math.pi * 1e4 / 4, 0]),
        ([camera(500, 500, fov=270)], [math.pi * 1e4 * 3 / 4, 0]),
        ([camera(1000, 500)], [math.pi * 5e3, math.pi * 5e3]),
        ([camera(1000, 500, fov=180, direction=90)], [0, math.pi * 5e3]),
        ([camera(1000, 500, fov=180, direction=270)], [math.pi * 5e3, 0]),
        ([camera(1000, 1000, fov=180, direction=180)], [math.pi * 2.5e3, math.pi * 2.5e3]),
        ([camera(500, 0, fov=180, direction=180)], [0, 0]),
        ([camera(500, 500), camera(500, 500)], [math.pi * 1e4, 0]),
        ([camera(500, 500, status="VLOST"), camera(500, 500, status="OFF"), camera(500, 500, status="DEFECT")], [0, 0]),
        ([camera(500, 500, active=False)], [0, 0]),
        ([camera(500, 500, reach=0), camera(500, 500, fov=0), camera(math.nan, 500)], [0, 0]),
        ([camera(500, 500, reach=5000)], [1e6, 1e6]),
    ],
    ids=str,
)  # fmt: skip
def test_areas_known_by_hand(points: list[VideoPoint], want: list[float]) -> None:
    assert seen(*points) == pytest.approx(want, rel=0.005, abs=1)


def test_a_hole_is_no_ground_and_a_grid_without_a_polygon_has_no_share() -> None:
    grids = [square("A", 0, hole=400), Grid("N", "N", "c", "general", [])]
    assert Coverage(grids).of([camera(500, 500, reach=100)]) == {"A": (0.0, pytest.approx(1e6 - 16e4, rel=1e-6))}
    assert Coverage([]).of([camera(0, 0)]) == {}


POINTS = st.lists(
    st.builds(
        camera, st.floats(-300, 2300), st.floats(-300, 1300), st.floats(1, 400), st.floats(1, 360), st.floats(0, 360),
        st.sampled_from(["ON", "OFF"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(points=POINTS, more=POINTS)
def test_more_points_never_see_less_and_never_more_than_there_is(points: list[VideoPoint], more: list[VideoPoint]) -> None:
    some, all_ = Coverage(GRIDS).of(points), Coverage(GRIDS).of(points + more)
    for code, (n, d) in all_.items():
        assert some[code][0] - 1 <= n <= d
        assert n <= sum(math.pi * p.range_m**2 * p.fov / 360 for p in points + more if p.status == "ON") * 1.001 + 1


@settings(max_examples=60, deadline=None)
@given(points=POINTS, nights=st.lists(st.sets(st.integers(0, 11)), min_size=2, max_size=5))
def test_following_the_points_measures_the_same_as_starting_anew(points: list[VideoPoint], nights: list[set[int]]) -> None:
    grids = [square(code, x, 400) for code, x in (("A", 0), ("B", 400), ("C", 800), ("D", 1200))]
    following = Coverage(grids)
    for night in nights:
        working = [point for i, point in enumerate(points) if i in night]
        got, anew = following.of(working), Coverage(grids).of(working)
        assert [n for n, _ in got.values()] == pytest.approx([n for n, _ in anew.values()], rel=1e-9, abs=1e-3)
