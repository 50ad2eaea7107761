"""A screen that does not read: its socket holds a bounded number of bytes, and what it gets when it reads again is a snapshot."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import msgspec
import pytest

from callbacks.live import BUFFER, QUEUE, DirectScreen, QueuedScreen
from dashboard.live import hub as hubs
from tests.dashboard.live.test_hub import Desk, row

CASES, FRAMES = 4000, 40
"""A frame of all cases is larger than what a socket may hold."""


class Server(asyncio.Protocol):
    """A socket of the hub after its handshake, on a real connection."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport
        self.screen = DirectScreen(transport, "json")
        self.desk.hub.join(self.screen, "c", None)


class Client:
    """Keeps the model a browser would keep."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        self.stream, self.kinds, self.pos = stream, [], 0  # type: ignore[var-annotated]
        self.versions: dict[str, int] = {}

    async def read(self) -> None:
        head = await self.stream.readexactly(2)
        size = head[1] if head[1] < 126 else int.from_bytes(await self.stream.readexactly(2 if head[1] == 126 else 8), "big")
        told = msgspec.json.decode(await self.stream.readexactly(size))
        self.kinds.append(told["t"])
        assert told["t"] == "snapshot" or told["from"] <= self.pos <= told["to"], "a gap"
        if told["t"] == "snapshot":
            self.versions.clear()
        self.versions |= dict(zip(told.get("cases", {}).get("case", ()), told.get("cases", {}).get("version", ()), strict=True))
        self.pos = told["to"]


async def change_all(desk: Desk, version: int) -> None:
    await desk.take([row(f"s~{n}", version=version, pos=(version - 1) * CASES + n + 1) for n in range(CASES)])


def test_a_socket_that_does_not_read_is_not_given_a_longer_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "FRAME_EVERY", 0.0)

    async def test() -> None:
        desk = Desk()
        await change_all(desk, 1)
        made: list[Server] = []
        server = await asyncio.get_running_loop().create_server(lambda: made.append(Server(desk)) or made[-1], "127.0.0.1", 0)
        near = socket.socket()
        near.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        near.connect(server.sockets[0].getsockname())
        await asyncio.sleep(0.1)
        ours, waiting, largest = made[0], [], 0
        for version in range(2, FRAMES + 2):
            await change_all(desk, version)
            waiting.append(ours.transport.get_write_buffer_size())
            largest = max(largest, *(len(frame.wire("json")) for frame in desk.hub._channels["c"].ring))
        assert max(waiting) <= 2 * max(BUFFER, 2 * largest), "bytes that wait are bounded, however much happens"
        assert waiting[-1] == waiting[FRAMES // 2] > 0, "nothing is added for a screen that is behind"
        assert ours.screen in desk.hub._channels["c"].behind
        reader, writer = await asyncio.open_connection(sock=near, limit=1 << 24)
        client = Client(reader)
        async with asyncio.timeout(30):
            while client.versions.get("s~0") != FRAMES + 1:
                if not ours.transport.get_write_buffer_size():
                    desk.hub.beat()
                await client.read()
        assert client.kinds[-1] == "snapshot" and client.pos == desk.board.pos
        assert set(client.versions.values()) == {FRAMES + 1} and len(client.versions) == CASES
        writer.close()
        server.close()

    asyncio.run(test())


def test_where_no_transport_is_to_be_had_the_queue_is_bounded() -> None:
    async def test() -> None:
        reads, got = asyncio.Event(), []

        async def send(message: dict[str, Any]) -> None:
            await reads.wait()
            got.append(msgspec.json.decode(message["text"])["t"])

        desk, screen = Desk(), QueuedScreen(send, "json")
        desk.hub.join(screen, "c", None)
        for n in range(1, QUEUE * 2):
            await desk.take([row(f"s~{n}", pos=n)])
        assert screen in desk.hub._channels["c"].behind and screen._queue.qsize() == QUEUE
        reads.set()
        while not screen.drained():
            await asyncio.sleep(0.01)
        desk.hub.beat()
        while not screen.drained():
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
        assert got[-1] == "snapshot" and len(got) <= QUEUE + 3
        screen.task.cancel()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hubs, "FRAME_EVERY", 0.0)
        asyncio.run(test())
