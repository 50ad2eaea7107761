"""Point in grid: each point in at most one grid, shared borders always the same one, holes are outside."""

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.places.grid import Grid
from dashboard.places.locate import CROSSINGS, Locator, crossings, drawn

CODES = [f"99010100100100{n}" for n in range(1, 5)]


def square(code: str, west: float, south: float, size: float = 1.0) -> Grid:
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return Grid(code, code, code[:12], "general", [ring])


# given out of order, so that the answer cannot lean on it
FOUR = Locator([square(CODES[i], i % 2, i // 2) for i in (2, 0, 3, 1)])


def test_a_point_lies_in_its_grid() -> None:
    assert FOUR.locate([0.5, 1.5, 0.5, 1.5], [0.5, 0.5, 1.5, 1.5]) == CODES


def test_a_shared_border_belongs_to_the_lowest_code() -> None:
    assert FOUR.locate([1.0, 1.0, 1.5, 1.0], [0.5, 1.0, 1.0, 1.5]) == [CODES[0], CODES[0], CODES[1], CODES[2]]


def test_outside_and_not_finite_is_none() -> None:
    assert FOUR.locate([5.0, math.nan, math.inf, 0.5], [5.0, 0.5, 0.5, math.nan]) == [None, None, None, None]
    assert FOUR.locate([], []) == []
    assert Locator([]).locate([0.5], [0.5]) == [None]


def test_inside_counts_the_border_and_knows_only_known_grids() -> None:
    assert FOUR.inside(CODES[1], 1.0, 0.5)
    assert not FOUR.inside(CODES[1], 0.99, 0.5)
    assert not FOUR.inside("nowhere", 0.5, 0.5)
    assert CODES[1] in FOUR and "nowhere" not in FOUR


def test_a_hole_is_outside() -> None:
    outer, hole = square(CODES[0], 0, 0, 3).rings[0], square(CODES[0], 1, 1).rings[0]
    locator = Locator([Grid(CODES[0], "", CODES[0][:12], "general", [outer, hole])])
    assert locator.locate([0.5, 1.5], [0.5, 1.5]) == [CODES[0], None]


@given(st.lists(st.tuples(st.floats(-1, 3), st.floats(-1, 3)), min_size=1, max_size=20))
def test_one_by_one_is_like_the_batch(points: list[tuple[float, float]]) -> None:
    lon, lat = np.array(points).T
    batch = FOUR.locate(lon, lat)
    assert batch == [FOUR.locate([x], [y])[0] for x, y in points]
    for code, (x, y) in zip(batch, points, strict=True):
        assert code is None or FOUR.inside(code, x, y)


@pytest.mark.parametrize("corners", [150, 250, 500])
def test_a_scribble_is_refused_before_it_costs_anything(corners: int) -> None:
    """250 random corners took 16 s of geometry."""
    line = np.random.default_rng(7).random((corners, 2)) * 0.1 + (118.7, 32.0)
    began = time.perf_counter()
    with pytest.raises(ValueError, match="crosses itself"):
        drawn([tuple(at) for at in line.tolist()])
    assert time.perf_counter() - began < 2


def test_a_line_that_a_hand_draws_is_taken() -> None:
    """Round twice, wavy, with a loop at the end, pixels that repeat, and back over itself."""
    t = np.linspace(0, 4 * np.pi, 498)
    wavy = np.stack([np.cos(t), np.sin(t)], 1) * (0.02 + 0.0004 * t + 0.001 * np.sin(23.3 * t))[:, None] + (118.7, 32.0)
    assert crossings(wavy) < CROSSINGS and drawn([tuple(at) for at in wavy.tolist()]).area > 0
    eight = [(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]
    assert crossings(np.array(eight)) == 1 and drawn(eight).area == pytest.approx(0.5)
    box = [(0.0, 0.0), (0.0, 0.0), (1.0, 0.0), (0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    assert drawn(box).area == pytest.approx(1.0)


def test_the_worst_line_that_is_taken_costs_little() -> None:
    """A comb of 498 teeth may not be crossed by another line; as many teeth as may be crossed are."""
    x = np.linspace(118.0, 118.1, CROSSINGS - 2)
    comb = np.stack([x, np.where(np.arange(len(x)) % 2, 32.1, 32.0)], 1)
    line = [tuple(at) for at in np.concatenate([comb, [[118.2, 32.05], [117.9, 32.0500001]]]).tolist()]
    began = time.perf_counter()
    assert drawn(line).area > 0
    assert time.perf_counter() - began < 2
