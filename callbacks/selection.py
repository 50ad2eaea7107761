"""Cases inside a line that somebody drew on the map: the page sends the line, the server finds the cases and checks rights."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
from dash import Dash
from fastapi import FastAPI, Request, Response

from callbacks.access import case_reader
from callbacks.answer import answer
from callbacks.body import read_json
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.desk.query import MAX_LIMIT, CaseQuery
from dashboard.desk.shape import CasePage
from dashboard.places.locate import drawn

CORNERS = 500
REFUSED_SECONDS = 0.5
"""A line that encloses nothing or crosses itself without end is answered after so long: a hand does not notice, a machine gun does."""

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
        user, asked = case_reader(), read_json(await request.body(), Drawn)
        query = CaseQuery(now=services.now(), unit=user.unit, stage="open", lights=asked.lights, polygon=asked.polygon, limit=MAX_LIMIT)
        try:
            page = await in_turn(user.id, _inside, services, query)
        except Problem as e:
            if e.status == 400:
                await asyncio.sleep(REFUSED_SECONDS)
            raise
        if page["total"] > MAX_LIMIT:
            raise _too_many(page["total"])
        return answer({"cases": [{"case": i["case"], "version": i["version"]} for i in page["items"]], "total": page["total"]})


def _too_many(total: int) -> Problem:
    """A problem that also says the number, for the page to tell in its language."""
    detail = f"{total} cases lie inside, at most {MAX_LIMIT} can be selected; draw a smaller area"
    return Problem(413, "Too many", detail, more={"total": total})


def _inside(services: Services, query: CaseQuery) -> CasePage:
    """Looks at the line before anybody is asked for cases. Raises Problem 400 with what to do."""
    try:
        drawn(query.polygon or [])
    except ValueError as e:
        raise Problem(400, "Bad polygon", str(e)) from None
    return services.reader.cases.page(query)
