"""What the desk reads. The browser keeps the state (`desk.js`) and sends commands by itself (`POST /api/v1/commands`)."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks import case as cases
from callbacks.auth.session import current_user
from callbacks.click import number, table, text
from callbacks.context import PageContexts
from callbacks.services import Services
from callbacks.turn import in_turn
from callbacks.wall import districts_of
from dashboard.access.role import User, reads_cases
from dashboard.clock import DAY
from dashboard.desk.query import TABS
from layouts import ids
from layouts.case import case_card
from layouts.desk import desk
from layouts.parts.context import PageContext
from layouts.parts.handover import handover
from layouts.parts.state import notice

PINNED = 20
"""Cases that a note lists whole."""
WEEK = 7 * DAY


async def page(services: Services, context: PageContext) -> Component:
    return desk(context, await in_turn(context.account, districts_of, services, context.unit))


def _reader() -> User:
    """Whoever may read cases; a session that has ended meanwhile changes nothing on the screen."""
    user = current_user()
    if user is None or not reads_cases(user):
        raise PreventUpdate
    return user


def register(app: dash.Dash, services: Services) -> None:
    contexts = PageContexts(app, services)
    _counts(app, services)
    _drawer(app, services, contexts)
    _handover(app, services, contexts)


def _counts(app: dash.Dash, services: Services) -> None:
    @app.callback(*(Output(ids.tab_count(tab), "children") for tab in TABS), Input(ids.DESK_PULSE, "data"), prevent_initial_call=True)
    async def counts(_: int) -> tuple[str, ...]:
        user = _reader()
        numbers = await in_turn(user.id, services.reader.cases.tabs, user.unit, user.id, services.now())
        return tuple(f"{numbers.get(tab, 0):,}" for tab in TABS)


def _drawer(app: dash.Dash, services: Services, contexts: PageContexts) -> None:
    @app.callback(Output(ids.DESK_DRAWER, "children"), Input(ids.DESK_CASE, "data"), prevent_initial_call=True)
    async def drawer(wanted: dict[str, Any] | None) -> Component | None:
        user, name = _reader(), text(table(wanted).get("case"))
        if not name:
            return None
        context = await in_turn(user.id, contexts.of, ctx.cookies, user)
        case = await in_turn(user.id, cases.read, services, user, name)
        return case_card(context, case, actions=True) if case else notice(context.say, "case.unknown", "case.unknown.then", "error")


def _handover(app: dash.Dash, services: Services, contexts: PageContexts) -> None:
    @app.callback(Output(ids.DESK_NOTE, "children"), Input(ids.DESK_HANDOVER, "data"), prevent_initial_call=True)
    async def note(wanted: dict[str, Any] | None) -> Component:
        user = _reader()
        if not wanted:
            raise PreventUpdate
        context = await in_turn(user.id, contexts.of, ctx.cookies, user)
        return handover(context, *await in_turn(user.id, shift, services, user, table(wanted)))


def shift(services: Services, user: User, wanted: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(what happened since the page's instant, the pinned cases that the user may see); at most a week, at most `PINNED` cases."""
    now, pins = services.now(), wanted.get("pinned")
    since = number(wanted.get("since"), now)
    pinned = [cases.read(services, user, text(case)) for case in (pins if isinstance(pins, list) else [])[:PINNED]]
    return services.reader.cases.handover(user.unit, max(since, now - WEEK), now), [case for case in pinned if case is not None]
