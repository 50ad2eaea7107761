"""The city on the map in Chromium: 12,583 polygons and 100,000 open cases, moved by a program, at rest and with 1,000 changes a second.

ours: the worker canvas, fed as /live feeds it; baseline: dash-leaflet's clustered GeoJSON of the same cases, and its GeoJSON of
the same grids recoloured by `hideout`; limit: an empty dl.Map. The same browser and machine, one page after the other. The memory
row takes ten minutes of panning with 1,000 changes a second.
"""

from __future__ import annotations

import gzip
import shutil
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dash
import dash_leaflet as dl
import msgspec
import psutil
import uvicorn
from dash import html
from fastapi import FastAPI, Response

from benchmarks import BenchRow
from benchmarks.clocks import FLAGS
from callbacks import map as city_map_callbacks
from dashboard.cases.row import Row
from dashboard.clock import HOUR
from dashboard.live.board import Board
from dashboard.live.column import columns
from dashboard.places.unit import UnitTree
from dashboard.simulate.city import city
from dashboard.wire.frame import Frame
from layouts.parts.map import city_map

CASES, RUNS, MOVE_MS, DELTAS = 100_000, 3, 5000, 7
SIZES = ((1920, 1080), (3840, 2160))
SOAK_MINUTES = 10
ZOOM = 12
ASSETS = Path(__file__).resolve().parents[1] / "assets"
NOT_THE_MAP = ["^(admin|desk|live|login|wall|worker)$"]
"""Folders of assets/ whose scripts and styles this page does without."""
INDEX = """<!DOCTYPE html><html data-theme="dark"><head>{%metas%}{%css%}
<style>html,body,#react-entry-point,#react-entry-point>div{height:100%;margin:0}</style></head>
<body>{%app_entry%}{%config%}{%scripts%}
<script src="/bench/map.js"></script>{%renderer%}</body></html>"""
_pack = msgspec.json.encode


