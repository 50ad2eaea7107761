"""The map blob, read back the way the browser reads it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from dashboard.places.grid import Grid
from dashboard.places.unit import Unit, UnitTree
from dashboard.wire.geometry import NO_PLACE, content_hash, degrees, encode, mercator

TYPES = {"u4": "<u4", "u2": "<u2", "u1": "u1"}
STEP = 0.01
"""Side of a square of the little city, degrees (about 1 km)."""


def square(code: str, column: int, row: int, width: int = 1, extra: list[list[float]] | None = None) -> Grid:
    """A grid `width` squares wide; `extra` is a hole."""
    w, s = 118.7 + column * STEP, 32.0 + row * STEP
    e, n = 118.7 + (column + width) * STEP, 32.0 + (row + 1) * STEP
    rings = [[[w, s], [e, s], [e, n], [w, n], [w, s]]]
    return Grid(code, f"grid {code}", code[:12], "general", rings + ([extra] if extra else []))


def tree(*grids: Grid) -> UnitTree:
    """City 3201, district 320102, its two streets 001 and 002 of one community each."""
    units = [
        Unit("320100000000", "city", "city"),
        Unit("320102000000", "鼓楼区", "district", "320100000000", "Gulou"),
        Unit("320102001000", "street 1", "street", "320102000000"),
        Unit("320102001001", "community 1", "community", "320102001000"),
        Unit("320102002000", "street 2", "street", "320102000000"),
        Unit("320102002001", "community 2", "community", "320102002000"),
    ]
    return UnitTree([*units, *(Unit(grid.code, grid.name, "grid", grid.community) for grid in grids)])


class Blob:
    """A blob taken apart: `header`, and each column as an attribute."""

    def __init__(self, blob: bytes) -> None:
        size = int.from_bytes(blob[:4], "little")
        self.header: dict[str, Any] = json.loads(blob[4 : 4 + size])
        self.columns = {
            name: np.frombuffer(blob, TYPES[kind], length, 4 + size + offset).astype(np.int64)
            for name, (kind, offset, length) in self.header["columns"].items()
        }

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def ring(self, i: int) -> list[tuple[int, int]]:
        """Vertices of a ring on the lattice."""
        part = slice(self["ring_vertex"][i], self["ring_vertex"][i + 1])
        x, y = self["vertex_x"][part] + self["ring_x"][i], self["vertex_y"][part] + self["ring_y"][i]
        return list(zip(x.tolist(), y.tolist(), strict=True))

    def degrees(self, i: int) -> list[tuple[float, float]]:
        (x0, y0), q = self.header["origin"], self.header["quantum"]
        return [degrees(x0 + x * q, y0 + y * q) for x, y in self.ring(i)]

    def arc(self, i: int) -> list[tuple[int, int]]:
        """The vertices of a border line, one more than its edges."""
        ring = self["arc_ring"][i]
        points, first = self.ring(ring), self["arc_first"][i] - self["ring_vertex"][ring]
        return [points[(first + k) % len(points)] for k in range(self["arc_edges"][i] + 1)]


TWO = [square("320102001001001", 0, 0), square("320102001001002", 1, 0)]


def test_vertices_come_back_within_a_step_of_the_lattice() -> None:
    blob = Blob(encode(TWO, tree(*TWO)))
    step = blob.header["quantum"] * 360
    for i, grid in enumerate(TWO):
        assert len(blob.degrees(i)) == 4
        np.testing.assert_allclose(blob.degrees(i), grid.rings[0][:-1], atol=step)
    assert step * 111_320 < 0.35, "finer than a pixel of the last zoom"


def test_a_wide_ring_coarsens_the_lattice_but_still_fits_16_bits() -> None:
    wide = [square("320102001001001", 0, 0, width=80), square("320102001001002", 0, 1)]
    blob = Blob(encode(wide, tree(*wide)))
    np.testing.assert_allclose(blob.degrees(0), wide[0].rings[0][:-1], atol=blob.header["quantum"] * 360)
    assert int(blob["vertex_x"].max()) <= 0xFFFF


def test_neighbours_share_the_very_same_vertices() -> None:
    blob = Blob(encode(TWO, tree(*TWO)))
    assert len(set(blob.ring(0)) & set(blob.ring(1))) == 2


def test_columns_start_on_a_multiple_of_four_so_that_the_browser_can_view_them_in_place() -> None:
    blob = encode(TWO, tree(*TWO))
    size = int.from_bytes(blob[:4], "little")
    assert (4 + size) % 4 == 0
    assert all(offset % 4 == 0 for _, offset, _ in Blob(blob).header["columns"].values())


def test_cells_carry_their_preorder_numbers_and_their_places() -> None:
    units = tree(*TWO)
    blob = Blob(encode(TWO, units))
    assert blob["cell_unit"].tolist() == [units.number(grid.code) for grid in TWO]
    assert blob.header["codes"] == [grid.code for grid in TWO]
    chain = [blob.header["places"][i]["code"] for i in blob["cell_place"][:3]]
    assert chain == ["320102000000", "320102001000", "320102001001"]
    assert [blob.header["places"][i]["rank"] for i in blob["cell_place"][:3]] == [1, 2, 3]


def test_a_grid_of_an_unknown_community_has_no_place_and_the_unknown_number() -> None:
    stray = square("999999999999001", 0, 0)
    units = tree()
    blob = Blob(encode([stray], units))
    assert blob["cell_unit"].tolist() == [units.unknown]
    assert blob["cell_place"].tolist() == [NO_PLACE] * 3


def test_each_border_is_drawn_once_and_ranked_by_the_level_that_it_divides() -> None:
    grids = [*TWO, square("320102002001001", 2, 0)]
    blob = Blob(encode(grids, tree(*grids)))
    edges = [
        (frozenset(pair), rank)
        for i, rank in enumerate(blob["arc_rank"].tolist())
        for pair in zip(blob.arc(i), blob.arc(i)[1:], strict=False)
    ]
    assert len(edges) == len({edge for edge, _ in edges}) == 10
    assert sorted(rank for _, rank in edges) == [0] * 8 + [2, 4], "8 outside, one between streets, one between grids"


def test_a_border_cut_up_differently_on_its_two_sides_is_not_taken_for_the_edge_of_the_city() -> None:
    below, left, right = square("320102001001001", 0, 0, width=2), square("320102001001002", 0, 1), square("320102001001003", 1, 1)
    blob = Blob(encode([below, left, right], tree(below, left, right)))
    outside = sum(int(n) for n, rank in zip(blob["arc_edges"], blob["arc_rank"], strict=True) if rank == 0)
    assert outside == 7, "3 below, 2 left and right each above: the cut border is inside"


def test_a_grid_in_the_hole_of_another_is_its_neighbour() -> None:
    hole = square("320102001001002", 1, 1)
    around = Grid(
        "320102001001001",
        "ring",
        "320102001001",
        "general",
        [[[118.69, 31.99], [118.74, 31.99], [118.74, 32.04], [118.69, 32.04], [118.69, 31.99]], hole.rings[0]],
    )
    blob = Blob(encode([around, hole], tree(around, hole)))
    assert blob["cell_ring"].tolist() == [0, 2, 3]
    inner = [int(n) for n, rank in zip(blob["arc_edges"], blob["arc_rank"], strict=True) if rank == 4]
    assert sum(inner) == 4


def test_label_points_lie_in_their_place() -> None:
    grids = [*TWO, square("320102002001001", 5, 3)]
    blob = Blob(encode(grids, tree(*grids)))
    (x0, y0), q = blob.header["origin"], blob.header["quantum"]
    by_code = {place["code"]: place for place in blob.header["places"]}
    lon, lat = degrees(x0 + by_code["320102001000"]["label"][0] * q, y0 + by_code["320102001000"]["label"][1] * q)
    assert 118.7 < lon < 118.72 and 32.0 < lat < 32.01
    far = by_code["320102000000"]
    assert far["name_en"] == "Gulou"
    assert far["box"][0] <= far["label"][0] <= far["box"][2]


def test_a_city_without_grids_and_grids_without_polygons_are_still_a_map() -> None:
    empty = Blob(encode([], tree()))
    assert empty.header["bbox"] is None and empty.header["counts"]["cells"] == 0
    bare = Grid("320102001001001", "no border yet", "320102001001", "general", [])
    line = Grid("320102001001002", "a line", "320102001001", "general", [[[118.7, 32.0], [118.8, 32.0], [118.7, 32.0]]])
    blob = Blob(encode([bare, line, TWO[0]], tree(bare, line)))
    assert blob["cell_ring"].tolist() == [0, 0, 0, 1]


def test_a_vertex_that_is_not_a_number_is_refused_by_name() -> None:
    bad = square("320102001001001", 0, 0)
    bad.rings[0][1] = [float("nan"), 32.0]
    with pytest.raises(ValueError, match="320102001001001"):
        encode([bad], tree(bad))


def test_the_hash_names_the_content() -> None:
    blob = encode(TWO, tree(*TWO))
    assert content_hash(blob) == content_hash(encode(TWO, tree(*TWO)))
    assert content_hash(blob) != content_hash(encode(TWO[:1], tree(*TWO)))
    assert len(content_hash(blob)) == 16


def test_mercator_and_back() -> None:
    x, y = mercator(np.array([118.78]), np.array([32.04]))
    np.testing.assert_allclose(degrees(float(x[0]), float(y[0])), (118.78, 32.04), atol=1e-9)
    assert 0 < x[0] < 1 and 0 < y[0] < 0.5, "north is up, y grows to the south"
