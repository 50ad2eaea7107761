"""The HTTP API `/api/v1` and the health pages (CONTRACT.md). Errors are problem+json."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import dash
import msgspec
from fastapi import FastAPI, Request, Response

from callbacks.services import MAX_COMMANDS, Services
from callbacks.session import current_user
from dashboard.cases.event import case_id
from dashboard.cases.query import MAX_LIMIT, TABS, CaseQuery, read_cursor
from dashboard.cases.stage import Light, Severity, Stage
from dashboard.live.frame import columns, counts
from dashboard.roles import User, in_jurisdiction, reads_cases

BODY_LIMIT = 4 << 20
ORDERS = tuple(sign + name for name in ("due", "reported", "severity") for sign in ("", "-"))


class Problem(Exception):
    """Becomes an RFC 9457 answer; `detail` says what to do."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail = status, title, detail


def answer(content: Any, status: int = 200, media: str = "application/json") -> Response:
    return Response(msgspec.json.encode(content), status, media_type=media)


def register(app: dash.Dash, services: Services) -> None:
    server: FastAPI = app.server

    @server.exception_handler(Problem)
    async def problem(request: Request, e: Problem) -> Response:
        content = {"type": "about:blank", "title": e.title, "status": e.status, "detail": e.detail}
        return answer(content, e.status, "application/problem+json")

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
        query = query_of(request.query_params, case_reader(), services)
        return answer(await asyncio.to_thread(services.reader.cases, query))

    @server.get("/api/v1/cases/lookup")
    async def lookup(source: str, subject: str) -> Response:
        return await one(services, case_reader(), case_id(source, subject))

    @server.get("/api/v1/cases/{case}")
    async def case(case: str) -> Response:
        return await one(services, case_reader(), case)

    @server.get("/api/v1/cases/{case}/candidates")
    async def candidates(case: str) -> Response:
        found = await asyncio.to_thread(services.candidates, case, case_reader())
        return answer({"items": found.pop("candidates"), **found})


async def one(services: Services, user: User, case: str) -> Response:
    """One case; outside the jurisdiction it looks like one that does not exist."""
    found = await asyncio.to_thread(services.reader.case, case, services.now(), user)
    if found is None or not in_jurisdiction(user, services.tree(), found["place"]["grid"], found["owner"]):
        raise Problem(404, "No such case", f"there is no case {case!r} in your jurisdiction")
    return answer(found)


def _choice(given: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str | None:
    value = given.get(name) or None
    if value is not None and value not in allowed:
        raise Problem(400, "Bad parameter", f"{name}={value!r} is not one of {', '.join(allowed)}")
    return value


def _number(given: Mapping[str, str], name: str, default: int, top: int) -> int:
    value = given.get(name) or str(default)
    if not value.isdigit() or int(value) > top:
        raise Problem(400, "Bad parameter", f"{name}={value!r} is not a number from 0 to {top}")
    return int(value)


def query_of(given: Mapping[str, str], user: User, services: Services) -> CaseQuery:
    """The parameters of GET /api/v1/cases as a question inside the user's jurisdiction. Raises Problem 400."""
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
        wishes = await _wishes(request)
        results = await services.send(wishes, user)
        return answer({"results": results}, 200 if all(r["status"] == "accepted" for r in results) else 207)


async def whole_body(request: Request, limit: int, then: str) -> bytes:
    """The body, counted, not asked for: a chunked request does not say its length. Raises Problem 413; `then` says what to do."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise Problem(413, "Too large", f"a request is at most {limit} bytes: {then}")
    return body


async def _wishes(request: Request) -> list[dict[str, Any]]:
    try:
        body = await whole_body(request, BODY_LIMIT, "send the commands in parts")
        wishes = msgspec.json.decode(body, type=dict[str, list[dict[str, Any]]])["commands"]
    except (msgspec.DecodeError, KeyError) as e:
        raise Problem(400, "Bad request", f'the body must be {{"commands": [...]}}: {e}') from None
    if len(wishes) > MAX_COMMANDS:
        raise Problem(413, "Too many", f"at most {MAX_COMMANDS} commands at once, these are {len(wishes)}")
    return wishes


def _places(server: FastAPI, services: Services) -> None:
    @server.get("/api/v1/units")
    async def units() -> Response:
        tree, top = services.tree(), visitor().unit
        first, last = tree.span(top) if top in tree else (0, 0)
        fields = ("code", "name", "level", "parent", "valid_from", "valid_to")
        return answer({"items": [{f: getattr(u, f) for f in fields} for u in tree.units[first:last]]})

    @server.get("/api/v1/snapshot")
    async def snapshot(request: Request) -> Response:
        user = visitor()
        scope = request.query_params.get("scope") or user.unit
        if not services.tree().within(scope, user.unit):
            raise Problem(403, "Forbidden", f"unit {scope!r} is not in your jurisdiction")
        board, hub = services.feed.board, services.feed.hub
        head = {"t": "snapshot", "scope": scope, "from": 0, "to": board.pos, "at": services.now(), "feed_age_ms": services.feed.feed_age}
        figures = counts(board, scope, services.now(), hub.video)
        return answer(head | {"cases": columns(board, board.open_slots(scope)), "gone": [], "counts": figures})
