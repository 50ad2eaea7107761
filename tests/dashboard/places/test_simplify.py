"""Fewer corners for the screen: shared borders stay shared, and nothing moves further than the step."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely

from dashboard.places.grid import Grid, area_of
from dashboard.places.simplify import simplified

WAVES = 400


def wavy(n: int) -> Grid:
    """Strip n of a map; its upper and lower border are the same waves that its neighbours have."""
    xs = np.linspace(0, 0.05, WAVES)
    border = lambda y: [[118.8 + x, 32.0 + y * 0.01 + math.sin(x * 4000) * 2e-6] for x in xs]  # noqa: E731
    ring = [*border(n), *reversed(border(n + 1))]
    return Grid(str(n), str(n), "c", "general", [[*ring, ring[0]]])


STRIPS = [wavy(n) for n in range(4)]


def test_a_map_within_the_budget_stays_as_it_is() -> None:
    assert simplified(STRIPS) == STRIPS


def test_shared_borders_are_simplified_identically() -> None:
    few = simplified(STRIPS, budget=100)
    assert sum(len(g.rings[0]) for g in few) <= 100
    areas = np.array([area_of(g.rings) for g in few], dtype=object)
    assert shapely.union_all(areas).area == pytest.approx(sum(a.area for a in areas), rel=1e-9), "no slivers over each other"
    for lower, upper in pairwise(few):
        shared = {tuple(p) for p in lower.rings[0]} & {tuple(p) for p in upper.rings[0]}
        y = 32.0 + (int(lower.code) + 1) * 0.01
        assert {p for p in map(tuple, upper.rings[0]) if abs(p[1] - y) < 0.004} == shared
    assert [g.code for g in few] == [g.code for g in STRIPS]
