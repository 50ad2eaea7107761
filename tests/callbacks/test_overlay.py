"""Indicators, video points and the drawn line: who may ask, what lies inside the jurisdiction, what is refused and why."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dash import Dash
from fastapi import FastAPI
from fastapi.testclient import TestClient

from callbacks import api, overlay, selection
from callbacks.auth.session import set_user
from dashboard.access.role import User
from dashboard.desk.query import MAX_LIMIT, CaseQuery
from dashboard.places.grid import Grid
from dashboard.places.unit import UnitTree
from dashboard.video.point import VideoPoint
from tests.made import T0, UNITS

SQUARES = {"g1": 118.70, "g2": 118.71}
GRIDS = [
    Grid(code, code, "d1", "general", [[[x, 32.0], [x + 0.01, 32.0], [x + 0.01, 32.01], [x, 32.01], [x, 32.0]]])
    for code, x in SQUARES.items()
]
POINTS = [
    VideoPoint("1", "east", "huiyan", "road", 118.705, 32.005, 0, 360, 100),
    VideoPoint("2", "west", "huiyan", "road", 118.715, 32.005, 0, 90, 50, "OFF"),
    VideoPoint("3", "hidden", "huiyan", "road", 118.716, 32.006, 0, 90, 50, secret=True),
    VideoPoint("4", "outside", "huiyan", "road", 119.9, 32.005, 0, 90, 50),
]
AROUND = [[118.7, 32.0], [118.72, 32.0], [118.72, 32.02], [118.7, 32.02]]


class Reader:
    """A city of two grids; keeps the question that was asked."""

    total = 1

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.asked: list[CaseQuery] = []
        self.places = self.cases = self.video = self

    def grids(self, at: int) -> list[Grid]:
        return GRIDS

    def points(self) -> list[VideoPoint]:
        self.reads.append("video")
        return POINTS

    def on_time(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        assert until - since == 30 * 86_400_000
        self.reads.append("on_time")
        return {"g1": (3, 9), "g2": (1, 2)}

    def page(self, query: CaseQuery) -> dict[str, Any]:
        self.asked.append(query)
        return {"total": self.total, "items": [{"case": "a~1", "version": 3, "title": "not for the map"}]}


class City:
    """A browser of somebody, and the services behind it."""

    def __init__(self) -> None:
        self.reader, tree = Reader(), UnitTree(UNITS)
        self.services = SimpleNamespace(reader=self.reader, now=lambda: T0, tree=lambda: tree)
        app = Dash(__name__, server=FastAPI())
        for room in (api, overlay, selection):
            room.register(app, self.services)  # type: ignore[arg-type]
        self.server = app.server

    def browser(self, role: str = "dispatcher", unit: str = "c") -> TestClient:
        async def known(scope: Any, receive: Any, send: Any) -> None:
            set_user(User("u", "U", role, unit) if role else None)
            await self.server(scope, receive, send)

        return TestClient(known)


@pytest.fixture
def city() -> City:
    return City()


def lons(browser: TestClient) -> list[float]:
    blob = browser.get("/" + browser.get("/map/video.json").json()["url"])
    assert blob.headers["cache-control"].startswith("private") and "immutable" in blob.headers["cache-control"]
    size = int.from_bytes(blob.content[:4], "little")
    count = browser.get("/map/video.json").json()["count"]
    return [round(x / 1e7 - 180, 3) for x in np.frombuffer(blob.content, "<u4", count, 4 + size).tolist()]


def test_on_time_comes_with_its_numbers_and_is_read_once_a_minute(city: City) -> None:
    got = city.browser().get("/map/indicators.json?name=on_time").json()
    assert (got["grid"], got["n"], got["d"], got["bound"], got["days"]) == (["g1", "g2"], [3, None], [9, 2], 0.9, 30)
    assert city.browser(unit="d2").get("/map/indicators.json?name=on_time").json()["grid"] == ["g2"]
    assert city.reader.reads == ["on_time"]


def test_coverage_counts_working_points_only(city: City) -> None:
    got = city.browser().get("/map/indicators.json?name=coverage").json()
    assert got["grid"] == ["g1", "g2"]
    assert got["n"][0] == pytest.approx(31_400, rel=0.01)
    assert 0 < got["n"][1] < 3_000, "the one that is off sees nothing"
    assert city.browser().get("/map/indicators.json?name=gdp").status_code == 400


def test_points_stay_inside_the_jurisdiction_and_secret_ones_off_the_wall(city: City) -> None:
    assert lons(city.browser()) == [118.705, 118.715, 118.716, 119.9]
    assert lons(city.browser("wall")) == [118.705, 118.715, 119.9]
    assert lons(city.browser(unit="d1")) == [118.705]


def test_names_are_told_one_by_one_and_never_across_the_border(city: City) -> None:
    mine, other, wall = city.browser(), city.browser(unit="d1"), city.browser("wall")
    hash = mine.get("/map/video.json").json()["hash"]
    assert mine.get(f"/map/video/{hash}/1.json").json()["name"] == "west"
    assert mine.get(f"/map/video/{hash}/4.json").status_code == 404
    assert other.get(f"/map/video/{hash}/1.json").status_code == 404
    assert other.get(f"/map/video/{hash}.bin").status_code == 404
    assert wall.get(f"/map/video/{wall.get('/map/video.json').json()['hash']}/0.json").status_code == 403


def test_a_drawn_line_asks_for_open_cases_of_the_jurisdiction(city: City) -> None:
    got = city.browser(unit="d1").post("/map/select", json={"polygon": AROUND, "lights": ["red", "amber"]})
    assert got.json() == {"cases": [{"case": "a~1", "version": 3}], "total": 1}
    asked = city.reader.asked[0]
    assert (asked.unit, asked.stage, asked.lights, asked.limit) == ("d1", "open", ("red", "amber"), MAX_LIMIT)
    assert asked.polygon == [tuple(corner) for corner in AROUND]


@pytest.mark.parametrize("role", ["wall", "leader"])
def test_who_sees_no_cases_selects_none(city: City, role: str) -> None:
    assert city.browser(role).post("/map/select", json={"polygon": AROUND}).status_code == 403
    assert city.reader.asked == []


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"{", 400, "truncated"),
        (b'{"polygon": "all"}', 400, "array"),
        (b'{"polygon": [[1, 2], [3, 4]]}', 400, "three different corners"),
        (b'{"polygon": [[1, 1], [2, 2], [3, 3]]}', 400, "encloses nothing"),
        (b'{"polygon": [[1, 1], [2, 2], [300, 3]]}', 400, "degrees"),
        (b'{"polygon": [[1, 1], [2, 2], [3, null]]}', 400, "float"),
        (b'{"polygon": [[1, 1], [2, 2], [3, 1]], "unit": "c"}', 400, "unknown field"),
        (b'{"polygon": [[1, 1], [2, 2], [3, 1]], "lights": ["pink"]}', 400, "pink"),
        (b'{"polygon": [' + b"[1, 1]," * 500 + b"[2, 2]]}", 400, "length <= 500"),
    ],
    ids=range(9),
)
def test_a_bad_line_is_refused_with_what_is_wrong(city: City, body: bytes, status: int, says: str) -> None:
    got = city.browser().post("/map/select", content=body)
    assert got.status_code == status
    assert says in got.json()["detail"]
    assert city.reader.asked == []


def test_too_many_cases_are_refused_with_their_number(city: City) -> None:
    city.reader.total = 2_345
    got = city.browser().post("/map/select", json={"polygon": AROUND})
    assert got.status_code == 413 and "2345" in got.json()["detail"]
