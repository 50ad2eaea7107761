"""Cases inside a line that somebody drew on the map: the page sends the line, the server finds the cases and checks rights."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
from dash import Dash
from fastapi import FastAPI, Request, Response

from callbacks.api import Problem, answer, case_reader, whole_body
from callbacks.services import Services
from dashboard.cases.query import MAX_LIMIT, CaseQuery
from dashboard.places.locate import drawn

CORNERS = 500
BODY_LIMIT = 64 << 10

Light = Literal["none", "paused", "green", "amber", "red"]
Corner = tuple[float, float]


class Drawn(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /map/select`: corners (lon, lat) in WGS-84, and the lights that the map shows (empty = all)."""

    polygon: Annotated[list[Corner], msgspec.Meta(max_length=CORNERS)]
    lights: tuple[Light, ...] = ()


def register(app: Dash, services: Services) -> None:
    """Adds `POST /map/select` -> {"cases": [{"case", "version"}], "total"}: open cases inside, nearest deadline first."""
    server: FastAPI = app.server

    @server.post("/map/select", include_in_schema=False)
    async def select(request: Request) -> Response:
        user, asked = case_reader(), _read(await whole_body(request, BODY_LIMIT, "draw with fewer corners"))
        query = CaseQuery(now=services.now(), unit=user.unit, stage="open", lights=asked.lights, polygon=asked.polygon, limit=MAX_LIMIT)
        page = await asyncio.to_thread(services.reader.cases, query)
        if page["total"] > MAX_LIMIT:
            return _too_many(page["total"])
        return answer({"cases": [{"case": i["case"], "version": i["version"]} for i in page["items"]], "total": page["total"]})


def _too_many(total: int) -> Response:
    """A problem that also says the number, for the page to tell in its language."""
    detail = f"{total} cases lie inside, at most {MAX_LIMIT} can be selected; draw a smaller area"
    return answer(
        {"type": "about:blank", "title": "Too many", "status": 413, "detail": detail, "total": total}, 413, "application/problem+json"
    )


def _read(content: bytes) -> Drawn:
    """Raises Problem 400 with what to do."""
    try:
        asked = msgspec.json.decode(content, type=Drawn)
        drawn(asked.polygon)
    except (msgspec.DecodeError, ValueError) as e:
        raise Problem(400, "Bad polygon", str(e)) from None
    return asked
