"""The HTTP API `/api/v1` and the health pages (CONTRACT.md). Errors are problem+json."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import dash
import msgspec
from fastapi import FastAPI, Request, Response

from callbacks import problem
from callbacks.auth.session import current_user
from callbacks.body import read_json, shallow
from callbacks.problem import Problem
from callbacks.services import MAX_COMMANDS, Services
from callbacks.turn import in_turn
from dashboard.access.role import User, in_jurisdiction, reads_cases
from dashboard.cases.event import case_id
from dashboard.cases.stage import Light, Severity, Stage
from dashboard.clock import ticks_ms
from dashboard.desk.query import MAX_LIMIT, TABS, CaseQuery, read_cursor
from dashboard.live.column import columns
from dashboard.live.count import counts

LENGTHS = {"q": 200, "unit": 64, "owner": 64, "category": 64, "cursor": 512, "scope": 64}
"""Characters of a parameter; of no other is the length given by what it may be."""
CASE_LENGTH = 130
SNAPSHOT_MS, SNAPSHOTS = 1000, 32
"""A snapshot is made at most once a second for each scope, whoever asks, and so many are kept; it says itself how old it is."""
_NUMBER = re.compile("[0-9]{1,9}")
ORDERS = tuple(sign + name for name in ("due", "reported", "severity") for sign in ("", "-"))


def answer(content: Any, status: int = 200, media: str = "application/json") -> Response:
    return Response(msgspec.json.encode(content), status, media_type=media)


def register(app: dash.Dash, services: Services) -> None:
    server: FastAPI = app.server
    problem.register(server)
    _health(server, services)
    _cases(server, services)
    _commands(server, services)
    _places(server, services)


def visitor() -> User:
    """Who asks. Raises Problem 401."""
    user = current_user()
    if user is None:
        raise Problem(401, "Who are you?", "send Authorization: Bearer TOKEN")
    return user


def case_reader() -> User:
    """Who asks, if the role sees single cases. Raises Problem 401, 403."""
    user = visitor()
    if not reads_cases(user):
        raise Problem(403, "Forbidden", f"role {user.role} sees aggregates, not single cases")
    return user


def _health(server: FastAPI, services: Services) -> None:
    @server.get("/healthz")
    async def healthz() -> Response:
        return answer({"ok": True})

    @server.get("/readyz")
    async def readyz() -> Response:
        feed = services.feed
        health, reasons = feed.health(), feed.reasons(services.settings.feed_limit_seconds * 1000)
        part = {"partition": 0, "pos": health["pos"], "lag_events": feed.lag_events}
        content = {"ready": not reasons, **health, "lag_events": feed.lag_events, "lag_ms": feed.lag_ms, "partitions": [part]}
        return answer(content | {"reasons": reasons, "away": feed.causes()}, 503 if reasons else 200)

    @server.get("/metrics")
    async def metrics() -> Response:
        numbers = {name: "NaN" if value != value else value for name, value in services.feed.figures().items()}
        lines = [f"# TYPE gridcommand_{name} gauge\ngridcommand_{name} {value}\n" for name, value in numbers.items()]
        return Response("".join(lines), media_type="text/plain; version=0.0.4")


def _cases(server: FastAPI, services: Services) -> None:
    @server.get("/api/v1/cases")
    async def cases(request: Request) -> Response:
        user = case_reader()
        query = query_of(request.query_params, user, services)
        return answer(await in_turn(user.id, services.reader.cases, query))

    @server.get("/api/v1/cases/lookup")
    async def lookup(source: str, subject: str) -> Response:
        return await one(services, case_reader(), case_id(source, subject))

    @server.get("/api/v1/cases/{case}")
    async def case(case: str) -> Response:
        return await one(services, case_reader(), case)

    @server.get("/api/v1/cases/{case}/candidates")
    async def candidates(case: str) -> Response:
        user = case_reader()
        found = await in_turn(user.id, services.candidates, _short(case, CASE_LENGTH), user)
        return answer({"items": found.pop("candidates"), **found})


async def one(services: Services, user: User, case: str) -> Response:
    """One case; outside the jurisdiction it looks like one that does not exist."""
    found = await in_turn(user.id, services.reader.case, _short(case, CASE_LENGTH), services.now(), user)
    if found is None or not in_jurisdiction(user, services.tree(), found["place"]["grid"], found["owner"]):
        raise Problem(404, "No such case", f"there is no case {case!r} in your jurisdiction")
    return answer(found)


def _short(text: str, limit: int) -> str:
    """A parameter that ends up in SQL. Raises Problem 400."""
    if len(text) > limit:
        raise Problem(400, "Bad parameter", f"{text[:20]!r}… is longer than {limit} characters")
    return text


def check_lengths(given: Mapping[str, str]) -> None:
    """Raises Problem 400 for a parameter that is longer than anything it could name."""
    for name, limit in LENGTHS.items():
        _short(given.get(name) or "", limit)


def _choice(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = given.get(name) or None
    if value is not None and value not in allowed:
        raise Problem(400, "Bad parameter", f"{name}={value[:50]!r} is not one of {', '.join(allowed)}")
    return value


def _number(given: Mapping[str, str], name: str, default: int, top: int) -> int:
    value = given.get(name) or str(default)
    if not _NUMBER.fullmatch(value) or int(value) > top:
        raise Problem(400, "Bad parameter", f"{name}={value[:50]!r} is not a number from 0 to {top}")
    return int(value)


def query_of(given: Mapping[str, str], user: User, services: Services) -> CaseQuery:
    """The parameters of GET /api/v1/cases as a question inside the user's jurisdiction. Raises Problem 400."""
    check_lengths(given)
    unit = given.get("unit") or user.unit
    if not services.tree().within(unit, user.unit):
        raise Problem(403, "Forbidden", f"unit {unit!r} is not in your jurisdiction {user.unit!r}")
    on_time = _choice(given, "on_time", ("true", "false"))
    order = _choice(given, "order", ORDERS) or "due"
    try:
        read_cursor(order, given.get("cursor") or "")
    except ValueError as e:
        raise Problem(400, "Bad parameter", str(e)) from None
    return CaseQuery(
        now=services.now(), unit=unit, user_id=user.id,
        stage=_choice(given, "stage", ("open", *(s.name.lower() for s in Stage), *(s.name for s in Stage))),
        light=_choice(given, "light", tuple(Light.__members__)), severity=_choice(given, "severity", tuple(Severity.__members__)),
        tab=_choice(given, "tab", TABS), on_time=None if on_time is None else on_time == "true",
        owner=given.get("owner") or None, category=given.get("category") or None, q=given.get("q") or None,
        order=order, cursor=given.get("cursor") or "",
        limit=_number(given, "limit", 100, MAX_LIMIT),
    )  # fmt: skip


