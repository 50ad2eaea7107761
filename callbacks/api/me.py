"""What the server keeps for whoever asks, and the shift that he is in. Nobody asks for somebody else's."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import msgspec
from fastapi import FastAPI, Request, Response

from callbacks import shift
from callbacks.access import desk_user
from callbacks.answer import answer
from callbacks.api.operation import OF_A_ROLE, Operation
from callbacks.body import read_json, shallow
from callbacks.parameter import one_of, read, text_of
from callbacks.problem import Problem
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.desk.account_item import KINDS, AccountItem, checked
from dashboard.desk.account_item import named as stored_key
from dashboard.desk.shift import ShiftNow


class Items(TypedDict):
    """By kind, within one the newest first."""

    items: list[AccountItem]


class ItemNamed(TypedDict):
    """One item."""

    kind: Annotated[str, one_of(KINDS)]
    key: Annotated[str, text_of("key", "Unique within the kind.")]


class ItemValue(msgspec.Struct):
    """Any JSON value."""

    value: Any


ITEMS = Operation(
    id="list_own_items", tag="me", path="/api/v1/me/items", summary="What is kept for you", answers={200: Items}, problems=OF_A_ROLE,
    text="Drafts, saved views, pins and how your screen is arranged.",
)  # fmt: skip
PUT = Operation(
    id="put_own_item", tag="me", method="PUT", path="/api/v1/me/items", summary="Keep one item", query=ItemNamed, body=ItemValue,
    answers={200: AccountItem}, problems=(*OF_A_ROLE, 408, 413),
    text="It takes the place of what has the same kind and key; the oldest of a kind goes when there are too many. Phones, identity cards "
    "and plates are masked.",
)  # fmt: skip
DROP = Operation(
    id="drop_own_item", tag="me", method="DELETE", path="/api/v1/me/items", summary="Forget one item", query=ItemNamed,
    answers={200: ItemNamed}, problems=OF_A_ROLE,
)  # fmt: skip
SHIFT = Operation(
    id="get_own_shift", tag="me", path="/api/v1/me/shift", summary="Your shift, and what waits to be taken over", answers={200: ShiftNow},
    problems=OF_A_ROLE,
)  # fmt: skip
START = Operation(
    id="start_shift", tag="me", method="POST", path="/api/v1/me/shift", summary="Start a shift", answers={200: ShiftNow},
    problems=(*OF_A_ROLE, 408, 413), text="Nothing changes where you are in one.",
)  # fmt: skip
OPERATIONS = (ITEMS, PUT, DROP, SHIFT, START)


def register(server: FastAPI, services: Services) -> None:
    _items(server, services)

    async def now() -> Response:
        user = desk_user()
        return answer(await in_turn(user.id, shift.now, services, user))

    async def start() -> Response:
        user = desk_user()
        await in_turn(user.id, services.shifts.start, user, services.wall())
        return answer(await in_turn(user.id, shift.now, services, user))

    SHIFT.add(server, now)
    START.add(server, start)


def _items(server: FastAPI, services: Services) -> None:
    async def items() -> Response:
        user = desk_user()
        return answer(Items(items=await in_turn(user.id, services.items.all, user.id)))

    async def put(request: Request) -> Response:
        user, named = desk_user(), read(request.query_params, ItemNamed)
        item = AccountItem(named["kind"], _key(named), value_of(named["kind"], await request.body()), services.wall())
        await in_turn(user.id, services.items.put, user.id, item)
        return answer(item)

    async def drop(request: Request) -> Response:
        user, named = desk_user(), read(request.query_params, ItemNamed)
        await in_turn(user.id, services.items.drop, user.id, named["kind"], _key(named))
        return answer(named)

    ITEMS.add(server, items)
    PUT.add(server, put)
    DROP.add(server, drop)


def _key(named: ItemNamed) -> str:
    if not named["key"] or "\0" in named["key"]:
        raise Problem(400, "Bad parameter", "key is a text that is not empty")
    return stored_key(named["kind"], named["key"])


def value_of(kind: str, body: bytes) -> Any:
    """The value of a body, as it may be stored. Raises Problem 400, 413."""
    value = read_json(body, ItemValue, 'the body must be {"value": ...}').value
    if not shallow(value):
        raise Problem(400, "Bad request", "the value is nested too deep")
    try:
        return checked(kind, value)
    except ValueError as e:
        raise Problem(413, "Too large", str(e)) from None
