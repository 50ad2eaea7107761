"""Commands on their way to the engine, and what became of them (CONTRACT.md, POST /api/v1/commands)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict, cast

import msgspec
from msgspec import Meta

from dashboard.access.role import User
from dashboard.cases.command import decode, encode
from dashboard.cases.envelope import Malformed
from dashboard.cases.refusal import CODES, Refusal, no
from dashboard.engine import change
from dashboard.engine.change import Change
from dashboard.engine.decide import Current
from dashboard.live.answer import Unsent
from dashboard.live.feed import Feed
from dashboard.ports.away import Away

MAX_COMMANDS = 1000
AGAIN = "it is safe to send the same id again"
UNSENT = {
    "busy": "too many commands wait for their answers; nothing was sent, try again",
    "not_ready": "this worker has not loaded its board yet; nothing was sent, try again",
    "redis_away": "Redis is away; nothing was sent, try again",
    "redis_full": "Redis takes nothing more: it is out of memory or disk; nothing was sent",
}
"""Why a command was not sent (code `unavailable`), in English, for API clients; screens say the word `unsent.<why>`."""
COMMAND_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
CASE_ID = re.compile(r"[A-Za-z0-9._:~-]{1,130}")


class CommandResult(TypedDict):
    """What became of one command; `unconfirmed`: nobody knows yet, send the same id again."""

    id: Annotated[Any, Meta(description="The command's, as it was given.")]
    status: Annotated[str, Meta(extra_json_schema={"enum": ["accepted", "refused", "unconfirmed"]})]
    pos: Annotated[int | None, Meta(description="The position of its effect.")]
    code: Annotated[str, Meta(extra_json_schema={"enum": [*sorted({*CODES.values()}), "unavailable"]})] | None
    why: Annotated[str | None, Meta(description="The exact reason, the same in every language; there may be new ones.")]
    values: Annotated[dict[str, Any] | None, Meta(description="What the reason tells: codes and names; instants in ms.")]
    message: Annotated[str | None, Meta(description="The reason in English.")]
    current: Annotated[Current | None, Meta(description="What the case is now, where that was looked at.")]


async def send(feed: Feed, commands: Sequence[dict[str, Any]], user: User) -> list[CommandResult]:
    """Asks the engine for each command and waits for each answer; results in the same order (CONTRACT.md).

    More than MAX_COMMANDS are refused, every one of them: half a batch is what nobody has asked for.
    """
    if len(commands) > MAX_COMMANDS:
        many = no("too_many", n=len(commands), limit=MAX_COMMANDS).as_dict()
        return [_result(command.get("id"), "refused", **many) for command in commands]
    first: dict[str, dict[str, Any]] = {}
    for command in commands:
        first.setdefault(str(command.get("id")), command)
    return list(await asyncio.gather(*(_send(feed, command, user, first[str(command.get("id"))]) for command in commands)))


async def _send(feed: Feed, command: dict[str, Any], user: User, first: dict[str, Any]) -> CommandResult:
    """`first` of this id: another command under it would be given the first one's answer."""
    wrong = _wrong(command) or (None if _same(command, first) else "id_reused")
    if wrong:
        return _result(command.get("id"), "refused", **no(wrong).as_dict())
    verb = command["type"].removeprefix("command.")
    data = command.get("data", {})
    body = encode(command["id"], verb, command["case"], command["expected_version"], user, data, feed.clock.now())
    try:
        decode(body)  # what the engine could not read it could not answer either
    except Malformed as e:
        return _result(command["id"], "refused", **Refusal("unreadable", detail=str(e)).as_dict())
    try:
        answer = await feed.send(command["id"], body)
    except Unsent as e:
        return _result(command["id"], "refused", code="unavailable", why=e.why, values=e.values, message=UNSENT[e.why])
    except Away as e:
        return _result(command["id"], "unconfirmed", why=f"{e.what}_away", values={}, message=f"{e}; {AGAIN}")
    return _answer(command["id"], answer)


def _wrong(command: dict[str, Any]) -> str | None:
    """What is wrong with the form of a command (a why of dashboard/cases/refusal.py); the engine judges its content."""
    if not isinstance(command.get("id"), str) or not COMMAND_ID.fullmatch(command["id"]):
        return "bad_id"
    if not isinstance(command.get("type"), str) or not command["type"].startswith("command."):
        return "bad_type"
    if not isinstance(command.get("case"), str) or not CASE_ID.fullmatch(command["case"]):
        return "bad_case"
    if not isinstance(command.get("expected_version"), int) or not 0 <= command["expected_version"] < 2**31:
        return "bad_version"
    return None if isinstance(command.get("data", {}), dict) else "bad_data"


def _same(command: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(command.get(name) == other.get(name) for name in ("type", "case", "data"))


def _answer(command_id: str, answer: Change | None) -> CommandResult:
    if answer is None:
        return _result(command_id, "unconfirmed", message=f"no answer yet; {AGAIN}")
    if answer.type == change.REFUSED:
        return _result(command_id, "refused", **msgspec.json.decode(answer.data))
    pos = msgspec.json.decode(answer.data)["pos"] if answer.type == change.ACCEPTED else answer.pos
    return _result(command_id, "accepted", pos=pos)


def _result(command_id: Any, status: str, **more: Any) -> CommandResult:
    nothing = dict.fromkeys(("pos", "code", "why", "values", "message", "current"))
    return cast(CommandResult, {"id": command_id, "status": status, **nothing, **more})
