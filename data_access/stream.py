"""Redis or Valkey streams: the engine's side (group) and the web worker's (plain reads).

The client's own types cover RESP2 and RESP3, bytes and text at once and narrow nothing: it is `Any` here, and the
contract suite on a real server holds what comes back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from dashboard.ports import Backlog, Entry
from data_access.away import redis_may_be_away

GROUP, CONSUMER = "engine", "engine"
KEPT_CHANGES = 200_000
"""Entries of cases:changes that stay for other systems; older ones are in SQL."""
TRIM_EVERY = 50
CONNECTIONS = 32
"""Connections of a web worker: two of them listen, the rest take commands, each for less than a millisecond."""
ANSWERS_IN, CONNECTS_IN = 4, 2
"""Seconds after which a server counts as away; a web worker's longest wait for news is one."""
LOOKED_AT = 100
"""Entries counted one by one where the server cannot say how many a group has not read."""


def name(kind: str, partition: int = 0) -> str:
    """`cases:reports:{0}`: the braces are the cluster's hash tag."""
    return f"cases:{kind}:{{{partition}}}"


def client(url: str) -> Any:
    return redis.Redis.from_url(url, legacy_responses=False, socket_timeout=30, health_check_interval=0)


def async_client(url: str) -> Any:
    """Who finds all connections in use waits for one: the library's own pool refuses the hundred and first of a crowd.

    A server that hangs is noticed after ANSWERS_IN. Nothing is tried again here: what is away is told first, then waited for.
    """
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url, legacy_responses=False, max_connections=CONNECTIONS, timeout=ANSWERS_IN, socket_timeout=ANSWERS_IN,
        socket_connect_timeout=CONNECTS_IN, health_check_interval=10, retry=Retry(NoBackoff(), 0),
    )  # fmt: skip
    return redis.asyncio.Redis(connection_pool=pool)


class EngineStreams:
    """Port `EngineStreams` on a real server."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r = server
        self._commands, self._reports = name("commands", partition), name("reports", partition)
        self._changes = name("changes", partition)
        self._claimed: list[Entry] = []
        self._acks = 0

    def prepare(self) -> None:
        for stream in (self._commands, self._reports):
            self._create_group(stream)
        self._claimed = [*self._claim(self._commands), *self._claim(self._reports)]

    def _create_group(self, stream: str) -> None:
        try:
            self._r.xgroup_create(stream, GROUP, id="0", mkstream=True)
        except ResponseError as e:
            if "BUSYGROUP" not in str(e):
                raise

    def _claim(self, stream: str) -> list[Entry]:
        """What a dead engine read and did not acknowledge, oldest first. Entries deleted meanwhile come as None."""
        found: list[Entry] = []
        start: Any = "0-0"
        while True:
            start, messages, *_ = self._r.xautoclaim(stream, GROUP, CONSUMER, min_idle_time=0, start_id=start, count=1000)
            found += [_entry(stream, i, fields) for i, fields in messages if fields]
            if start in (b"0-0", "0-0"):
                return found

    def read(self, count: int, block_ms: int) -> list[Entry]:
        if self._claimed:
            batch, self._claimed = self._claimed[:count], self._claimed[count:]
            return batch
        try:
            answer = self._r.xreadgroup(GROUP, CONSUMER, {self._commands: ">", self._reports: ">"}, count=count, block=block_ms)
        except ResponseError as e:
            if "NOGROUP" not in str(e):
                raise
            self.prepare()
            return []
        return _in_order(answer, self._commands, self._reports)

    def ack(self, entries: Sequence[Entry]) -> None:
        pipe = self._r.pipeline(transaction=False)
        for stream in {e.stream for e in entries}:
            pipe.xack(stream, GROUP, *[e.id for e in entries if e.stream == stream])
        pipe.execute()
        self._acks += 1
        if self._acks % TRIM_EVERY == 0:
            self._trim(self._reports)
            self._trim(self._commands)

    def _trim(self, stream: str) -> None:
        """Drops what is committed and acknowledged: everything below the oldest pending entry, or the last delivered."""
        pending = self._r.xpending(stream, GROUP)
        groups = {_text(g["name"]): g for g in self._r.xinfo_groups(stream)}
        low = pending["min"] or groups[GROUP]["last-delivered-id"]
        self._r.xtrim(stream, minid=low, approximate=True)

    def publish(self, messages: Sequence[bytes]) -> None:
        pipe = self._r.pipeline(transaction=False)
        for message in messages:
            pipe.execute_command("XADD", self._changes, "*", "e", message)
        pipe.xtrim(self._changes, maxlen=KEPT_CHANGES, approximate=True)
        pipe.execute()

    def last_pos(self) -> int:
        newest = self._r.xrevrange(self._changes, count=1)
        return int(msgspec.json.decode(newest[0][1][b"e"])["pos"]) if newest else 0


def _in_order(answer: Any, *streams: str) -> list[Entry]:
    """The first stream's entries first. Valkey answers {stream: [messages]} on RESP3."""
    by_stream = {_text(key): messages for key, messages in (answer or {}).items()}
    return [_entry(stream, i, fields) for stream in streams for i, fields in by_stream.get(stream, ()) if fields is not None]


