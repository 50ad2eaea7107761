"""The admin page's list of data quality: what is found is kept a minute, what the borders decide until the next import."""

from __future__ import annotations

import asyncio
from typing import Any

import dash
from dash import Input, Output, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.auth.session import current_user
from callbacks.click import table, text
from callbacks.context import PageContexts
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.page import may_open
from dashboard.access.role import User
from dashboard.cache import TimedCache
from dashboard.places.finding import QUALITY, Finding
from dashboard.places.quality import of_cases, of_grids
from dashboard.places.unit import UnitTree
from layouts import ids
from layouts.admin import admin, finding_list, import_list
from layouts.parts.context import PageContext

SHOWN = 500
"""Rows of a list; the count beside it is always whole."""


class Quality:
    """The findings of this worker. Looking at all borders of a city takes seconds, off the event loop and once an import."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._of_grids: tuple[UnitTree | None, list[Finding]] = (None, [])
        self.found = TimedCache(lambda: asyncio.to_thread(self._look))

    def _look(self) -> list[Finding]:
        services, tree = self._services, self._services.tree()
        if self._of_grids[0] is not tree:
            self._of_grids = (tree, of_grids(services.reader.places.grids(services.now())))
        return [*self._of_grids[1], *of_cases(services.quality.sightings(), frozenset(tree.index))]


def seen_by(user: User, found: list[Finding], tree: UnitTree) -> list[Finding]:
    """Findings in the user's jurisdiction, by the grid that they name; those without a known place are the whole city's."""
    if user.unit == tree.root.code:
        return found
    return [f for f in found if tree.within(f.code, user.unit) or tree.within(f.other, user.unit)]


async def page(services: Services, context: PageContext) -> Component:
    return admin(context, import_list(context, await in_turn(context.account, services.quality.imports)))


def register(app: dash.Dash, services: Services) -> None:
    contexts, quality = PageContexts(app, services), Quality(services)

    @app.callback(
        Output(ids.ADMIN_LIST, "children"),
        *(Output(ids.quality_count(kind), "children") for kind in QUALITY),
        Input(ids.ADMIN_ASK, "data"),
    )
    async def show(asked: dict[str, Any] | None) -> tuple[Component | str, ...]:
        user = current_user()
        if user is None or not may_open(user.role, "admin"):
            raise PreventUpdate
        context = await in_turn(user.id, contexts.of, ctx.cookies, user)
        found = seen_by(user, await quality.found.get(), services.tree())
        wanted = table(asked)
        if name := text(wanted.get("import"))[:64]:
            shown = seen_by(user, await in_turn(user.id, services.quality.findings, name), services.tree())
        else:
            kind = text(wanted.get("kind"))
            kind = kind if kind in QUALITY else _first(found)
            shown = [f for f in found if f.kind == kind]
        counts = (f"{sum(f.kind == kind for f in found):,}" for kind in QUALITY)
        return finding_list(context, shown[:SHOWN], len(shown)), *counts

    app.clientside_callback(
        "function(_) { return window.gc.admin.arrived(); }", Output(ids.ADMIN_LIST, "lang"), Input(ids.ADMIN_LIST, "children")
    )


def _first(found: list[Finding]) -> str:
    """The first kind that has something to look at."""
    kinds = {f.kind for f in found}
    return next((kind for kind in QUALITY if kind in kinds), QUALITY[0])
