"""The streams in memory, with a group's pending entries; the contract's suite holds it to what a real server does."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence

import msgspec

from dashboard.ports.stream import Backlog, Entry, Lost
from data_access.stream import TOGETHER, name


class FakeServer:
    """What survives an engine: entries, how far the group has read, what is pending."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = {name("commands"): [], name("reports"): []}
        self.delivered = dict.fromkeys(self.entries, 0)
        self.pending: dict[str, dict[str, Pending]] = {stream: {} for stream in self.entries}
        self.dropped = dict.fromkeys(self.entries, 0)
        """Entries that somebody trimmed before they were read."""
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

    def trim_unread(self, stream: str, keep: int) -> None:
        """Somebody trims the stream although not all of it was read."""
        entries, at = self.entries[stream], self.delivered[stream]
        gone = max(0, len(entries) - keep - at)
        self.dropped[stream] += gone
        del entries[at : at + gone]

    def published(self) -> list[bytes]:
        return self.changes

    def length(self, stream: str) -> int:
        """Nothing is trimmed in memory but what is acknowledged."""
        return len(self.pending[stream]) + len(self.entries[stream]) - self.delivered[stream]


class Pending:
    """An entry that an engine has and has not acknowledged."""

    def __init__(self, entry: Entry) -> None:
        self.entry, self.tries, self.touched = entry, 1, time.monotonic()

    def again(self) -> Entry:
        self.tries, self.touched = self.tries + 1, time.monotonic()
        return msgspec.structs.replace(self.entry, tries=self.tries)

    def idle(self, ms: int) -> bool:
        return (time.monotonic() - self.touched) * 1000 >= ms


class FakeStreams:
    """Port `EngineStreams`. `fail_publish`: publish raises once, as when an engine dies between commit and publish."""

    def __init__(self, server: FakeServer) -> None:
        self.server = server
        self._left: list[Pending] = []
        self._end: bytes | None = None
        self.fail_publish = False

    def prepare(self) -> None:
        self._left = [p for pending in self.server.pending.values() for p in pending.values()]

    def reclaim(self, idle_ms: int) -> None:
        self._left += [p for pending in self.server.pending.values() for p in pending.values() if p.idle(idle_ms) and p not in self._left]

    def read(self, count: int, block_ms: int) -> list[Entry]:
        if self._left:
            stream = self._left[0].entry.stream
            same = itertools.takewhile(lambda p: p.tries < TOGETHER and p.entry.stream == stream, self._left)
            batch = list(same)[:count] or self._left[:1]
            del self._left[: len(batch)]
            return [p.again() for p in batch]
        out: list[Entry] = []
        for stream, entries in self.server.entries.items():
            at = self.server.delivered[stream]
            fresh = entries[at : at + count]
            self.server.delivered[stream] = at + len(fresh)
            self.server.pending[stream] |= {e.id: Pending(e) for e in fresh}
            out += fresh
        return out

    def ack(self, entries: Sequence[Entry]) -> None:
        for e in entries:
            self.server.pending[e.stream].pop(e.id, None)

    def tidy(self) -> list[Lost]:
        lost = [Lost(stream, "?", "?", n) for stream, n in self.server.dropped.items() if n]
        self.server.dropped = dict.fromkeys(self.server.dropped, 0)
        return lost

    def publish(self, messages: Sequence[bytes]) -> None:
        if self.fail_publish and messages:
            self.fail_publish = False
            raise ConnectionError("the engine ends between commit and publish")
        self.server.changes.extend(messages)
        if messages:
            self._end = messages[-1]

    def lost_end(self) -> bool:
        return self._end is not None and self._end not in self.server.changes[-2000:]

    def last_pos(self, most: int = 2**62) -> int:
        self._end = self.server.changes[-1] if self.server.changes else None
        told = (int(msgspec.json.decode(body)["pos"]) for body in reversed(self.server.changes))
        return next((pos for pos in told if pos <= most), 0)


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
        handed = [p.touched for pending in self.server.pending.values() for p in pending.values()]
        waiting = sum(len(entries) - self.server.delivered[stream] for stream, entries in self.server.entries.items())
        return Backlog(waiting, len(handed), round((time.monotonic() - min(handed)) * 1000) if handed else 0)


class FakeRoom:
    """The one place in which all pubsub are heard."""

    def __init__(self) -> None:
        self.ears: list[asyncio.Queue[bytes]] = []


class FakeWhispers:
    """Port `PubSub`."""

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
