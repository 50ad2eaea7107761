"""The streams in memory, with a group's pending entries; the contract's suite holds it to what a real server does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from dashboard.ports import Backlog, Entry
from data_access.stream import name


class FakeServer:
    """What survives an engine: entries, how far the group has read, what is pending."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {name("commands"): [], name("reports"): []}
        self.delivered = dict.fromkeys(self.entries, 0)
        self.pending: dict[str, dict[str, Entry]] = {stream: {} for stream in self.entries}
        self.handed: dict[str, float] = {}
        """When each pending entry was handed out, by a steady clock (s)."""
        self.changes: list[bytes] = []
        self._last = 0

    def add(self, stream: str, body: bytes) -> None:
        self._last += 1
        self.entries[stream].append(Entry(stream, f"{self._last}-0", body))

    def engine(self) -> FakeStreams:
        return FakeStreams(self)

    def tail(self) -> FakeTail:
        return FakeTail(self)

    def delete(self, stream: str) -> None:
        self.entries[stream].clear()
        self.pending[stream].clear()
        self.delivered[stream] = 0

    def published(self) -> list[bytes]:
        return self.changes

    def length(self, stream: str) -> int:
        """Nothing is trimmed in memory but what is acknowledged."""
        return len(self.pending[stream]) + len(self.entries[stream]) - self.delivered[stream]


class FakeStreams:
    """Port `EngineStreams`. `fail_publish`: publish raises once, as when an engine dies between commit and publish."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self._claimed: list[Entry] = []
        self.fail_publish = False

    def prepare(self) -> None:
        self._claimed = [entry for pending in self.server.pending.values() for entry in pending.values()]

    def read(self, count: int, block_ms: int) -> list[Entry]:
        if self._claimed:
            batch, self._claimed = self._claimed[:count], self._claimed[count:]
            return batch
        out: list[Entry] = []
        for stream, entries in self.server.entries.items():
            at = self.server.delivered[stream]
            fresh = entries[at : at + count]
            self.server.delivered[stream] = at + len(fresh)
            self.server.pending[stream] |= {e.id: e for e in fresh}
            self.server.handed |= dict.fromkeys((e.id for e in fresh), time.monotonic())
            out += fresh
        return out

    def ack(self, entries: Sequence[Entry]) -> None:
        for e in entries:
            self.server.pending[e.stream].pop(e.id, None)

    def publish(self, messages: Sequence[bytes]) -> None:
        if self.fail_publish and messages:
            self.fail_publish = False
            raise ConnectionError("the server went away between commit and publish")
        self.server.changes.extend(messages)

    def last_pos(self) -> int:
        return int(msgspec.json.decode(self.server.changes[-1])["pos"]) if self.server.changes else 0


class FakeTail:
    """Port `ChangesTail`; an entry's id is its number."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server

    async def newest(self) -> str:
        return str(len(self.server.changes))

    async def read(self, after: str) -> tuple[str, list[bytes]]:
        at = int(after) if int(after) <= len(self.server.changes) else 0
        found = self.server.changes[at:]
        if not found:
            await asyncio.sleep(0.01)
        return str(at + len(found)), list(found)

    async def command(self, body: bytes) -> None:
        self.server.add(name("commands"), body)

    async def backlog(self) -> Backlog:
        handed = [self.server.handed[i] for pending in self.server.pending.values() for i in pending]
        waiting = sum(len(entries) - self.server.delivered[stream] for stream, entries in self.server.entries.items())
        return Backlog(waiting, len(handed), round((time.monotonic() - min(handed)) * 1000) if handed else 0)


class FakeRoom:
    """The one place in which all whispers are heard."""

    def __init__(self) -> None:
        self.ears: list[asyncio.Queue[bytes]] = []


class FakeWhispers:
    """Port `Whispers`."""

    def __init__(self, room: FakeRoom) -> None:
        self._room = room

    async def tell(self, body: bytes) -> None:
        for ear in self._room.ears:
            ear.put_nowait(body)

    async def hear(self) -> AsyncIterator[bytes]:
        ear: asyncio.Queue[bytes] = asyncio.Queue()
        self._room.ears.append(ear)
        while True:
            yield await ear.get()
