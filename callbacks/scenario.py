"""The demo's scenarios: who presses one on the login page asks the demo's source for it. A real installation has no such path."""

from __future__ import annotations

import time

import msgspec
from dash import Dash
from fastapi import FastAPI, Request, Response

from callbacks.answer import answer
from callbacks.auth.session import from_own_page
from callbacks.body import read_json
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.clock import SECOND
from dashboard.ports.scenario import Playing, Scenarios
from dashboard.simulate.scenario import SCENARIOS

PATH = "/demo/scenario"
TAKEN_IN = 2.5
"""Seconds in which the demo's source takes what it is asked for, else it does not run."""


class Asked(msgspec.Struct):
    name: str


def register(app: Dash, services: Services) -> None:
    """Adds `POST /demo/scenario` in a demo: {"name"} -> {"name", "seconds"}; 409 while one plays, 503 when nobody takes it."""
    server: FastAPI = app.server
    if not services.settings.demo:
        return

    @server.post(PATH, include_in_schema=False)
    async def begin(request: Request) -> Response:
        headers = dict(request.scope["headers"])
        if not from_own_page(headers):  # strangers have no cookie, so the middleware has let them through
            raise Problem(403, "Forbidden", "this request comes from another site")
        if not headers.get(b"content-type", b"").startswith(b"application/json"):
            raise Problem(415, "Unsupported media type", "the body must be application/json")
        name = read_json(await request.body(), Asked).name
        if name not in SCENARIOS:
            raise Problem(400, "Bad scenario", f"there are {', '.join(SCENARIOS)}")
        playing = await in_turn(PATH, _begin, services.scenarios, name)
        return answer({"name": name, "seconds": seconds_left(playing)})


def _begin(scenarios: Scenarios, name: str) -> Playing:
    """Asks, and waits until the demo's source has taken it. Raises Problem 409, 503."""
    if not scenarios.ask(name):
        playing = scenarios.playing()
        raise Problem(409, "Busy", "one scenario plays at a time", seconds_left(playing) if playing else 1)
    until = time.monotonic() + TAKEN_IN
    while time.monotonic() < until:
        playing = scenarios.playing()
        if playing is not None and playing.taken:
            return playing
        time.sleep(0.05)
    raise Problem(503, "Nobody plays", "the demo's source does not answer: it may still be filling its day", 5)


def seconds_left(playing: Playing) -> int:
    return -(-playing.left_ms // SECOND)
