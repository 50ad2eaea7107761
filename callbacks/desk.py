"""The desk's questions and commands. The browser keeps the state (`desk.js`); these translate it for the services."""

from __future__ import annotations

import asyncio
from typing import Any

import dash
from dash import Input, Output, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks import case as cases
from callbacks.services import Services
from callbacks.session import current_user
from callbacks.visitor import Visitors
from callbacks.wall import districts_of
from dashboard.cases.query import TABS, CaseQuery
from dashboard.roles import User, reads_cases
from layouts import ids
from layouts.case import case_card
from layouts.desk import ROWS, SEVERITIES, desk
from layouts.parts.dialog import candidates
from layouts.parts.state import notice
from layouts.parts.visit import ACTIONS, Visit

FIELDS = (
    "case", "version", "stage", "severity", "category", "owner", "grid", "due", "amber", "light", "level", "title", "address",
)  # fmt: skip
"""What a row shows or an action needs; of 2,000 rows the rest would be 600 kB for nothing."""
BATCH = 50
"""Commands of one send; the page never makes more."""


async def page(services: Services, visit: Visit) -> Component:
    return desk(visit, await asyncio.to_thread(districts_of, services, visit.unit))


def query_of(services: Services, user: User, asked: dict[str, Any]) -> CaseQuery:
    """The page's filters as a question; a unit outside the jurisdiction falls back to the whole of it."""
    unit = asked.get("unit") or user.unit
    return CaseQuery(
        now=services.now(),
        unit=unit if services.tree().within(unit, user.unit) else user.unit,
        tab=asked.get("tab") if asked.get("tab") in TABS else TABS[0],
        user_id=user.id,
        severity=asked.get("severity") if asked.get("severity") in SEVERITIES else None,
        limit=ROWS,
        category=asked.get("category") or None,
        q=asked.get("q") or None,
    )


def row_of(item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: item[name] for name in FIELDS if name in item}
    return kept | {"id": item["case"], "allowed": [verb for verb in item["allowed"] if verb in ACTIONS]}


def wire(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The page's commands with exactly the members that the contract knows."""
    known = ("id", "type", "case", "expected_version", "data")
    return [{k: command.get(k) for k in known} for command in sent.get("commands", ())[:BATCH]]


def _reader() -> User:
    """Whoever may read cases; a session that has ended meanwhile changes nothing on the screen."""
    user = current_user()
    if user is None or not reads_cases(user):
        raise PreventUpdate
    return user


def register(app: dash.Dash, services: Services) -> None:
    visitors = Visitors(app, services)
    _rows(app, services)
    _counts(app, services)
    _drawer(app, services, visitors)
    _commands(app, services, visitors)


def _rows(app: dash.Dash, services: Services) -> None:
    @app.callback(Output(ids.DESK_GRID, "rowData"), Output(ids.DESK_META, "data"), Input(ids.DESK_QUERY, "data"), prevent_initial_call=True)
    async def rows(asked: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        user = _reader()
        found = await asyncio.to_thread(lambda: services.reader.cases(query_of(services, user, asked)))
        meta = {"seq": asked.get("seq"), "total": found["total"], "shown": len(found["items"]), "as_of": found["as_of"]}
        return [row_of(item) for item in found["items"]], meta

    app.clientside_callback(
        "function(m) { return window.gc.desk.arrived(m); }", Output(ids.DESK_META, "modified_timestamp"), Input(ids.DESK_META, "data")
    )


def _counts(app: dash.Dash, services: Services) -> None:
    @app.callback(*(Output(ids.tab_count(tab), "children") for tab in TABS), Input(ids.DESK_PULSE, "data"), prevent_initial_call=True)
    async def counts(_: int) -> tuple[str, ...]:
        user = _reader()
        numbers = await asyncio.to_thread(services.reader.tabs, user.unit, user.id, services.now())
        return tuple(f"{numbers.get(tab, 0):,}" for tab in TABS)


def _drawer(app: dash.Dash, services: Services, visitors: Visitors) -> None:
    @app.callback(Output(ids.DESK_DRAWER, "children"), Input(ids.DESK_CASE, "data"), prevent_initial_call=True)
    async def drawer(wanted: dict[str, Any] | None) -> Component | None:
        user = _reader()
        if not wanted:
            return None
        visit = await asyncio.to_thread(visitors.visit, ctx.cookies, user)
        case = await asyncio.to_thread(cases.read, services, user, wanted["case"])
        return case_card(visit, case, actions=True) if case else notice(visit.say, "case.unknown", "case.unknown.then", "error")


def _commands(app: dash.Dash, services: Services, visitors: Visitors) -> None:
    @app.callback(Output(ids.DIALOG_CANDIDATES, "children"), Input(ids.DIALOG_ASK, "data"), prevent_initial_call=True)
    async def ask(wanted: dict[str, Any] | None) -> Component:
        user = _reader()
        if not wanted or await asyncio.to_thread(cases.read, services, user, wanted["case"]) is None:
            raise PreventUpdate
        return candidates(visitors.say(ctx.cookies), await asyncio.to_thread(services.candidates, wanted["case"], user))

    @app.callback(Output(ids.RESULTS, "data"), Input(ids.SEND, "data"), prevent_initial_call=True)
    async def send(sent: dict[str, Any]) -> dict[str, Any]:
        user = _reader()
        return {"seq": sent.get("seq"), "results": await services.send(wire(sent), user)}

    app.clientside_callback(
        "function(r) { return window.gc.send.answered(r); }", Output(ids.RESULTS, "modified_timestamp"), Input(ids.RESULTS, "data")
    )
