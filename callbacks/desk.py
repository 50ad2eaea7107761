"""What the desk reads. The browser keeps the state (`desk.js`) and sends commands by itself (`POST /api/v1/commands`)."""

from __future__ import annotations

from typing import Any

import dash
from dash import Input, Output, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks import case as cases
from callbacks.auth.session import current_user
from callbacks.click import table, text
from callbacks.context import PageContexts
from callbacks.services import Services
from callbacks.turn import in_turn
from callbacks.wall import districts_of
from dashboard.access.role import User, reads_cases
from dashboard.cases.alarm import reach_of
from dashboard.desk.query import TABS, CaseQuery
from layouts import ids
from layouts.case import case_card
from layouts.desk import desk
from layouts.parts.context import PageContext
from layouts.parts.shift import LED_TO
from layouts.parts.state import notice


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


def _counts(app: dash.Dash, services: Services) -> None:
    told = {ids.tab_count(tab): tab for tab in TABS} | {ids.shift_count(queue): queue for queue in LED_TO}

    @app.callback(*(Output(i, "children") for i in told), Input(ids.DESK_PULSE, "data"), prevent_initial_call=True)
    async def counts(_: int) -> tuple[str, ...]:
        user = _reader()
        query = CaseQuery(services.now(), user.unit, user_id=user.id, reach=reach_of(user.role))
        numbers = await in_turn(user.id, services.reader.cases.tabs, query)
        return tuple(f"{numbers[queue]:,}" for queue in told.values())


def _drawer(app: dash.Dash, services: Services, contexts: PageContexts) -> None:
    @app.callback(Output(ids.DESK_DRAWER, "children"), Input(ids.DESK_CASE, "data"), prevent_initial_call=True)
    async def drawer(wanted: dict[str, Any] | None) -> Component | None:
        user, name = _reader(), text(table(wanted).get("case"))
        if not name:
            return None
        context = await in_turn(user.id, contexts.of, ctx.cookies, user)
        case = await in_turn(user.id, cases.read, services, user, name)
        return case_card(context, case, actions=True) if case else notice(context.say, "case.unknown", "case.unknown.then", "error")
