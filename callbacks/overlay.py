"""What lies over the map on demand: indicators by grid and the video points, each only inside the visitor's jurisdiction."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from typing import Any

import msgspec
from dash import Dash
from fastapi import FastAPI, Request, Response

from callbacks.access import caller
from callbacks.answer import answer
from callbacks.map import packed_answer
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import SEES_SECRET, User
from dashboard.cache import KeyedCache, TimedCache
from dashboard.clock import DAY
from dashboard.places.grid import Grid
from dashboard.places.locate import Locator
from dashboard.places.share import COVERAGE, ON_TIME, WINDOW_DAYS, column
from dashboard.places.unit import UnitTree
from dashboard.video.coverage import Coverage
from dashboard.video.point import VideoPoint
from dashboard.wire.geometry import content_hash
from dashboard.wire.video_layer import encode

LAYERS = 3
"""Sheets kept for each audience: pages may still ask for names on an older one."""

Shares = dict[str, tuple[float, float]]


class PointLayer(msgspec.Struct, frozen=True):
    """The points that an audience may see; the index of a point is its name in the browser."""

    hash: str
    packed: bytes
    points: list[VideoPoint]


class Overlay:
    """One a worker. Everything that takes time runs off the event loop."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ground: KeyedCache[UnitTree, tuple[Sequence[Grid], Locator]] = KeyedCache()
        self._covered: KeyedCache[UnitTree, Coverage] = KeyedCache()
        self._layers: dict[tuple[str, bool], dict[str, PointLayer]] = {}
        self.on_time = TimedCache(self._on_time)
        self.points = TimedCache(self._points)
        self.coverage = TimedCache(self._coverage)

    async def _on_time(self) -> tuple[int, dict[str, tuple[int, int]]]:
        now = self._services.now()
        return now, await asyncio.to_thread(self._services.reader.cases.on_time, now - WINDOW_DAYS * DAY, now)

    async def _points(self) -> list[tuple[VideoPoint, str | None]]:
        """Active points with the grid that each stands in."""
        return await asyncio.to_thread(self._located, self._services.tree())

    def _located(self, tree: UnitTree) -> list[tuple[VideoPoint, str | None]]:
        points, (_, locator) = self._services.reader.video.points(), self._on_ground(tree)
        grids = locator.locate([p.lon for p in points], [p.lat for p in points]) if points else []
        return list(zip(points, grids, strict=True))

    def _on_ground(self, tree: UnitTree) -> tuple[Sequence[Grid], Locator]:
        """The grids of this tree, which is another one after an import."""

        def read() -> tuple[Sequence[Grid], Locator]:
            grids = self._services.reader.places.grids(self._services.now())
            return grids, Locator(grids)

        return self._ground.get(tree, read)

    async def _coverage(self) -> Shares:
        points = [point for point, _ in await self.points.get()]
        return await asyncio.to_thread(self._cover, points, self._services.tree())

    def _cover(self, points: list[VideoPoint], tree: UnitTree) -> Shares:
        """Seconds of geometry at first and after an import of grids; later only where points have changed."""
        return self._covered.get(tree, lambda: Coverage(self._on_ground(tree)[0])).of(points)

    async def layer(self, user: User) -> PointLayer:
        """The newest points of the user's jurisdiction; secret ones only for who may see them (DOMAIN.md 8)."""
        points, tree = await self.points.get(), self._services.tree()
        made = await in_turn(user.id, _layer, points, tree, user)
        known = self._known(user)
        known[made.hash] = known.pop(made.hash, made)
        for old in list(known)[:-LAYERS]:
            del known[old]
        return made

    def _known(self, user: User) -> dict[str, PointLayer]:
        return self._layers.setdefault((user.unit, user.role in SEES_SECRET), {})

    async def named(self, user: User, hash: str) -> PointLayer:
        """A layer that this user's audience was given. Raises Problem 404: another's looks like one that does not exist."""
        if hash not in self._known(user):
            await self.layer(user)
        found = self._known(user).get(hash)
        if found is None:
            raise Problem(404, "No such layer", "ask /map/video.json for the newest one")
        return found


def _layer(points: list[tuple[VideoPoint, str | None]], tree: UnitTree, user: User) -> PointLayer:
    seen = [p for p, grid in points if tree.within(grid, user.unit) and (user.role in SEES_SECRET or not p.secret)]
    blob = encode(seen)
    return PointLayer(content_hash(blob), gzip.compress(blob, 6, mtime=0), seen)


def register(app: Dash, services: Services) -> None:
    """Adds `GET /map/indicators.json`, `/map/video.json`, `/map/video/{hash}.bin` and `/map/video/{hash}/{index}.json`."""
    server: FastAPI = app.server
    overlay = Overlay(services)

    @server.get("/map/indicators.json", include_in_schema=False)
    async def indicators(request: Request, name: str) -> Response:
        return _zipped(await _indicator(overlay, services.tree(), caller(), name), request)

    @server.get("/map/video.json", include_in_schema=False)
    async def card() -> Response:
        layer = await overlay.layer(caller())
        return answer({"hash": layer.hash, "url": f"map/video/{layer.hash}.bin", "count": len(layer.points)})

    @server.get("/map/video/{hash}.bin", include_in_schema=False)
    async def blob(hash: str, request: Request) -> Response:
        return packed_answer(hash, (await overlay.named(caller(), hash)).packed, request, "private")

    @server.get("/map/video/{hash}/{index}.json", include_in_schema=False)
    async def point(hash: str, index: int) -> Response:
        user = caller()
        if user.role == "wall":
            raise Problem(403, "Forbidden", "a wall sees points, not their names")
        points = (await overlay.named(user, hash)).points
        if not 0 <= index < len(points):
            raise Problem(404, "No such point", f"the layer has the points 0 to {len(points) - 1}")
        return answer(points[index])


async def _indicator(overlay: Overlay, tree: UnitTree, user: User, name: str) -> dict[str, Any]:
    """One indicator by grid. Raises Problem 400 for another name."""
    if name == "on_time":
        as_of, values = await overlay.on_time.get()
        head = {"name": name, "as_of": as_of, "days": WINDOW_DAYS}
        return head | column({code: (float(n), float(d)) for code, (n, d) in values.items()}, ON_TIME, tree, user.unit)
    if name == "coverage":
        return {"name": name} | column(await overlay.coverage.get(), COVERAGE, tree, user.unit)
    raise Problem(400, "Bad parameter", f"name={name!r} is not one of on_time, coverage")


def _zipped(content: Any, request: Request) -> Response:
    """Twelve thousand codes are worth packing; they change by the minute, so nobody may keep them."""
    body, headers = msgspec.json.encode(content), {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = gzip.compress(body, 5, mtime=0), {**headers, "Content-Encoding": "gzip"}
    return Response(body, media_type="application/json", headers=headers)