def _commands(server: FastAPI, services: Services) -> None:
    @server.post("/api/v1/commands")
    async def commands(request: Request) -> Response:
        user = visitor()
        wishes = _wishes(await request.body())
        results = await services.send(wishes, user)
        return answer({"results": results}, 200 if all(r["status"] == "accepted" for r in results) else 207)


class Wishes(msgspec.Struct):
    """The body of `POST /api/v1/commands`."""

    commands: list[dict[str, Any]]


def _wishes(body: bytes) -> list[dict[str, Any]]:
    """Raises Problem 400, 413."""
    wishes = read_json(body, Wishes, 'the body must be {"commands": [...]}').commands
    if len(wishes) > MAX_COMMANDS:
        raise Problem(413, "Too many", f"at most {MAX_COMMANDS} commands at once, these are {len(wishes)}")
    if not shallow(wishes):
        raise Problem(400, "Bad request", "a command is nested too deep")
    return wishes


def _places(server: FastAPI, services: Services) -> None:
    @server.get("/api/v1/units")
    async def units() -> Response:
        tree, top = services.tree(), visitor().unit
        first, last = tree.span(top) if top in tree else (0, 0)
        fields = ("code", "name", "level", "parent", "valid_from", "valid_to")
        return answer({"items": [{f: getattr(u, f) for f in fields} for u in tree.units[first:last]]})

    snapshots: dict[str, tuple[int, bytes]] = {}

    @server.get("/api/v1/snapshot")
    async def snapshot(request: Request) -> Response:
        user = visitor()
        check_lengths(request.query_params)
        scope = request.query_params.get("scope") or user.unit
        if not services.tree().within(scope, user.unit):
            raise Problem(403, "Forbidden", f"unit {scope!r} is not in your jurisdiction")
        made = snapshots.get(scope)
        if made is None or ticks_ms() - made[0] >= SNAPSHOT_MS:
            if len(snapshots) >= SNAPSHOTS:
                snapshots.clear()
            made = snapshots[scope] = (ticks_ms(), msgspec.json.encode(_snapshot(services, scope)))
        return Response(made[1], media_type="application/json")


def _snapshot(services: Services, scope: str) -> dict[str, Any]:
    """On the event loop: the board belongs to it."""
    board, hub = services.feed.board, services.feed.hub
    head = {"t": "snapshot", "scope": scope, "from": 0, "to": board.pos, "at": services.now(), "feed_age_ms": services.feed.feed_age}
    figures = counts(board, scope, services.now(), hub.video)
    return head | {"cases": columns(board, board.open_slots(scope)), "gone": [], "counts": figures}
