"""`WS /live?scope=UNIT&since=POS&format=json|z`: a screen joins the hub and stays (CONTRACT.md).

A browser says `{"t":"ping"}` and `{"t":"editing","case":ID|null}`, again at least every 15 s while it is true.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec

from callbacks.services import Services
from dashboard.access.page import pages_of
from dashboard.access.role import READS_CASES, User
from dashboard.clock import ticks_ms
from dashboard.live.presence import Seat
from dashboard.ports.away import Away
from dashboard.wire.frame import Frame

BUFFER = 1 << 20
"""Bytes that may wait in a socket; who has more waiting is behind and gets a snapshot when they have gone."""
QUEUE = 64
"""Frames that may wait where the transport cannot be reached."""
SILENT = 45.0
"""Seconds without a word from our own browser code (it pings every 5 s) after which its socket is closed.
Other systems (`format=json`) need not speak."""

RECHECK = 10.0
"""Seconds after which the account of a socket that says nothing is looked at again."""
FLOOD, FLOOD_MS = 50, 1000
"""Messages of one socket in a second; our own browser code says one or two in five."""
LONGEST = 200
"""Characters of a message."""
_POS = re.compile(r"[0-9]{1,18}")
log = logging.getLogger("gridcommand.web")

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class DirectScreen:
    """Writes ready-made frames straight into the transport: a third of the cost of ASGI's send (docs/decisions)."""

    def __init__(self, transport: Any, format_: str) -> None:
        self._transport, self.format = transport, format_
        self._limit = BUFFER

    def offer(self, frame: Frame) -> bool:
        if self._transport.is_closing():
            return True
        if self._transport.get_write_buffer_size() > self._limit:
            return False
        wire = frame.wire(self.format)
        self._limit = max(BUFFER, 2 * len(wire))
        self._transport.write(wire)
        return True

    def drained(self) -> bool:
        return bool(self._transport.get_write_buffer_size() < BUFFER // 4)


class QueuedScreen:
    """Any other ASGI server: a bounded queue and a task that empties it."""

    def __init__(self, send: Send, format_: str) -> None:
        self._send, self.format = send, format_
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUE)
        self.task = asyncio.create_task(self._empty())

    def offer(self, frame: Frame) -> bool:
        if self._queue.full():
            return False
        self._queue.put_nowait(frame)
        return True

    def drained(self) -> bool:
        return self._queue.empty()

    async def _empty(self) -> None:
        while True:
            binary, body = (await self._queue.get()).payload(self.format)
            await self._send({"type": "websocket.send", "bytes": body} if binary else {"type": "websocket.send", "text": body.decode()})


def screen_of(send: Send, format_: str) -> DirectScreen | QueuedScreen:
    """The direct way where the server's protocol shows its transport; it is private, so it is looked for, not assumed."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if hasattr(transport, "get_write_buffer_size") and hasattr(transport, "write"):
        return DirectScreen(transport, format_)
    return QueuedScreen(send, format_)


async def live(
    scope: dict[str, Any], receive: Receive, send: Send, user: User | None, services: Services, still: Callable[[], Awaitable[int | None]]
) -> None:
    """One socket from the handshake to its end. `still`, asked at every message: the code to close with, None to go on."""
    await receive()
    asked = {k: v[0] for k, v in parse_qs(scope["query_string"].decode("latin-1")).items()}
    unit = asked.get("scope") or (user.unit if user else "")
    if scope["path"] != "/live" or user is None or not _may_see(user, unit, services):
        await send({"type": "websocket.close", "code": 4403})
        return
    await send({"type": "websocket.accept"})
    screen = screen_of(send, "z" if asked.get("format") == "z" else "json")
    since = int(asked["since"]) if _POS.fullmatch(asked.get("since", "")) else None
    services.feed.hub.join(screen, unit, since)
    seat = services.feed.presence.join(screen, user)
    try:
        await _listen(receive, send, services, seat, SILENT if screen.format == "z" else RECHECK, still)
    finally:
        services.feed.hub.leave(screen, unit)
        if seat is not None:
            services.feed.presence.leave(seat)
            await _editing(services, seat, None)
        if isinstance(screen, QueuedScreen):
            screen.task.cancel()


def _may_see(user: User, unit: str, services: Services) -> bool:
    sees = user.role in READS_CASES or bool(pages_of(user.role))
    return sees and services.feed.ready and services.tree().within(unit, user.unit)


async def _listen(
    receive: Receive, send: Send, services: Services, seat: Seat | None, silent: float, still: Callable[[], Awaitable[int | None]]
) -> None:
    """Answers pings, tells who edits; ends with the socket, with its account, or when our own browser code has been silent too long."""
    flood = Flood()
    while True:
        try:
            message = await asyncio.wait_for(receive(), silent)
        except TimeoutError:
            message = {"type": "silence"}
        if message["type"] == "websocket.disconnect":
            return
        if flood.one_more():
            await send({"type": "websocket.close", "code": 4429})
            return
        if (code := await still()) is not None:
            await send({"type": "websocket.close", "code": code})
            return
        if message["type"] == "silence" and silent == SILENT:
            await send({"type": "websocket.close", "code": 4408})
            return
        said = _said(message)
        if said.t == "ping":
            reply = {"t": "pong", "id": said.id, "at": services.now()}
            await send({"type": "websocket.send", "text": msgspec.json.encode(reply).decode()})
        elif said.t == "editing" and seat is not None:
            await _editing(services, seat, said.case)


async def _editing(services: Services, seat: Seat, case: str | None) -> None:
    """Who edits what is told for the moment only: while nobody can be told, nobody is."""
    try:
        await services.feed.editing.tell(seat, case)
    except Away as e:
        log.info("who edits is not told: %s", e)


class Flood:
    """Counts the messages of one socket."""

    def __init__(self) -> None:
        self._since, self._messages = ticks_ms(), 0

    def one_more(self) -> bool:
        """Whether they are too many now."""
        now = ticks_ms()
        if now - self._since >= FLOOD_MS:
            self._since, self._messages = now, 0
        self._messages += 1
        return self._messages > FLOOD


class Said(msgspec.Struct):
    """What a browser may say."""

    t: str = ""
    id: int | str | None = None
    case: str | None = None


def _said(message: dict[str, Any]) -> Said:
    """What the browser said; anything that is no small JSON object says nothing."""
    try:
        return msgspec.json.decode((message.get("text") or "")[:LONGEST], type=Said)
    except (msgspec.DecodeError, RecursionError):
        return Said()
