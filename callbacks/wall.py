"""The wall: drawn once, then fed by /live."""

from __future__ import annotations

import dash
from dash.development.base_component import Component

from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.places.unit import Unit
from layouts.parts.context import PageContext
from layouts.wall import wall


def register(app: dash.Dash, services: Services) -> None:
    """Nothing to answer: nobody clicks on a wall."""


async def page(services: Services, context: PageContext) -> Component:
    districts = await in_turn(context.account, districts_of, services, context.unit)
    grids = await in_turn(context.account, grids_of, services, context.unit)
    return wall(context, districts, grids, context.query.get("layout", ""))


def districts_of(services: Services, unit: str) -> list[Unit]:
    """The places directly below a unit as they are now; departments are no places."""
    tree, now = services.tree(), services.now()
    return [u for u in tree.children(unit) if u.level != "department" and u.valid_at(now)] if unit in tree else []


def grids_of(services: Services, unit: str) -> int:
    """How many grids lie in a unit now."""
    tree = services.tree()
    first, last = tree.span(unit) if unit in tree else (0, 0)
    now = services.now()
    return sum(u.level == "grid" and u.valid_at(now) for u in tree.units[first:last])
