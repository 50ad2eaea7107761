"""Grids from GeoJSON or CSV: one coordinate system inside, and no polygon that is not one."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import shapely

from dashboard.places.crs import wgs84_to_bd09, wgs84_to_gcj02
from dashboard.places.file import BadFile
from dashboard.places.grid import area_of
from dashboard.places.grid_file import read_grids, settled
from dashboard.places.unit import Unit
from tests.dashboard.places.drawn import COMMUNITY, geojson, grid, square

ONE = grid(1, 0, 0)


def shifted(body: bytes, convert: Any) -> bytes:
    found = json.loads(body)
    for feature in found["features"]:
        rings = feature["geometry"]["coordinates"]
        feature["geometry"]["coordinates"] = [[[float(v) for v in convert(*p)] for p in ring] for ring in rings]
    return json.dumps(found).encode()


@pytest.mark.parametrize(("crs", "convert"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_other_systems_come_back_to_wgs84_within_a_centimetre(crs: str, convert: Any) -> None:
    grids, findings = read_grids(shifted(geojson([ONE], crs=None), convert), crs)
    assert findings == []
    metres = np.abs(np.array(grids[0].rings[0]) - np.array(ONE.rings[0])) * 111_320
    assert metres.max() < 0.02


def test_csv_with_wkt_says_the_same_as_geojson() -> None:
    wkt = shapely.to_wkt(shapely.Polygon(ONE.rings[0]), rounding_precision=7)
    body = f'code,name,community,wkt,residents_reported\n{ONE.code},{ONE.name},{COMMUNITY},"{wkt}",\n'.encode()
    assert read_grids(body, "wgs84") == read_grids(geojson([ONE]), None) == ([ONE], [])


def test_holes_and_separate_parts_are_kept() -> None:
    outer, hole, far = square(0, 0, 3), square(1, 1), square(5, 0)
    body = json.loads(geojson([ONE]))
    body["features"][0]["geometry"] = {"type": "MultiPolygon", "coordinates": [[outer, hole], [far]]}
    (found,), findings = read_grids(json.dumps(body).encode(), None)
    assert findings == []
    assert area_of(found.rings).area == pytest.approx((9 - 1 + 1) * 1e-4)


def changed(**geometry: Any) -> bytes:
    body = json.loads(geojson([ONE]))
    body["features"][0]["geometry"].update(geometry)
    return json.dumps(body).encode()


BOW = [square(0, 0)[i] for i in (0, 2, 1, 3, 0)]
MISTAKES = [
    (changed(coordinates=[ONE.rings[0][:-1]]), "not_closed"),
    (changed(coordinates=[BOW]), "crosses_itself"),
    (changed(coordinates=[]), "empty"),
    (changed(coordinates=[[[118.8, 32.0]] * 5]), "empty"),
    (changed(type="Point", coordinates=[118.8, 32.0]), "empty"),
    (changed(coordinates=[[[669000 + x, 3546000 + y] for x, y in ONE.rings[0]]]), "bad_crs"),
    (changed(coordinates=[[[y, x] for x, y in ONE.rings[0]]]), "bad_crs"),
    (changed(coordinates=[[[float("inf"), y] for _, y in ONE.rings[0]]]).replace(b"Infinity", b"1e999"), "bad_file"),
    (geojson([ONE, ONE]), "twice"),
]


@pytest.mark.parametrize(("body", "kind"), MISTAKES)
def test_a_polygon_that_is_none_is_found_with_its_place_in_the_file(body: bytes, kind: str) -> None:
    try:
        grids, findings = read_grids(body, None)
    except BadFile:
        assert kind == "bad_file"
        return
    assert [f.kind for f in findings] == [kind] and findings[0].where.startswith("feature ")
    assert grids == ([ONE] if kind == "twice" else [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{}", "not a GeoJSON FeatureCollection"), (b'{"features": []}', "no features"), (b"{", "not JSON"),
        (geojson([ONE], crs=None), "does not say its coordinate system"), (geojson([ONE], crs="EPSG:3857"), "convert it to WGS-84"),
        (b'{"crs_note":"WGS-84","features":[{"geometry":{"type":"Polygon","coordinates":[["x"]]}}]}', "not lists of"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_map_is_refused_whole(body: bytes, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        read_grids(body, None)


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert read_grids(geojson([ONE], crs="urn:ogc:def:crs:EPSG::4490"), None)[0] == [ONE]


def test_a_grid_without_community_finds_it_by_its_code() -> None:
    known = {c: Unit(c, c, "x") for c in ("320102000000", COMMUNITY)}
    nameless = read_grids(geojson([ONE]).replace(f'"community": "{COMMUNITY}"'.encode(), b'"community": ""'), None)[0]
    assert settled(nameless, known)[0][0].community == COMMUNITY
    assert [f.kind for f in settled(nameless, {})[1]] == ["no_parent"]
    assert [f.kind for f in settled([ONE], {})[1]] == ["unknown_parent"]


def test_a_district_may_have_a_border_of_its_own_and_six_digits() -> None:
    body = geojson([ONE]).replace(ONE.code.encode(), b"320102").replace(f'"community": "{COMMUNITY}"'.encode(), b'"community": ""')
    (district,), findings = settled(read_grids(body, None)[0], {"320102000000": Unit("320102000000", "玄武区", "district")})
    assert (district.code, district.community, findings) == ("320102000000", "320102000000", [])