class Town:
    """The synthetic city with its cases, as every page of this benchmark needs it."""

    def __init__(self) -> None:
        self.city = city()
        self.units = UnitTree(self.city.units)
        self.at = int(time.time() * 1000)
        places = SimpleNamespace(grids=lambda at: self.city.grids, map_times=lambda: [0])
        self.reader = SimpleNamespace(places=places)
        board = Board(self.units, self.at)
        board.apply([self._row(i) for i in range(CASES)], CASES)
        self.snapshot = Frame({"t": "snapshot", "at": self.at, "cases": columns(board, board.open_slots(self.units.root.code)), "gone": []})

    def tree(self) -> UnitTree:
        return self.units

    def now(self) -> int:
        return self.at

    def _row(self, i: int) -> Row:
        grid = self.city.grids[i * 7919 % len(self.city.grids)]
        (ax, ay), (bx, by) = grid.rings[0][0], grid.rings[0][len(grid.rings[0]) // 2]
        part = (i * 37 % 100) / 100
        due = self.at + (i % 60 - 4) * HOUR
        place = {"lon": round(ax + (bx - ax) * part, 6), "lat": round(ay + (by - ay) * part, 6)}
        when = {"reported": due - 48 * HOUR, "amber": due - 10 * HOUR, "due": due, "paused": 0, "closed": None, "level": 0}
        who = {"category": f"0{i % 9 + 1}0101", "owner": self.city.routes[i % len(self.city.routes)].unit, "grid": grid.code}
        return Row(case=f"12345~GC{i % 28 + 20261101}-{i:06d}", version=1, pos=i + 1, stage=i % 7, severity=i % 3, **who, **place, **when)

    def points(self) -> bytes:
        rows = (self._row(i) for i in range(CASES))
        return _pack(_collection([_feature("Point", [r.lon, r.lat], i) for i, r in enumerate(rows)]))

    def polygons(self) -> bytes:
        return _pack(_collection([_feature("Polygon", g.rings, i) for i, g in enumerate(self.city.grids)]))


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


def _feature(kind: str, coordinates: Any, n: int) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": {"n": n}}


@contextmanager
def page_of(town: Town, layer: Any) -> Iterator[str]:
    """A Dash app with one map that fills the window; its address."""
    server = FastAPI()
    ours = layer is None
    ignore = {"assets_path_ignore": NOT_THE_MAP, "assets_ignore": "^(shell|theme|toast)" if ours else ".*"}
    app = dash.Dash(__name__, server=server, backend="fastapi", assets_folder=str(ASSETS), index_string=INDEX, **ignore)
    app.backend.websocket_capability = False
    centre = (town.units.root.lat or 32.0, town.units.root.lon or 118.8)
    plain = dl.Map(layer, center=centre, zoom=ZOOM, preferCanvas=True, zoomSnap=0.25, style={"height": "100%"})
    app.layout = html.Div(city_map("bench-map", "desk") if ours else plain, style={"height": "100%"})
    city_map_callbacks.register(app, town)
    files: dict[str, Callable[[], bytes]] = {
        "map.js": Path(__file__).with_name("map.js").read_bytes, "snapshot.json": lambda: town.snapshot.text, "points.json": town.points,
        "polygons.json": town.polygons,
    }  # fmt: skip

    @server.get("/bench/{name}")
    def file(name: str) -> Response:
        return Response(files[name](), media_type="text/javascript" if name.endswith(".js") else "application/json")

    app._setup_server()
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    runner = uvicorn.Server(uvicorn.Config(server, port=port, log_level="error"))
    thread = threading.Thread(target=runner.run, daemon=True)
    thread.start()
    while not runner.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/"
    runner.should_exit = True
    thread.join(5)


def run() -> list[BenchRow]:
    """No rows where there is no browser."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return []
    from playwright.sync_api import sync_playwright

    town, rows = Town(), []
    with sync_playwright() as p:
        for size in SIZES:
            took: dict[str, dict[str, float]] = {}
            for name, layer, measure in PAGES:
                browser = p.chromium.launch(executable_path=chromium, args=FLAGS.split())
                with page_of(town, layer) as url:
                    took[name] = measure(_open(browser, url, size))
                browser.close()
            rows += _rows(took, size)
        browser = p.chromium.launch(executable_path=chromium, args=FLAGS.split())
        with page_of(town, None) as url:
            rows += [_first_view(town), _memory(browser, url)]
        browser.close()
    return rows


def _open(browser: Any, url: str, size: tuple[int, int]) -> Any:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(url)
    page.wait_for_function("() => window.bench?.ready()")
    page.wait_for_timeout(4000)
    return page


def _moved(page: Any) -> dict[str, float]:
    """Medians of RUNS pans and zooms."""
    found: dict[str, list[float]] = {}
    for _ in range(RUNS):
        for what in ("pan", "zoom"):
            got = page.evaluate(f"bench.{what}({ZOOM if what == 'pan' else ZOOM - 2}, {MOVE_MS})")
            for key, value in got.items():
                found.setdefault(f"{key} {what}", []).append(value)
    return {key: statistics.median(values) for key, values in found.items()}


def _ours(page: Any) -> dict[str, float]:
    page.evaluate("bench.fill('/bench/snapshot.json')")
    found = _moved(page)
    found["delta"] = page.evaluate(f"bench.deltas({DELTAS}, 100)")
    found["recolour"] = page.evaluate(f"bench.recolour(['open', 'due', 'overdue'], {DELTAS})")
    busy = [page.evaluate(f"bench.busy({MOVE_MS})") for _ in range(RUNS)]
    return found | {f"{key} busy": statistics.median(b[key] for b in busy) for key in busy[0]}


def _cluster(page: Any) -> dict[str, float]:
    page.wait_for_timeout(6000)
    return _moved(page) | {"delta": page.evaluate(f"bench.replaced('bench-layer', '/bench/points.json', {RUNS})")}


def _grids(page: Any) -> dict[str, float]:
    page.wait_for_timeout(6000)
    return _moved(page) | {"recolour": page.evaluate(f"bench.hidden('bench-layer', {RUNS})")}


PAGES: tuple[tuple[str, Any, Callable[[Any], dict[str, float]]], ...] = (
    ("ours", None, _ours),
    ("cluster", dl.GeoJSON(id="bench-layer", url="/bench/points.json", cluster=True), _cluster),
    ("grids", dl.GeoJSON(id="bench-layer", url="/bench/polygons.json", style={"variable": "bench.style"}, hideout={"odd": 0}), _grids),
    ("empty", [], _moved),
)


def _rows(took: dict[str, dict[str, float]], size: tuple[int, int]) -> list[BenchRow]:
    at = f"{size[0]}x{size[1]}"
    ours, cluster, grids, empty = (took[name] for name in ("ours", "cluster", "grids", "empty"))
    rows = [
        _row(f"frame {key} {what}, {at}", ours[f"{key} {what}"], cluster[f"{key} {what}"], empty[f"{key} {what}"])
        for what in ("pan", "zoom") for key in ("p95", "worst")
    ]  # fmt: skip
    rows += [
        _row(f"frame {key} {what}, grids as GeoJSON, {at}", ours[f"{key} {what}"], grids[f"{key} {what}"], empty[f"{key} {what}"])
        for what in ("pan", "zoom") for key in ("p95", "worst")
    ]  # fmt: skip
    rows += [_row(f"frame {key} pan at 1,000 events/s, {at}", ours[f"{key} busy"], None, empty[f"{key} pan"]) for key in ("p95", "worst")]
    rows.append(_row(f"frames per second pan, {at}", ours["fps pan"], cluster["fps pan"], empty["fps pan"], "frames/s"))
    rows.append(_row(f"delta to painted at rest, {at}", ours["delta"], cluster["delta"], None, n=DELTAS))
    rows.append(_row(f"delta to painted while panning at 1,000 events/s, {at}", ours["delta busy"], None, None))
    rows.append(_row(f"delta of colours of all grids, {at}", ours["recolour"], grids["recolour"], None, n=DELTAS))
    return rows


def _row(what: str, ours: float, baseline: float | None, limit: float | None, unit: str = "ms", n: int = RUNS) -> BenchRow:
    short = (None if value is None else round(value, 1) for value in (ours, baseline, limit))
    return BenchRow(what=what, unit=unit, n=n, **dict(zip(("ours", "baseline", "limit"), short, strict=True)))  # type: ignore[typeddict-item]


def _first_view(town: Town) -> BenchRow:
    """Borders and every case, as they travel; baseline: the same as gzipped GeoJSON."""
    version = city_map_callbacks.draw(town.reader.places, town.units, town.at).packed  # type: ignore[arg-type]
    ours = (len(version) + len(town.snapshot.payload("z")[1])) / 1e6
    plain = sum(len(gzip.compress(body, 6)) for body in (town.points(), town.polygons())) / 1e6
    what = "bytes of the first view, 100,000 cases (baseline: points and polygons alone)"
    return BenchRow(what=what, ours=round(ours, 2), baseline=round(plain, 2), limit=None, unit="MB", n=1)


def _memory(browser: Any, url: str) -> BenchRow:
    """The renderer after ten minutes of panning with 1,000 changes a second; `limit`: after the first of them."""
    page = _open(browser, url, SIZES[0])
    page.evaluate("bench.fill('/bench/snapshot.json').then(() => bench.live(100))")
    seen = []
    for _ in range(SOAK_MINUTES):
        page.evaluate(f"bench.pan({ZOOM}, 58000)")
        seen.append(_renderer_mb())
    what = f"renderer memory after {SOAK_MINUTES} min of live panning (limit: after 1)"
    return BenchRow(what=what, ours=seen[-1], baseline=None, limit=seen[0], unit="MB", n=1)


def _renderer_mb() -> float:
    """Resident memory of the largest renderer among this process's children."""
    found = [p for p in psutil.Process().children(recursive=True) if "--type=renderer" in p.cmdline()]
    return float(round(max(p.memory_info().rss for p in found) / 1e6))