def _entry(stream: str, i: bytes | str, fields: dict[bytes, bytes]) -> Entry:
    return Entry(stream, _text(i), fields.get(b"e", b""))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Inbox:
    """Where sources and the command line put what they want to say."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r, self._reports, self._commands = server, name("reports", partition), name("commands", partition)

    def command(self, body: bytes) -> None:
        """Appends to cases:commands."""
        self._r.xadd(self._commands, {"e": body})

    def report(self, events: Sequence[bytes]) -> None:
        """Appends events to cases:reports in this order."""
        pipe = self._r.pipeline(transaction=False)
        for e in events:
            pipe.execute_command("XADD", self._reports, "*", "e", e)
        pipe.execute()

    def backlog(self) -> int:
        """Reports that the engine has not acknowledged yet."""
        try:
            groups = {_text(g["name"]): g for g in self._r.xinfo_groups(self._reports)}
        except ResponseError:
            return int(self._r.xlen(self._reports))
        group = groups.get(GROUP)
        return int(self._r.xlen(self._reports)) if group is None else int((group["lag"] or 0) + group["pending"])


class Whispers:
    """Port `Whispers`, by publish and subscribe: nothing of it is ever written down."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r, self._channel = server, name("presence", partition)

    async def tell(self, body: bytes) -> None:
        with redis_may_be_away():
            await self._r.publish(self._channel, body)

    async def hear(self) -> AsyncIterator[bytes]:
        with redis_may_be_away():
            async with self._r.pubsub() as channel:
                await channel.subscribe(self._channel)
                while True:
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=1.0)
                    if message is not None:
                        yield message["data"]


class ChangesTail:
    """A web worker's plain reading of cases:changes."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r, self._changes, self._commands = server, name("changes", partition), name("commands", partition)
        self._streams = (self._commands, name("reports", partition))

    async def newest(self) -> str:
        """Id of the newest entry, from which reading goes on."""
        with redis_may_be_away():
            found = await self._r.xrevrange(self._changes, count=1)
        return _text(found[0][0]) if found else "0-0"

    async def read(self, after: str, count: int = 5000) -> tuple[str, list[bytes]]:
        """In silence it looks whether the stream ends before `after`, as one does that was emptied, or restored from an older file: then
        it is read from its beginning, for repeats harm nobody."""
        with redis_may_be_away():
            answer = await self._r.xread({self._changes: after}, count=count, block=1000)
        messages: list[Any] = next(iter((answer or {}).values()), [])
        if messages:
            return _text(messages[-1][0]), [fields[b"e"] for _, fields in messages if fields and b"e" in fields]
        return ("0-0" if _order(await self.newest()) < _order(after) else after), []

    async def command(self, body: bytes) -> None:
        with redis_may_be_away():
            await self._r.xadd(self._commands, {"e": body})

    async def backlog(self) -> Backlog:
        found = [await self._of(stream) for stream in self._streams]
        return Backlog(sum(b.waiting for b in found), sum(b.pending for b in found), max(b.oldest_pending_ms for b in found))

    async def _of(self, stream: str) -> Backlog:
        with redis_may_be_away():
            length = int(await self._r.xlen(stream))
            groups = {_text(g["name"]): g for g in await self._r.xinfo_groups(stream)} if length else {}
            group = groups.get(GROUP)
            if group is None:
                return Backlog(length)
            oldest = await self._r.xpending_range(stream, GROUP, "-", "+", 1) if group["pending"] else []
            idle = int(oldest[0]["time_since_delivered"]) if oldest else 0
            return Backlog(await self._unread(stream, group, length), int(group["pending"]), idle)

    async def _unread(self, stream: str, group: dict[str, Any], length: int) -> int:
        """The server does not know the lag when entries were deleted ahead of the group: few are counted, many are at most all."""
        if group["lag"] is not None:
            return int(group["lag"])
        ahead = await self._r.xrange(stream, f"({_text(group['last-delivered-id'])}", "+", count=LOOKED_AT)
        return len(ahead) if len(ahead) < LOOKED_AT else length


def _order(entry_id: str) -> tuple[int, int]:
    """Stream ids are two numbers, not texts."""
    first, _, second = entry_id.partition("-")
    return int(first), int(second)
