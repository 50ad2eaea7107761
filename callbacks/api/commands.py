"""Commands: one or many, each with its own answer."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec
from fastapi import FastAPI, Request, Response

from callbacks.access import caller
from callbacks.answer import answer
from callbacks.api.command_types import CommandBatch
from callbacks.api.operation import KNOWN, Operation
from callbacks.body import read_json, shallow
from callbacks.command import MAX_COMMANDS, CommandResult
from callbacks.problem import Problem
from callbacks.services import Services


class Results(TypedDict):
    """One result for each command, in their order."""

    results: list[CommandResult]


COMMANDS = Operation(
    id="send_commands", tag="commands", method="POST", path="/api/v1/commands", summary="Ask for changes of cases", body=CommandBatch,
    answers={200: Results, 207: Results}, problems=(*KNOWN, 403, 408, 413),
    text="200: every command was accepted; 207: look at each result. The same `id` may be sent again: a command has its effect once.",
)  # fmt: skip
OPERATIONS = (COMMANDS,)


def register(server: FastAPI, services: Services) -> None:
    async def commands(request: Request) -> Response:
        user = caller()
        results = await services.send(commands_of(await request.body()), user)
        return answer(Results(results=results), 200 if all(r["status"] == "accepted" for r in results) else 207)

    COMMANDS.add(server, commands)


class Sent(msgspec.Struct):
    """The body as it is read: what is wrong with one command is that command's result, and refuses no other."""

    commands: list[dict[str, Any]]


def commands_of(body: bytes) -> list[dict[str, Any]]:
    """Raises Problem 400, 413."""
    commands = read_json(body, Sent, 'the body must be {"commands": [...]}').commands
    if len(commands) > MAX_COMMANDS:
        raise Problem(413, "Too many", f"at most {MAX_COMMANDS} commands at once, these are {len(commands)}")
    if not shallow(commands):
        raise Problem(400, "Bad request", "a command is nested too deep")
    return commands
