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
from dashboard.cache import KeyedCache
from dashboard.places.grid import Grid
from dashboard.places.simplify import simplified
from dashboard.places.unit import UnitTree
from dashboard.ports.tile import TileSource
from dashboard.wire.geometry import bounds, content_hash, encode

DAY_S, YEAR_S = 86_400, 31_536_000
Instant = Annotated[int | None, Query(ge=0, lt=2**53)]
"""ms; what is larger fits neither the database nor a browser's number."""
Step = Annotated[int, InPath(ge=-(2**31), lt=2**31)]
"""Zoom, column or row of a tile."""


class GridReader(Protocol):
    def grids(self, at: int | None = None) -> Sequence[Grid]: ...
    def map_times(self) -> Sequence[int]: ...


class MapReader(Protocol):
    @property
    def places(self) -> GridReader: ...


class MapServices(Protocol):
    """What the map needs of the services: the grids as they are now, and the tree that numbers them."""

    @property
    def reader(self) -> MapReader: ...
    def tree(self) -> UnitTree: ...
    def now(self) -> int: ...


class MapVersion(msgspec.Struct, frozen=True):
    """One version of the map; `packed` is the blob of `dashboard.wire.geometry`, gzip."""

    hash: str
    packed: bytes
    bounds: tuple[float, float, float, float] | None
    """west, south, east, north in WGS-84 degrees; None for a city without polygons."""
    root: tuple[float, float] | None
    """Where the root unit lies (lon, lat), for a city without polygons."""


class Atlas:
    """The versions of this worker: one for each time between two changes of the map, made when it is first asked for."""

    KEPT = 6

    def __init__(self, services: MapServices) -> None:
        self.services = services
        self.versions: dict[str, MapVersion] = {}
        self._times: KeyedCache[UnitTree, Sequence[int]] = KeyedCache()
        self._by_time: dict[int, MapVersion] = {}
        self._lock = asyncio.Lock()

    async def at(self, at: int | None = None) -> MapVersion:
        """The version that is (None) or was valid. Drawing one takes about half a second at 12,583 grids, off the event loop."""
        async with self._lock:
            tree = self.services.tree()
            times = self._times.known(tree)
            if times is None:
                times = await asyncio.to_thread(self._times.get, tree, self._read_times)
            instant = self.services.now() if at is None else at
            number = bisect_right(times, instant)
            if number not in self._by_time:
                self._keep(number, await asyncio.to_thread(draw, self.services.reader.places, tree, instant))
            return self._by_time[number]

    def _read_times(self) -> Sequence[int]:
        """An import of units or grids makes a new tree: from then on every version may be another."""
        self._by_time.clear()
        return self.services.reader.places.map_times()

    def _keep(self, number: int, version: MapVersion) -> None:
        """The last versions that were asked for stay: pages hold their addresses."""
        self._by_time[number] = self.versions[version.hash] = version
        for old in list(self.versions)[: -self.KEPT]:
            del self.versions[old]
        self._by_time = {n: s for n, s in self._by_time.items() if s.hash in self.versions}


def draw(places: GridReader, tree: UnitTree, at: int) -> MapVersion:
    """Reads the grids of that time and makes their version; the same grids give the same bytes in every worker."""
    grids = simplified(places.grids(at))
    blob = encode(grids, tree)
    root = tree.root
    place = (root.lon, root.lat) if root.lon is not None and root.lat is not None else None
    return MapVersion(content_hash(blob), gzip.compress(blob, 9, mtime=0), bounds(grids), place)


def card(version: MapVersion, tile_url: str | None, tile_crs: str, at: int | None = None) -> dict[str, Any]:
    """What a page must know before it has the polygons: where they are, where to look, which tiles to put below; `at` for an older map."""
    west, south, east, north = version.bounds or (73.0, 18.0, 135.0, 54.0)
    center = ((west + east) / 2, (south + north) / 2) if version.bounds or not version.root else version.root
    return {
        "hash": version.hash,
        "url": f"map/{version.hash}.bin" + (f"?at={at}" if at is not None else ""),
        "at": at,
        "center": center,
        "bounds": version.bounds,
        "zoom": 10 if version.bounds or version.root else 4,
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
        # This worker may not have drawn the version that another worker's card named.
        if name not in atlas.versions:
            await atlas.at(at)
        version = atlas.versions.get(name)
        if version is None:
            raise Problem(404, "No such version", "ask /map/current.json for the newest one")
        return packed_answer(version.hash, version.packed, request, "public")

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
