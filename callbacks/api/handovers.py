"""Handovers: signed by who leaves, taken over by who comes, and found again."""

from __future__ import annotations

from typing import Annotated, TypedDict

import msgspec
from fastapi import FastAPI, Request, Response
from msgspec import Meta

from callbacks import shift
from callbacks.access import desk_user
from callbacks.answer import answer
from callbacks.api.operation import OF_A_ROLE, Operation
from callbacks.body import read_json
from callbacks.parameter import read
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.desk.shift import Handover, HandoverLine, line, whole

LIMIT = 50
MOST = 200


class Handovers(TypedDict):
    """The newest first."""

    items: list[HandoverLine]


class HandoversAsked(TypedDict, total=False):
    before: Annotated[int, Meta(ge=0, le=shift.LATEST, description="Signed by who left before this instant (ms).")]
    limit: Annotated[int, Meta(ge=0, le=MOST, description=f"{LIMIT} by default.")]


class HandoverText(msgspec.Struct):
    """The free text, at most 10 KiB of UTF-8. Phones, identity cards and plates are masked."""

    text: str = ""


LIST = Operation(
    id="list_handovers", tag="handovers", path="/api/v1/handovers", summary="Handovers of your unit and below", query=HandoversAsked,
    answers={200: Handovers}, problems=OF_A_ROLE,
)  # fmt: skip
ONE = Operation(
    id="get_handover", tag="handovers", path="/api/v1/handovers/{handover}", summary="One handover whole", answers={200: Handover},
    problems=(*OF_A_ROLE, 404),
)  # fmt: skip
SIGN = Operation(
    id="sign_handover", tag="handovers", method="POST", path="/api/v1/handovers", summary="Sign the handover of your shift",
    body=HandoverText, answers={200: Handover}, problems=(*OF_A_ROLE, 408, 409, 413),
    text="The shift ends. The note covers exactly the shift and stands from now on.",
)  # fmt: skip
TAKE = Operation(
    id="take_handover", tag="handovers", method="POST", path="/api/v1/handovers/{handover}/take", summary="Take a shift over",
    answers={200: Handover}, problems=(*OF_A_ROLE, 404, 408, 409, 413),
    text="Your own shift starts, and what was pinned is pinned for you. "
    "Another account with a desk in the same unit or above. 409: somebody was faster, `by` and `at` say who and when.",
)  # fmt: skip
OPERATIONS = (LIST, ONE, SIGN, TAKE)


def register(server: FastAPI, services: Services) -> None:
    async def list_(request: Request) -> Response:
        user, asked = desk_user(), read(request.query_params, HandoversAsked)
        before, limit = asked.get("before", shift.LATEST), asked.get("limit", LIMIT)
        found = await in_turn(user.id, services.shifts.ended, user.unit, before, limit)
        return answer(Handovers(items=[line(one) for one in found]))

    async def one(handover: str) -> Response:
        user = desk_user()
        return answer(whole(await in_turn(user.id, shift.read, services, user, handover)))

    async def sign(request: Request) -> Response:
        user, said = desk_user(), read_json(await request.body(), HandoverText, 'the body must be {"text": "..."}')
        return answer(whole(await in_turn(user.id, shift.sign, services, user, said.text)))

    async def take(handover: str) -> Response:
        user = desk_user()
        return answer(whole(await in_turn(user.id, shift.take, services, user, handover)))

    LIST.add(server, list_)
    ONE.add(server, one)
    SIGN.add(server, sign)
    TAKE.add(server, take)
