"""Which page a URL means for this caller, and what the browser must know of the session."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

import dash
from dash import Input, Output, State, ctx
from dash.development.base_component import Component

from callbacks import login
from callbacks.auth.session import current_user
from callbacks.click import text
from callbacks.context import PageContexts
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.page import PAGES, may_open, opened, pages_of
from dashboard.cases.alarm import REACH
from dashboard.live.alarm import mark_of
from dashboard.settings import Settings
from layouts import ids, shell
from layouts.parts.act import table
from layouts.parts.context import PageContext


class PageModule(Protocol):
    """A page's file in this folder: it has the name of its page (dashboard/access/page.py)."""

    async def page(self, services: Services, context: PageContext) -> Component:
        """What the page shows."""

    def register(self, app: dash.Dash, services: Services) -> None:
        """Its callbacks; made once."""


MODULES = {name: cast(PageModule, import_module(f"callbacks.{name}")) for name in PAGES}


def register(app: dash.Dash, services: Services) -> None:
    for module in MODULES.values():
        module.register(app, services)
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
        page, _, rest = pathname.strip("/").partition("/")
        if user is None or not pages_of(user.role) or (services.settings.demo and page == "login"):  # a demo's has its scenarios too
            say = contexts.say(ctx.cookies)
            return await login.page(services, say, search), {"page": "login", "lang": say.lang}, {}
        page = opened(user.role, page)
        context = await in_turn(user.id, contexts.of, ctx.cookies, user, rest, search)
        return await MODULES[page].page(services, context), _session(page, context, services.settings), context.names.table()

    # The stores only carry facts to the browser; their type never changes, it is the output that a clientside callback must have.
    for store, call in ((ids.SESSION, "start"), (ids.NAMES, "takeNames")):
        app.clientside_callback(f"function(x) {{ return window.gc.{call}(x); }}", Output(store, "modified_timestamp"), Input(store, "data"))


def _session(page: str, context: PageContext, settings: Settings) -> dict[str, Any]:
    facts: dict[str, Any] = {"page": page, "lang": context.say.lang, "scope": context.unit, "zone": context.zone, "role": context.role}
    facts |= {"acts": table(context.can), "name": context.name}
    facts |= {"mark": mark_of(context.account), "reach": REACH.get(context.role), "keeps": may_open(context.role, "desk")}
    return facts | {"stale_ms": settings.feed_limit_seconds * 1000}
