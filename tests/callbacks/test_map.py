"""The map's two addresses: the card names the newest version, the version never changes."""

from __future__ import annotations

from types import SimpleNamespace

from dash import Dash
from fastapi import FastAPI
from fastapi.testclient import TestClient

from callbacks import problem
from callbacks.map import register
from dashboard.places.grid import Grid
from dashboard.places.unit import Unit, UnitTree
from dashboard.wire.geometry import content_hash, encode

SQUARE = [[118.70, 32.0], [118.71, 32.0], [118.71, 32.01], [118.70, 32.01], [118.70, 32.0]]
NOW = 1_700_000_000_000
CITY = Unit("320100000000", "city", "city", lon=118.7, lat=32.0)


class City:
    """Services that count how often the grids are read; `redraw` is an import."""

    def __init__(self, *grids: Grid) -> None:
        self.reads = 0
        self.redraw(*grids)
        self.reader = SimpleNamespace(places=SimpleNamespace(grids=self.grids, map_times=self.map_times))

    def redraw(self, *grids: Grid) -> None:
        self.drawn, self.units = list(grids), UnitTree([CITY])

    def grids(self, at: int) -> list[Grid]:
        self.reads += 1
        return [grid for grid in self.drawn if grid.valid_at(at)]

    def map_times(self) -> list[int]:
        return sorted({t for grid in self.drawn for t in (grid.valid_from or 0, grid.valid_to) if t is not None})

    def now(self) -> int:
        return NOW

    def tree(self) -> UnitTree:
        return self.units


def client(city: City, **tiles: str) -> TestClient:
    app = Dash(__name__, server=FastAPI())
    register(app, city, **tiles)
    problem.register(app.server)
    return TestClient(app.server)


def test_the_card_names_a_sheet_that_may_be_kept_for_ever() -> None:
    city = City(Grid("1", "one", "c", "general", [SQUARE]))
    browser = client(city)
    card = browser.get("/map/current.json").json()
    assert card["bounds"] == [118.70, 32.0, 118.71, 32.01]
    assert card["tile_url"] is None and card["tile_crs"] == "wgs84"
    version = browser.get(f"/{card['url']}")
    assert "immutable" in version.headers["cache-control"]
    assert version.headers["content-encoding"] == "gzip"
    assert version.content == encode(city.drawn, city.tree())
    assert content_hash(version.content) == card["hash"]


def test_a_client_without_gzip_gets_plain_bytes() -> None:
    browser = client(City(Grid("1", "one", "c", "general", [SQUARE])))
    card = browser.get("/map/current.json").json()
    plain = browser.get(f"/{card['url']}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert content_hash(plain.content) == card["hash"]


def test_grids_are_read_once_until_an_import_changes_the_tree() -> None:
    city = City(Grid("1", "one", "c", "general", [SQUARE]))
    browser = client(city)
    first = browser.get("/map/current.json").json()
    browser.get("/map/current.json")
    browser.get(f"/{first['url']}")
    assert city.reads == 1
    city.redraw(Grid("1", "renamed", "c", "general", [SQUARE]))
    second = browser.get("/map/current.json").json()
    assert city.reads == 2 and second["hash"] != first["hash"]
    assert browser.get(f"/{first['url']}").status_code == 200, "pages that still show the old version may load it again"


def test_an_unknown_sheet_is_not_found() -> None:
    assert client(City()).get("/map/0123456789abcdef.bin").status_code == 404


def test_a_city_without_grids_looks_at_its_root() -> None:
    card = client(City(), tile_url="https://tiles.example/{z}/{x}/{y}", tile_crs="gcj02").get("/map/current.json").json()
    assert card["bounds"] is None and card["center"] == [118.7, 32.0]
    assert card["tile_crs"] == "gcj02" and card["tile_url"].startswith("https://tiles.example")


def test_an_older_map_has_its_own_sheet_which_other_workers_can_draw_too() -> None:
    before = Grid("1", "one", "c", "general", [SQUARE], valid_to=NOW - 1000)
    after = Grid("2", "two", "c", "general", [[[x + 1, y] for x, y in SQUARE]], valid_from=NOW - 1000)
    browser = client(city := City(before, after))
    now, then = browser.get("/map/current.json").json(), browser.get(f"/map/current.json?at={NOW - 1001}").json()
    assert (now["bounds"][0], then["bounds"][0]) == (119.70, 118.70)
    browser.get(f"/map/current.json?at={NOW - 5000}")
    assert city.reads == 2, "between two changes of the map all instants have the same version"
    elsewhere = client(City(before, after))
    assert elsewhere.get(f"/{then['url']}").content == encode([before], city.tree())
    assert elsewhere.get("/map/0000000000000000.bin").status_code == 404
