"""The city's polygons for the map: one immutable, pre-compressed file per content, and a small card that names the newest."""

from __future__ import annotations

import asyncio
import gzip
from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, Any, Protocol

import msgspec
from dash import Dash
from fastapi import FastAPI, Query, Request, Response
from fastapi import Path as InPath

from callbacks.problem import Problem
from dashboard.places.geometry import bounds, content_hash, encode
from dashboard.places.grid import Grid
from dashboard.places.simplify import simplified
from dashboard.places.unit import UnitTree
from dashboard.ports import TileSource

DAY_S, YEAR_S = 86_400, 31_536_000
Instant = Annotated[int | None, Query(ge=0, lt=2**53)]
"""ms; what is larger fits neither the database nor a browser's number."""
Step = Annotated[int, InPath(ge=-(2**31), lt=2**31)]
"""Zoom, column or row of a tile."""


class GridReader(Protocol):
    def grids(self, at: int | None = None) -> Sequence[Grid]: ...
    def map_times(self) -> Sequence[int]: ...


class MapServices(Protocol):
    """What the map needs of the services: the grids as they are now, and the tree that numbers them."""

    @property
    def reader(self) -> GridReader: ...
    def tree(self) -> UnitTree: ...
    def now(self) -> int: ...


class Sheet(msgspec.Struct, frozen=True):
    """One version of the map; `packed` is the blob of `dashboard.places.geometry`, gzip."""

    hash: str
    packed: bytes
    bounds: tuple[float, float, float, float] | None
    """west, south, east, north in WGS-84 degrees; None for a city without polygons."""
    root: tuple[float, float] | None
    """Where the root unit lies (lon, lat), for a city without polygons."""


class Atlas:
    """The sheets of this worker: one for each time between two changes of the map, made when it is first asked for."""

    KEPT = 6

    def __init__(self, services: MapServices) -> None:
        self.services = services
        self.sheets: dict[str, Sheet] = {}
        self._tree: UnitTree | None = None
        self._times: Sequence[int] = ()
        self._by_time: dict[int, Sheet] = {}
        self._lock = asyncio.Lock()

    async def at(self, at: int | None = None) -> Sheet:
        """The sheet that is (None) or was valid. Drawing one takes about half a second at 12,583 grids, off the event loop."""
        async with self._lock:
            tree = self.services.tree()
            # An import of units or grids makes a new tree: from then on every sheet may be another.
            if tree is not self._tree:
                self._times, self._tree = await asyncio.to_thread(self.services.reader.map_times), tree
                self._by_time.clear()
            instant = self.services.now() if at is None else at
            number = bisect_right(self._times, instant)
            if number not in self._by_time:
                self._keep(number, await asyncio.to_thread(draw, self.services.reader, tree, instant))
            return self._by_time[number]

    def _keep(self, number: int, sheet: Sheet) -> None:
        """The last sheets that were asked for stay: pages hold their addresses."""
        self._by_time[number] = self.sheets[sheet.hash] = sheet
        for old in list(self.sheets)[: -self.KEPT]:
            del self.sheets[old]
        self._by_time = {n: s for n, s in self._by_time.items() if s.hash in self.sheets}


def draw(reader: GridReader, tree: UnitTree, at: int) -> Sheet:
    """Reads the grids of that time and makes their sheet; the same grids give the same bytes in every worker."""
    grids = simplified(reader.grids(at))
    blob = encode(grids, tree)
    root = tree.root
    place = (root.lon, root.lat) if root.lon is not None and root.lat is not None else None
    return Sheet(content_hash(blob), gzip.compress(blob, 9, mtime=0), bounds(grids), place)


def card(sheet: Sheet, tile_url: str | None, tile_crs: str, at: int | None = None) -> dict[str, Any]:
    """What a page must know before it has the polygons: where they are, where to look, which tiles to put below; `at` for an older map."""
    west, south, east, north = sheet.bounds or (73.0, 18.0, 135.0, 54.0)
    center = ((west + east) / 2, (south + north) / 2) if sheet.bounds or not sheet.root else sheet.root
    return {
        "hash": sheet.hash,
        "url": f"map/{sheet.hash}.bin" + (f"?at={at}" if at is not None else ""),
        "at": at,
        "center": center,
        "bounds": sheet.bounds,
        "zoom": 10 if sheet.bounds or sheet.root else 4,
        "tile_url": tile_url,
        "tile_crs": tile_crs,
    }


def register(
    app: Dash, services: MapServices, tile_url: str | None = None, tile_crs: str = "wgs84", tiles: TileSource | None = None
) -> None:
    """Adds `GET /map/current.json` and `GET /map/{hash}.bin` to the server of `app`. Who may ask is decided before them.

    `tile_url` is a Leaflet template ("{z}/{x}/{y}"), None for no tiles; `tile_crs` is `wgs84`, `gcj02` or `bd09`. `tiles`: the local
    base map, which is then served from here.
    """
    server: FastAPI = app.server
    if tiles is not None:
        tile_url = "map/tiles/{z}/{x}/{y}"
        _serve_tiles(server, tiles)
    atlas = Atlas(services)

    async def current(at: Instant = None) -> Response:
        body = msgspec.json.encode(card(await atlas.at(at), tile_url, tile_crs, at))
        return Response(body, media_type="application/json", headers={"Cache-Control": "no-cache"})

    async def blob(name: str, request: Request, at: Instant = None) -> Response:
        # This worker may not have drawn the sheet that another worker's card named.
        if name not in atlas.sheets:
            await atlas.at(at)
        sheet = atlas.sheets.get(name)
        if sheet is None:
            raise Problem(404, "No such sheet", "ask /map/current.json for the newest one")
        return packed_answer(sheet.hash, sheet.packed, request, "public")

    server.get("/map/current.json", include_in_schema=False)(current)
    server.get("/map/{name}.bin", include_in_schema=False)(blob)


def _serve_tiles(server: FastAPI, tiles: TileSource) -> None:
    async def tile(z: Step, x: Step, y: Step) -> Response:
        found = await asyncio.to_thread(tiles.tile, z, x, y)
        # No content instead of an error: beyond the file's edge there is nothing to complain about.
        headers = {"Cache-Control": f"private, max-age={DAY_S}"}
        return Response(found, media_type=tiles.media_type, headers=headers) if found else Response(status_code=204, headers=headers)

    server.get("/map/tiles/{z}/{x}/{y}", include_in_schema=False)(tile)


def packed_answer(hash: str, packed: bytes, request: Request, who: str) -> Response:
    """Bytes whose URL names their content; `who` may keep them: `public`, or `private` where they depend on the visitor."""
    headers = {"Cache-Control": f"{who}, max-age={YEAR_S}, immutable", "ETag": f'"{hash}"', "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type="application/octet-stream", headers={**headers, "Content-Encoding": "gzip"})
    return Response(gzip.decompress(packed), media_type="application/octet-stream", headers=headers)
