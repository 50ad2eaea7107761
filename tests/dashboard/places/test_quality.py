"""The data-quality list: what is counted, what is told apart, and that a mended fact disappears."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.places.quality import RESIDENTS, Sighting, crowded, duplicates, of_cases, of_grids
from tests.dashboard.places.drawn import grid
from tests.made import T0

GOLDEN = Path(__file__).resolve().parents[4] / "shared" / "golden" / "ratios.json"


def test_reported_and_verified_counts_are_told_apart() -> None:
    """Jianye, April 2019: 13 grids above the norm as reported, 5 when they were verified."""
    if not GOLDEN.exists():
        pytest.skip("../shared/golden is not there")
    jianye = next(r for r in json.loads(GOLDEN.read_text()) if r["where"].startswith("Jianye"))
    reported, verified = jianye["grids_over_1500_reported"], jianye["grids_over_1500_verified"]
    heads = [(1600, 1510 if i < verified else RESIDENTS) for i in range(reported)] + [(RESIDENTS, 900)] * 50
    grids = [grid(i, i % 8, i // 8, residents_reported=r, residents_verified=v, full_time=1) for i, (r, v) in enumerate(heads)]
    kinds = [f.kind for f in crowded(grids)]
    assert (kinds.count("crowded_reported"), kinds.count("crowded")) == (reported, verified)


def test_a_grid_without_a_full_time_officer_is_listed_with_its_place() -> None:
    (found,) = of_grids([grid(1, 0, 0, part_time=2), grid(2, 1, 0, full_time=1)])
    assert (found.kind, found.code, found.value) == ("no_full_time", grid(1, 0, 0).code, 2)
    assert abs(found.lon - 118.805) < 0.002 and abs(found.lat - 32.005) < 0.002  # type: ignore[operator]


def sighting(case: str, minutes: float = 0, metres: float = 0, **more: object) -> Sighting:
    base = Sighting(case, "030101", T0 + int(minutes * 60_000), "g", 118.8, 32.0 + metres / 111_320, [])
    return base._replace(**more)


PAIRS = [
    ([sighting("a"), sighting("b", 30, 20)], [("b", "a", 20.0)]),
    ([sighting("a"), sighting("b", 61, 20)], []),
    ([sighting("a"), sighting("b", 30, 60)], []),
    ([sighting("a"), sighting("b", 30, 20, category="030102")], []),
    ([sighting("a"), sighting("b", 1, 40), sighting("c", 2, 45)], [("b", "a", 40.0), ("c", "b", 5.0)]),
    ([sighting("a", lon=None), sighting("b", lat=None)], []),
]


@pytest.mark.parametrize(("cases", "wanted"), PAIRS)
def test_possible_duplicates_are_near_soon_and_alike(cases: list[Sighting], wanted: list[tuple[str, str, float]]) -> None:
    assert [(f.code, f.other, f.value) for f in duplicates(cases)] == wanted




def test_flags_of_the_intake_and_unknown_grids_are_listed() -> None:
    flagged = sighting("a", flags=["outside_city", "late"], lon=None)
    cases = [flagged, sighting("b", grid="new", lon=None), sighting("c", grid=None, lon=None)]
    assert [(f.kind, f.code) for f in of_cases(cases, frozenset({"g"}))] == [("outside_city", "a"), ("unknown_grid", "b")]
    assert [f.kind for f in of_cases(cases, frozenset({"g", "new"}))] == ["outside_city"], "the flag goes when the code is imported"
