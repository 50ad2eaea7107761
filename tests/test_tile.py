"""A base map in a local PMTiles file: its tiles are served from here, and a wrong file stops the start with one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from dash import Dash
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from callbacks.map import register
from dashboard.settings import BadSetting, load
from data_access.tile import TileFile
from tests.callbacks.test_map import City

PNG = b"\x89PNG\r\n\x1a\nnot really"


def archive(path: Path, kind: TileType = TileType.PNG) -> Path:
    with path.open("wb") as f:
        writer = Writer(f)
        writer.write_tile(zxy_to_tileid(3, 6, 3), PNG)
        box = {"min_lon_e7": 0, "min_lat_e7": 0, "max_lon_e7": 10**7, "max_lat_e7": 10**7}
        rest = {"min_zoom": 3, "max_zoom": 3, "center_zoom": 3, "center_lon_e7": 0, "center_lat_e7": 0}
        writer.finalize({"tile_type": kind, "tile_compression": Compression.NONE, **box, **rest}, {})
    return path


def test_tiles_come_from_the_file_and_beyond_it_is_nothing(tmp_path: Path) -> None:
    app = Dash(__name__, server=FastAPI())
    register(app, City(), "x.pmtiles", "gcj02", TileFile(archive(tmp_path / "city.pmtiles")))
    browser = TestClient(app.server)
    card = browser.get("/map/current.json").json()
    assert (card["tile_url"], card["tile_crs"]) == ("map/tiles/{z}/{x}/{y}", "gcj02")
    found = browser.get("/map/tiles/3/6/3")
    assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
    assert [browser.get(f"/map/tiles/{where}").status_code for where in ("3/5/3", "3/99/3", "40/1/1", "-1/0/0")] == [204] * 4
    assert browser.get("/map/tiles/a/b/c").status_code == 422


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("none.pmtiles", None, "cannot be read"), ("zip.pmtiles", b"PK\x03\x04", "not a PMTiles file"),
        ("vector.pmtiles", TileType.MVT, "raster file"),
    ],
)  # fmt: skip
def test_a_wrong_file_stops_the_start(tmp_path: Path, name: str, content: bytes | TileType | None, told: str) -> None:
    path = tmp_path / name
    if isinstance(content, TileType):
        archive(path, content)
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(BadSetting, match=told):
        load({"GRIDCOMMAND_TILE_URL": str(path)}, tmp_path / "no.toml")


def test_a_raster_file_is_taken(tmp_path: Path) -> None:
    path = archive(tmp_path / "city.pmtiles")
    assert load({"GRIDCOMMAND_TILE_URL": str(path)}, tmp_path / "no.toml").tile_file == path
