"""One case: the drawer's content and the page `/case/ID`."""

from __future__ import annotations

from typing import Any

import dash
import msgspec
from dash.development.base_component import Component

from callbacks.access import case_seen_by
from callbacks.parameter import CASE_LENGTH
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import User, reads_cases
from layouts.case import case_page
from layouts.parts.context import PageContext


def register(app: dash.Dash, services: Services) -> None:
    """The page has no callback of its own; the desk's drawer is in callbacks/desk.py."""


async def page(services: Services, context: PageContext) -> Component:
    user = User(id=context.account, name=context.name, role=context.role, unit=context.unit)
    return case_page(context, await in_turn(user.id, read, services, user, context.path))


def read(services: Services, user: User | None, case_id: str) -> dict[str, Any] | None:
    """The case, or None when there is none or the user may not see it: the two must look the same from outside."""
    if user is None or not reads_cases(user) or not 0 < len(case_id) <= CASE_LENGTH:
        return None
    case = case_seen_by(services, case_id, user)
    if case is None:
        return None
    plain: dict[str, Any] = msgspec.to_builtins(case)  # clocks come as structs; a page draws what the API says
    return plain
