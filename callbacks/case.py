"""One case: the drawer's content and the page `/case/ID`."""

from __future__ import annotations

from typing import Any

import dash
import msgspec
from dash.development.base_component import Component

from callbacks.parameter import CASE_LENGTH
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import User, in_jurisdiction, reads_cases
from layouts.case import case_page
from layouts.parts.context import PageContext


def register(app: dash.Dash, services: Services) -> None:
    """The page has no callback of its own; the desk's drawer is in callbacks/desk.py."""


async def page(services: Services, context: PageContext) -> Component:
    user = User(id=context.account, name=context.name, role=context.role, unit=context.unit)
    return case_page(context, await in_turn(user.id, read, services, user, context.path))


def read(services: Services, user: User | None, case_id: str) -> dict[str, Any] | None:
    """The case, or None when there is none or the user may not see it: the two must look the same from outside."""
    may = user is not None and reads_cases(user) and 0 < len(case_id) <= CASE_LENGTH
    case = services.reader.cases.case(case_id, services.now(), user) if may else None
    if case is None or user is None or not in_jurisdiction(user, services.tree(), case["place"]["grid"], case["owner"]):
        return None
    plain: dict[str, Any] = msgspec.to_builtins(case)  # clocks come as structs; a page draws what the API says
    return plain
