"""What lies over the map on demand: indicators by grid and the video points, each only inside the visitor's jurisdiction."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from typing import Any

import msgspec
from dash import Dash
from fastapi import FastAPI, Request, Response

from callbacks.api import answer, visitor
from callbacks.cache import Cache
from callbacks.map import packed_answer
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.clock import DAY
from dashboard.wire.geometry import content_hash
from dashboard.places.grid import Grid
from dashboard.places.locate import Locator
from dashboard.places.share import COVERAGE, ON_TIME, WINDOW_DAYS, column
from dashboard.places.unit import UnitTree
from dashboard.access.role import SEES_SECRET, User
from dashboard.video.coverage import Coverage
from dashboard.wire.video_layer import encode
from dashboard.video.point import VideoPoint

SHEETS = 3
"""Sheets kept for each audience: pages may still ask for names on an older one."""

Shares = dict[str, tuple[float, float]]


class MapVersion(msgspec.Struct, frozen=True):
    """The points that an audience may see; the index of a point is its name in the browser."""

    hash: str
    packed: bytes
    points: list[VideoPoint]


class Overlay:
    """One a worker. Everything that takes time runs off the event loop."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ground: tuple[UnitTree, Sequence[Grid], Locator] | None = None
        self._covered: tuple[UnitTree, Coverage] | None = None
        self._versions: dict[tuple[str, bool], dict[str, MapVersion]] = {}
        self.on_time = Cache(self._on_time)
        self.points = Cache(self._points)
        self.coverage = Cache(self._coverage)

    async def _on_time(self) -> tuple[int, dict[str, tuple[int, int]]]:
        now = self._services.now()
        return now, await asyncio.to_thread(self._services.reader.on_time, now - WINDOW_DAYS * DAY, now)

    async def _points(self) -> list[tuple[VideoPoint, str | None]]:
        """Active points with the grid that each stands in."""
        return await asyncio.to_thread(self._located, self._services.tree())

    def _located(self, tree: UnitTree) -> list[tuple[VideoPoint, str | None]]:
        points, (_, _, locator) = self._services.reader.video_points(), self._on_ground(tree)
        grids = locator.locate([p.lon for p in points], [p.lat for p in points]) if points else []
        return list(zip(points, grids, strict=True))

    def _on_ground(self, tree: UnitTree) -> tuple[UnitTree, Sequence[Grid], Locator]:
        """The grids, read again after an import: its tree is another object."""
        if self._ground is None or self._ground[0] is not tree:
            grids = self._services.reader.grids(self._services.now())
            self._ground = (tree, grids, Locator(grids))
        return self._ground

    async def _coverage(self) -> Shares:
        points = [point for point, _ in await self.points.get()]
        return await asyncio.to_thread(self._cover, points, self._services.tree())

    def _cover(self, points: list[VideoPoint], tree: UnitTree) -> Shares:
        """Seconds of geometry at first and after an import of grids; later only where points have changed."""
        if self._covered is None or self._covered[0] is not tree:
            self._covered = (tree, Coverage(self._on_ground(tree)[1]))
        return self._covered[1].of(points)

    async def version(self, user: User) -> MapVersion:
        """The newest points of the user's jurisdiction; secret ones only for who may see them (DOMAIN.md 8)."""
        points, tree = await self.points.get(), self._services.tree()
        made = await in_turn(user.id, _version, points, tree, user)
        known = self._known(user)
        known[made.hash] = known.pop(made.hash, made)
        for old in list(known)[:-SHEETS]:
            del known[old]
        return made

    def _known(self, user: User) -> dict[str, MapVersion]:
        return self._versions.setdefault((user.unit, user.role in SEES_SECRET), {})

    async def named(self, user: User, hash: str) -> MapVersion:
        """A version that this user's audience was given. Raises Problem 404: another's looks like one that does not exist."""
        if hash not in self._known(user):
            await self.version(user)
        found = self._known(user).get(hash)
        if found is None:
            raise Problem(404, "No such version", "ask /map/video.json for the newest one")
        return found


def _version(points: list[tuple[VideoPoint, str | None]], tree: UnitTree, user: User) -> MapVersion:
    seen = [p for p, grid in points if tree.within(grid, user.unit) and (user.role in SEES_SECRET or not p.secret)]
    blob = encode(seen)
    return MapVersion(content_hash(blob), gzip.compress(blob, 6, mtime=0), seen)


def register(app: Dash, services: Services) -> None:
    """Adds `GET /map/indicators.json`, `/map/video.json`, `/map/video/{hash}.bin` and `/map/video/{hash}/{index}.json`."""
    server: FastAPI = app.server
    overlay = Overlay(services)

    @server.get("/map/indicators.json", include_in_schema=False)
    async def indicators(request: Request, name: str) -> Response:
        return _zipped(await _indicator(overlay, services.tree(), visitor(), name), request)

    @server.get("/map/video.json", include_in_schema=False)
    async def card() -> Response:
        version = await overlay.version(visitor())
        return answer({"hash": version.hash, "url": f"map/video/{version.hash}.bin", "count": len(version.points)})

    @server.get("/map/video/{hash}.bin", include_in_schema=False)
    async def blob(hash: str, request: Request) -> Response:
        return packed_answer(hash, (await overlay.named(visitor(), hash)).packed, request, "private")

    @server.get("/map/video/{hash}/{index}.json", include_in_schema=False)
    async def point(hash: str, index: int) -> Response:
        user = visitor()
        if user.role == "wall":
            raise Problem(403, "Forbidden", "a wall sees points, not their names")
        points = (await overlay.named(user, hash)).points
        if not 0 <= index < len(points):
            raise Problem(404, "No such point", f"the version has the points 0 to {len(points) - 1}")
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
