"""The web app of one worker: Dash's pages and the API on one server, with the middleware in front of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import dash
from fastapi import FastAPI

from callbacks import api, map, overlay, problem, row, scenario, selection, shell
from callbacks.auth.middleware import AuthMiddleware
from callbacks.auth.session import Session
from callbacks.services import Services
from dashboard.ports.tile import TileSource

ROOT = Path(__file__).parents[1]


def build(
    services: Services, session: Callable[[], Session], connect: Callable[[], Awaitable[None]], tiles: TileSource | None
) -> Callable[..., Awaitable[None]]:
    """The ASGI app; made once before the workers fork. `session` and `connect` are called in each of them."""
    server = FastAPI(title="GridCommand", version="1", docs_url=None, redoc_url=None)
    server.add_middleware(problem.Border)  # inside Dash's own, which tells nobody what failed
    app = dash.Dash(
        "gridcommand", server=cast(Any, server), backend="fastapi", assets_folder=str(ROOT / "assets"), assets_path_ignore=["worker"],
        suppress_callback_exceptions=True, update_title="", serve_locally=True, on_error=_tell,
    )  # fmt: skip
    app.backend.websocket_capability = False
    map.register(app, services, services.settings.tile_url or None, services.settings.tile_crs, tiles)
    for part in (api, row, overlay, scenario, selection, shell):
        part.register(app, services)
    problem.close_unknown(server, "/api", "/map", "/demo")

    async def start() -> None:
        app._setup_server()
        backend: Any = app.backend  # its hooks have no public name
        for hook in backend._before_request_funcs:
            hook()
        await connect()

    async def stop() -> None:
        await services.feed.stop()

    return AuthMiddleware(cast(problem.App, server), services, session, start, stop, ROOT / "assets", app.callback_map)


def _tell(error: Exception) -> None:
    """What a callback raises goes on to the border (callbacks/problem.py), which answers, and logs what has no name."""
    raise error
