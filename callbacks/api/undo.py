"""What whoever asks may undo now. The stack is the account's: a reload, another tab and another browser have the same."""

from __future__ import annotations

from typing import TypedDict

from fastapi import FastAPI, Response

from callbacks.access import case_reader
from callbacks.answer import answer
from callbacks.api.operation import OF_A_ROLE, Operation
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.desk.undo import UndoEntry


class UndoStack(TypedDict):
    """What was done last comes first."""

    items: list[UndoEntry]


STACK = Operation(
    id="get_undo_stack", tag="me", path="/api/v1/me/undo", summary="What you may undo now", answers={200: UndoStack},
    problems=OF_A_ROLE,
    text="Your commands of the last five minutes on whose cases nobody else has acted since. `command.undo` takes each of them back.",
)  # fmt: skip
OPERATIONS = (STACK,)


def register(server: FastAPI, services: Services) -> None:
    async def undo_stack() -> Response:
        user = case_reader()
        return answer(UndoStack(items=await in_turn(user.id, services.undo_stack, user)))

    STACK.add(server, undo_stack)
