"""The demo city: exact counts, a sound tree, and ground without gaps or overlaps."""

from collections import Counter

import msgspec
import numpy as np
import pytest
import shapely

from dashboard.places.unit import UnitTree
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.city import City, city
from dashboard.simulate.cluster import grouped
from dashboard.simulate.name import names


@pytest.fixture(scope="module")
def ground(ningchuan: City) -> np.ndarray:
    return np.array([shapely.Polygon(grid.rings[0], grid.rings[1:]) for grid in ningchuan.grids])


@pytest.fixture(scope="module")
def by_code(ningchuan: City) -> dict:
    return {unit.code: unit for unit in ningchuan.units}


def test_counts_are_exact(ningchuan: City) -> None:
    levels = Counter(unit.level for unit in ningchuan.units)
    assert levels == {"city": 1, "district": 11, "street": 100, "community": 1_200, "grid": 12_583, "department": 232}
    assert Counter(grid.kind for grid in ningchuan.grids) == {"general": 10_045, "dedicated": 2_538}
    assert Counter(point.network for point in ningchuan.video) == {"xueliang_tianwang": 4_000, "huiyan": 38_000}


def test_grids_cover_the_outline_without_gap_or_overlap(ningchuan: City, ground: np.ndarray) -> None:
    assert shapely.is_valid(ground).all()
    assert shapely.coverage_is_valid(ground)
    whole = shapely.union_all(ground).area
    outline = shapely.Polygon(ningchuan.outline[0], ningchuan.outline[1:])
    assert len(ningchuan.outline) == 1
    assert shapely.area(ground).sum() == pytest.approx(whole, rel=1e-9)
    assert outline.area == pytest.approx(whole, rel=1e-9)


def test_vertices_lie_on_the_lattice_and_rings_are_closed(ningchuan: City, ground: np.ndarray) -> None:
    xy = shapely.get_coordinates(ground)
    assert (np.round(xy, 6) == xy).all()
    assert all(grid.rings[0][0] == grid.rings[0][-1] for grid in ningchuan.grids)
    assert shapely.is_ccw(shapely.get_exterior_ring(ground)).all()


def test_the_city_is_60_to_90_km_wide_with_a_dense_core(ground: np.ndarray) -> None:
    west, south, east, north = shapely.total_bounds(ground)
    assert 60 < (east - west) * 94.4 < 90
    assert 60 < (north - south) * 111.3 < 90
    area = shapely.area(ground)
    assert np.quantile(area, 0.9) > 8 * np.quantile(area, 0.1)


def test_the_tree_builds_and_parents_come_first(ningchuan: City) -> None:
    tree = UnitTree(ningchuan.units)
    assert len(tree) == len(ningchuan.units)
    seen: set[str | None] = {None}
    for unit in ningchuan.units:
        assert unit.parent in seen
        seen.add(unit.code)


def test_codes_nest_and_names_are_there(ningchuan: City, by_code: dict) -> None:
    width = {"city": 4, "district": 6, "street": 9, "community": 12}
    for unit in ningchuan.units[1:]:
        parent = by_code[unit.parent]
        assert unit.code.startswith(parent.code[: width[parent.level]])
        assert unit.name and unit.name_en and unit.lon and unit.lat
    for level in ("district", "street", "community"):
        assert (
            len({unit.name for unit in ningchuan.units if unit.level == level}) == {"district": 11, "street": 100, "community": 1200}[level]
        )


@pytest.mark.parametrize("digits", [6, 9, 12])
def test_every_unit_is_one_piece(ningchuan: City, ground: np.ndarray, digits: int) -> None:
    parts: dict[str, list] = {}
    for grid, polygon in zip(ningchuan.grids, ground, strict=True):
        parts.setdefault(grid.code[:digits], []).append(polygon)
    for code, members in parts.items():
        joined = shapely.coverage_union_all(members)
        piece = joined if joined.geom_type == "Polygon" else shapely.union_all(members)
        assert piece.geom_type == "Polygon", code


def test_every_item_has_a_department_in_every_district(ningchuan: City, by_code: dict) -> None:
    items = [code for code in CATEGORIES if len(code) == 6]
    for district in (unit for unit in ningchuan.units if unit.level == "district"):
        served = [route.category for route in ningchuan.routes if route.area == district.code]
        assert all(sum(item.startswith(prefix) for prefix in served) == 1 for item in items)
    assert all(route.unit in by_code and route.area in by_code for route in ningchuan.routes)
    own = [route for route in ningchuan.routes if route.category == "" and route.unit[:9] == route.area[:9]]
    helped = [route for route in ningchuan.routes if route.category == "" and route.unit[:9] != route.area[:9]]
    assert len(own) == 100 and all(route.unit[:6] == route.area[:6] for route in helped)
    assert 150 <= len(helped) <= 200


def test_video_points_are_infrastructure_near_their_city(ningchuan: City) -> None:
    points = ningchuan.video
    assert len({point.id for point in points}) == 42_000
    assert all(len(point.id) == 20 and point.id.isdigit() for point in points)
    for network in ("xueliang_tianwang", "huiyan"):
        active = [point.status for point in points if point.network == network and point.active]
        assert 0.96 <= active.count("ON") / len(active) <= 0.98
    outline = shapely.Polygon(ningchuan.outline[0])
    inside = shapely.contains_xy(outline, [p.lon for p in points], [p.lat for p in points])
    assert inside.mean() > 0.98


def test_households_are_about_the_norm(ningchuan: City) -> None:
    general = [grid for grid in ningchuan.grids if grid.kind == "general"]
    above = sum(grid.households > 300 for grid in general)
    assert 0.05 < above / len(general) < 0.35
    assert any(grid.residents_reported != grid.residents_verified for grid in general)


def test_the_same_seed_gives_the_same_city(ningchuan: City) -> None:
    assert msgspec.json.encode(city(7)) == msgspec.json.encode(ningchuan)


def test_places_that_cannot_be_reached_are_an_error() -> None:
    with pytest.raises(ValueError, match="cut off"):
        grouped(np.random.default_rng(1), np.array([[0.0, 0], [1, 0], [9, 9]]), np.array([[0, 1]]), 1)


def test_too_many_names_are_an_error() -> None:
    with pytest.raises(ValueError, match="names"):
        names(np.random.default_rng(1), 10_000)
