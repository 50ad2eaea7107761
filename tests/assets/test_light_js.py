"""assets/light.js and the map's worker say the light of dashboard/cases/light.py, on one table of cases."""

from __future__ import annotations

from itertools import product

import pytest

from dashboard.cases.light import light_at
from tests.assets.page import NODE, WHY, run

pytestmark = pytest.mark.skipif(NODE is None, reason=WHY)

DUE, AMBER = 1000, 800
CASES = [
    (due, amber, paused, now)
    for (due, amber), paused, now in product(((DUE, AMBER), (DUE, None), (None, None)), (False, True), (0, 799, 800, 801, 999, 1000, 1001, 9**9))
]


def test_the_browser_and_python_agree_whenever_the_server_told_it() -> None:
    """What the server told may be old: the light of any earlier moment has become the same."""
    told = [(light_at(due, amber, None, paused, then).name, amber, due, now) for due, amber, paused, now in CASES for then in (0, now)]
    wanted = [light_at(due, amber, None, paused, now).name for due, amber, paused, now in CASES for _ in (0, now)]
    assert run([], "", "out(input.told.map((one) => gcLightAt(...one)));", told=told) == wanted
    assert run(["map/shift.js", "map/worker/case.js"], "", """const { LIGHT, LIGHT_NAMES, lightAt } = gcMap;
      out(input.told.map(([told, amber, due, now]) => LIGHT_NAMES[lightAt(LIGHT[told], amber ?? Infinity, due ?? Infinity, now)]));""", told=told) == wanted
