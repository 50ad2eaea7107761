"""The page of handovers: the note of one's own shift while it is written, any earlier one as it was signed, and the list of them."""

from __future__ import annotations

import dash
from dash.development.base_component import Component

from callbacks import shift
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.access.role import User
from dashboard.desk.shift import Handover, HandoverLine, Note, ShiftNow, line, may_take, whole
from layouts import handover
from layouts.parts.context import PageContext

LISTED = 60


def register(app: dash.Dash, services: Services) -> None:
    """The page has no callback: what is done there is done by the API."""


async def page(services: Services, context: PageContext) -> Component:
    user = User(id=context.account, name=context.name, role=context.role, unit=context.unit)
    return handover.handover(context, *await in_turn(user.id, read, services, user, context))


def read(services: Services, user: User, context: PageContext) -> tuple[list[HandoverLine], bool, ShiftNow, handover.Sheet]:
    """(handovers of the list, whether there are older ones, the shift, what is opened)"""
    before = context.query.get("before", "")
    found = services.shifts.ended(user.unit, int(before) if before.isdecimal() and len(before) < 16 else shift.LATEST, LISTED + 1)
    lines = [line(one) for one in found[:LISTED]]
    return lines, len(found) > LISTED, shift.now(services, user), _sheet(services, user, context.path)


def _sheet(services: Services, user: User, path: str) -> handover.Sheet:
    if path:
        return _signed(services, user, path)
    current = services.shifts.current(user.id)
    if current is None:
        return handover.Sheet()
    note: Note = shift.note(services, user, current)
    return handover.Sheet(note=note, mine=True)


def _signed(services: Services, user: User, path: str) -> handover.Sheet:
    try:
        found = shift.read(services, user, path)
    except Problem:
        return handover.Sheet(unknown=True)
    signed: Handover = whole(found)
    return handover.Sheet(note=signed["note"], signed=signed, takes=may_take(found, user, services.tree()))
