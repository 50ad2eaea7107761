"""The tree of units, as far as it is the visitor's."""

from __future__ import annotations

from typing import TypedDict

from fastapi import FastAPI, Response

from callbacks.access import caller
from callbacks.answer import answer
from callbacks.api.operation import KNOWN, Operation
from callbacks.services import Services
from dashboard.cases.scalar import Instant
from dashboard.places.unit import Unit


class UnitLine(TypedDict):
    """One node of the tree. Without an end it holds still, without a beginning since always."""

    code: str
    name: str
    level: str
    parent: str | None
    valid_from: Instant | None
    valid_to: Instant | None


class Units(TypedDict):
    """Each unit before those below it, the top of your jurisdiction first."""

    items: list[UnitLine]


UNITS = Operation(
    id="list_units", tag="units", path="/api/v1/units", summary="Units of your jurisdiction", answers={200: Units}, problems=KNOWN
)
OPERATIONS = (UNITS,)


def register(server: FastAPI, services: Services) -> None:
    async def units() -> Response:
        tree, top = services.tree(), caller().unit
        first, last = tree.span(top) if top in tree else (0, 0)
        return answer(Units(items=[line(unit) for unit in tree.units[first:last]]))

    UNITS.add(server, units)


def line(unit: Unit) -> UnitLine:
    return {
        "code": unit.code, "name": unit.name, "level": unit.level, "parent": unit.parent, "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
    }  # fmt: skip
