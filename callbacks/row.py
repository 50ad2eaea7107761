"""The rows of the desk's queue: one question, one compressed answer. Ten thousand rows are no Dash answer: they would pass four
copies of themselves through the renderer's store, uncompressed."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from typing import Any

import dash
import msgspec
from fastapi import FastAPI, Request, Response

from callbacks.access import case_reader
from callbacks.parameter import check_lengths
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import User
from dashboard.cases.alarm import reach_of
from dashboard.cases.verb import VERBS
from dashboard.desk.query import QUEUES, TABS, CaseQuery
from layouts.desk import SEVERITIES

ROWS = 10_000
"""Rows of one question; the total is always told beside them."""
FIELDS = (
    "case", "version", "stage", "severity", "category", "owner", "grid", "due", "amber", "light", "level", "title", "address",
    "pending", "returns",
)  # fmt: skip
"""What a row shows or an action needs."""
ORDERS = {"due": "due", "severity": "severity"}
"""Columns by which the server can choose the rows where there are more than fit; the grid sorts what it has by any."""


def register(app: dash.Dash, services: Services) -> None:
    server: FastAPI = app.server

    @server.get("/desk/rows", include_in_schema=False)
    async def rows(request: Request) -> Response:
        user = case_reader()
        packs = "gzip" in request.headers.get("accept-encoding", "")
        check_lengths(request.query_params)
        body = await in_turn(user.id, answer, services, query_of(services, user, request.query_params), packs)
        headers = {"cache-control": "no-store", "vary": "accept-encoding"} | ({"content-encoding": "gzip"} if packs else {})
        return Response(body, media_type="application/json", headers=headers)


def answer(services: Services, query: CaseQuery, packs: bool) -> bytes:
    """{"total", "as_of", "rows": {column: [value…]}}; columns compress to half of what rows do."""
    found = services.reader.cases.page(query)
    content = {"total": found["total"], "as_of": found["as_of"], "rows": columns(found["items"])}
    body = msgspec.json.encode(content)
    return gzip.compress(body, 5, mtime=0) if packs else body


def columns(items: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """`allowed`: the verbs that the stage allows, in one text."""
    made = {name: [item.get(name) for item in items] for name in FIELDS}
    return made | {"allowed": [" ".join(verb for verb in item["allowed"] if VERBS[verb].key) for item in items]}


def query_of(services: Services, user: User, asked: Mapping[str, str]) -> CaseQuery:
    """The page's filters as a question; a unit outside the jurisdiction falls back to the whole of it, nonsense to no filter."""
    unit = asked.get("unit") or user.unit
    tab = asked.get("tab")
    return CaseQuery(
        now=services.now(),
        unit=unit if services.tree().within(unit, user.unit) else user.unit,
        tab=tab if tab in QUEUES else TABS[0],
        user_id=user.id,
        reach=reach_of(user.role),
        severity=asked.get("severity") if asked.get("severity") in SEVERITIES else None,
        limit=ROWS,
        category=asked.get("category") or None,
        owner=asked.get("owner") or None,
        q=asked.get("q") or None,
        order=order_of(tab or "", asked.get("sort") or ""),
    )


def order_of(tab: str, sort: str) -> str:
    """`sort`: a column, a dot, asc or desc. Of the overdue the newest come first, or the first screen would be what nobody can save."""
    column, _, direction = sort.partition(".")
    if column not in ORDERS:
        return "-due" if tab == "overdue" else "due"
    # the reader's `severity` begins with the gravest, which a grid calls descending
    down = (direction == "desc") != (column == "severity")
    return ("-" if down else "") + ORDERS[column]
