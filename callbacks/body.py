"""Bodies of requests, read whole before anybody works with them: bounded in size, in time, and all together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from callbacks.problem import Problem

Receive = Callable[[], Awaitable[dict[str, Any]]]
T = TypeVar("T")

SECONDS = 20.0
"""In which a body must be there whole: 4 MiB in that time is a slow line, not one byte a second."""
STRANGER = 64 << 10
"""Bytes of a body that nobody has signed in for."""
LIMITS = {"/session/token": 4 << 10, "/map/select": 64 << 10, "/api/v1/commands": 4 << 20, "/_dash-update-component": 1 << 20}
OTHERS = 64 << 10
TOGETHER = 64 << 20
"""Bytes of all bodies that one worker holds at the same time."""
SPILLED, SPILL_SECONDS = 8 << 20, 2.0
"""What is read and thrown away after a refusal, so that a client that is still sending gets to read why."""
DEPTH = 32
"""Levels of nesting of what a page or client sends."""


def limit_of(path: str, known: bool) -> int:
    """Bytes that a body of this path may have; `known`: somebody has signed in."""
    own = LIMITS.get(path, OTHERS)
    return own if known else min(own, STRANGER)


class Gone(Exception):
    """The client has left before its body was there."""


class Bodies:
    """One a worker: knows how much is held in all."""

    def __init__(self, seconds: float = SECONDS, together: int = TOGETHER) -> None:
        self._seconds, self._together = seconds, together
        self._held = 0

    async def read(self, receive: Receive, limit: int) -> bytes:
        """The whole body. Raises Problem 408, 413, 503, or Gone. Who has it hands it back with `free` when the request is over."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._seconds):
                while await self._part(receive, limit, body):
                    pass
        except TimeoutError:
            self.free(body)
            raise Problem(408, "Too slow", f"a body must be there within {self._seconds:g} seconds", closes=True) from None
        except BaseException:
            self.free(body)
            raise
        return bytes(body)

    async def _part(self, receive: Receive, limit: int, body: bytearray) -> bool:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        self._held += len(part)
        body += part
        if len(body) > limit:
            raise Problem(413, "Too large", f"a request is at most {limit} bytes here: send less, or in parts", closes=True)
        if self._held > self._together:
            raise Problem(503, "Busy", "too many bodies are under way; send again", 2, closes=True)
        return bool(message.get("more_body"))

    def free(self, body: bytes | bytearray) -> None:
        self._held -= len(body)


class Incoming:
    """`receive` that knows whether the client has said everything."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self.ended = receive, False

    async def __call__(self) -> dict[str, Any]:
        message = await self._receive()
        self.ended = message["type"] == "http.disconnect" or not message.get("more_body")
        return message


def again(body: bytes, receive: Receive) -> Receive:
    """The same body for who reads it next; after it, whatever the client says (that it has gone)."""
    told = False

    async def read() -> dict[str, Any]:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return read


async def spill(receive: Incoming) -> None:
    """Reads what a refused client is still sending, for a moment; then the server closes on it."""
    left = SPILLED
    try:
        async with asyncio.timeout(SPILL_SECONDS):
            while left > 0 and not receive.ended:
                message = await receive()
                left -= len(message.get("body", b"")) + 1
    except TimeoutError:
        return


def read_json(content: bytes, type_: type[T], what: str = "the body") -> T:
    """A JSON body as what it must be. Raises Problem 400 with what is wrong."""
    try:
        return msgspec.json.decode(content, type=type_)
    except RecursionError:
        raise Problem(400, "Bad request", f"{what} is nested too deep") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise Problem(400, "Bad request", f"{what}: {e}") from None


def shallow(value: Any) -> bool:
    """Whether decoded JSON is nested at most `DEPTH` deep; without recursion."""
    level = [value]
    for _ in range(DEPTH):
        level = [x for v in level if isinstance(v, (dict, list)) for x in (v.values() if isinstance(v, dict) else v)]
        if not level:
            return True
    return False
