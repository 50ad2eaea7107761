"""Which page a URL means for this visitor, and what the browser must know of the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import dash
from dash import Input, Output, State, ctx
from dash.development.base_component import Component

from callbacks import admin, case, desk, login, wall
from callbacks.click import text
from callbacks.services import Services
from callbacks.auth.session import current_user
from callbacks.turn import in_turn
from callbacks.context import PageContexts
from dashboard.access.role import PAGES, User
from dashboard.settings import Settings
from layouts import ids, shell
from layouts.parts.act import table
from layouts.parts.context import PageContext

Page = Callable[[Services, PageContext], Awaitable[Component]]
ROUTES: dict[str, Page] = {"wall": wall.page, "desk": desk.page, "case": case.page, "admin": admin.page}
"""The first word of the path names the page; a new page is one line here."""

NEEDS = {"case": "desk"}
"""Pages that come with another one in the table of rights."""


def register(app: dash.Dash, services: Services) -> None:
    contexts = PageContexts(app, services)
    app.title = contexts.words(services.settings.lang, "app.name")
    app.layout = shell.shell(contexts.words.speaker(services.settings.lang))

    @app.callback(
        Output(ids.PAGE, "children"),
        Output(ids.SESSION, "data"),
        Output(ids.NAMES, "data"),
        Input(ids.URL, "pathname"),
        State(ids.URL, "search"),
    )
    async def show(pathname: str | None, search: str | None) -> tuple[Component, dict[str, Any], dict[str, Any]]:
        user, pathname, search = current_user(), text(pathname), text(search)
        if user is None or not PAGES.get(user.role):
            say = contexts.say(ctx.cookies)
            return login.page(services, say, search), {"page": "login", "lang": say.lang}, {}
        page, _, rest = pathname.strip("/").partition("/")
        page = allowed(page, user)
        context = await in_turn(user.id, contexts.of, ctx.cookies, user, rest, search)
        return await ROUTES[page](services, context), _session(page, context, services.settings), context.names.table()

    # The stores only carry facts to the browser; their type never changes, it is the output that a clientside callback must have.
    for store, call in ((ids.SESSION, "start"), (ids.NAMES, "takeNames")):
        app.clientside_callback(f"function(x) {{ return window.gc.{call}(x); }}", Output(store, "modified_timestamp"), Input(store, "data"))


def allowed(page: str, user: User) -> str:
    """The page asked for, or the first one that the role has."""
    pages = PAGES[user.role]
    if page in ROUTES and NEEDS.get(page, page) in pages:
        return page
    return "desk" if "desk" in pages else "wall"


def _session(page: str, context: PageContext, settings: Settings) -> dict[str, Any]:
    facts: dict[str, Any] = {"page": page, "lang": context.say.lang, "scope": context.unit, "zone": context.zone, "role": context.role}
    facts |= {"acknowledges": context.acknowledges, "acts": table(context.can), "name": context.name}
    return facts | {"stale_ms": settings.feed_limit_seconds * 1000}
