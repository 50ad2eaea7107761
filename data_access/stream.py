"""Redis or Valkey streams: the engine's side (group) and the web worker's (plain reads).

The client's own types cover RESP2 and RESP3, bytes and text at once and narrow nothing: it is `Any` here, and the
contract suite on a real server holds what comes back.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import redis
import redis.asyncio
import redis.retry
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from dashboard.cases.envelope import MAX_BYTES
from dashboard.ports.stream import Backlog, Entry, Lost
from data_access.append import append
from data_access.away import redis_may_be_away

GROUP, CONSUMER = "engine", "engine"
KEPT_CHANGES = 200_000
"""Entries of cases:changes that stay for other systems; older ones are in SQL."""
TRIM_EVERY = 50
MOST_POS = 2**63 - 1
LOOK_BACK = 100
"""Entries of cases:changes among which the newest message of an engine is looked for."""
BATCH, BATCH_BYTES = 1000, 8 << 20
"""Entries read at once, and bytes from which fewer are."""
TOGETHER = 3
"""An entry that was begun more often than this comes alone."""
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
    """For processes that may wait: a server that is frozen is noticed well before their supervisor takes them for frozen."""
    return redis.Redis.from_url(
        url, legacy_responses=False, socket_timeout=5, socket_connect_timeout=5, health_check_interval=0,
        retry=redis.retry.Retry(NoBackoff(), 0),
    )  # fmt: skip


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
    """Port `EngineStreams` on a real server. Raises Away where the server cannot be had or takes nothing more."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r = server
        self._inbox = (name("commands", partition), name("reports", partition))
        self._changes = name("changes", partition)
        self._left: dict[str, Left] = {}
        """Streams in which something may be left behind."""
        self._gone: list[Lost] = []
        self._fit = BATCH
        self._acked: set[str] = set()
        self._acks = 0
        self._read: dict[str, Reading] = {}
        self._end: str | None = None
        """Id of the newest entry of cases:changes as this engine knows it."""

    def prepare(self) -> None:
        with redis_may_be_away():
            for stream in self._inbox:
                self._create_group(stream)
                self._read[stream] = self._reading(stream) or Reading("0-0", None)
        self._left = {stream: Left(0) for stream in self._inbox}

    def _create_group(self, stream: str) -> None:
        try:
            self._r.xgroup_create(stream, GROUP, id="0", mkstream=True)
        except ResponseError as e:
            if "BUSYGROUP" not in str(e):
                raise

    def _reading(self, stream: str) -> Reading | None:
        """None where somebody has deleted the stream or its group; the next read makes them anew."""
        try:
            groups = {_text(g["name"]): g for g in self._r.xinfo_groups(stream)}
        except ResponseError as e:
            if "no such key" not in str(e):
                raise
            return None
        group = groups.get(GROUP)
        return None if group is None else Reading(_text(group["last-delivered-id"]), group["entries-read"])

    def reclaim(self, idle_ms: int) -> None:
        self._left = {stream: Left(idle_ms) for stream in self._inbox} | self._left

    def read(self, count: int, block_ms: int) -> list[Entry]:
        with redis_may_be_away():
            while self._left:
                stream, left = next(iter(self._left.items()))
                found = self._claim(stream, left, min(count, self._fit))
                if found:
                    return self._measured(found)
                self._left.pop(stream, None)
            return self._fresh(min(count, self._fit), block_ms)

    def _claim(self, stream: str, left: Left, count: int) -> list[Entry]:
        """The oldest of what was left behind; one that was tried several times comes alone."""
        tries = self._pending(stream, left, count)
        ids = list(itertools.takewhile(lambda i: tries[i] <= TOGETHER, tries)) or list(tries)[:1]
        if not ids:
            return []
        left.after = f"({ids[-1]}"
        claimed = self._r.xclaim(stream, GROUP, CONSUMER, min_idle_time=left.idle, message_ids=ids)
        found = [_entry(stream, i, fields, tries[_text(i)]) for i, fields in claimed if fields]
        gone = [i for i in ids if i not in {e.id for e in found}]
        if gone:  # trimmed between reading and acknowledging
            self._r.xack(stream, GROUP, *gone)
            self._gone.append(Lost(stream, gone[0], gone[-1], len(gone)))
        return found or self._claim(stream, left, count)

    def _pending(self, stream: str, left: Left, count: int) -> dict[str, int]:
        """Ids of entries that were left behind, oldest first, and how often each will have been given to an engine."""
        try:
            pending = self._r.xpending_range(stream, GROUP, left.after, "+", count, idle=left.idle)
        except ResponseError as e:
            if "NOGROUP" not in str(e):
                raise
            return {}
        return {_text(p["message_id"]): int(p["times_delivered"]) + 1 for p in pending}

    def _fresh(self, count: int, block_ms: int) -> list[Entry]:
        try:
            answer = self._r.xreadgroup(GROUP, CONSUMER, dict.fromkeys(self._inbox, ">"), count=count, block=block_ms)
        except ResponseError as e:
            if "NOGROUP" not in str(e):
                raise
            self.prepare()
            return []
        entries = _in_order(answer, *self._inbox)
        for stream in {e.stream for e in entries}:
            self._read[stream].got += sum(e.stream == stream for e in entries)
        return self._measured(entries)

    def _measured(self, entries: list[Entry]) -> list[Entry]:
        """Few at a time while they are large: a thousand of the largest would be a gigabyte."""
        size = sum(e.size for e in entries)
        if size > BATCH_BYTES:
            self._fit = max(1, len(entries) * BATCH_BYTES // size)
        elif size < BATCH_BYTES // 2:
            self._fit = min(BATCH, self._fit * 2)
        return entries

    def ack(self, entries: Sequence[Entry]) -> None:
        with redis_may_be_away():
            pipe = self._r.pipeline(transaction=False)
            for stream in {e.stream for e in entries}:
                pipe.xack(stream, GROUP, *[e.id for e in entries if e.stream == stream])
                self._acked.add(stream)
            pipe.execute()
            self._acks += 1
            if self._acks % TRIM_EVERY == 0:
                self._trim()

    def tidy(self) -> list[Lost]:
        with redis_may_be_away():
            self._trim()
            lost = self._gone + [lost for stream in self._inbox if (lost := self._lost(stream)) is not None]
        self._gone = []
        return lost

    def _trim(self) -> None:
        """Drops exactly what is committed and acknowledged: everything below the oldest pending entry, or up to the last delivered."""
        for stream in self._acked:
            reading = self._reading(stream)
            if reading is not None:
                low = self._r.xpending(stream, GROUP)["min"] or _after(reading.last)
                self._r.xtrim(stream, minid=low, approximate=False)
        self._acked.clear()

    def _lost(self, stream: str) -> Lost | None:
        """The group has gone further than what was handed to it: what is missing was trimmed by somebody else."""
        before, now = self._read[stream], self._reading(stream)
        if now is None:
            return None
        self._read[stream] = now
        if before.read is None or now.read is None or now.read - before.read <= before.got:
            return None
        others = self._r.xpending_range(stream, GROUP, f"({before.last}", now.last, 10_000) if before.last != now.last else []
        count = now.read - before.read - before.got - len(others)  # what another engine has read is not lost, only left
        return Lost(stream, before.last, now.last, count) if count > 0 else None

    def publish(self, messages: Sequence[bytes]) -> None:
        if not messages:
            return
        with redis_may_be_away():  # all or none: a server that is full might take the small ones of them
            self._end = _text(append(self._r, self._changes, messages, KEPT_CHANGES))

    def lost_end(self) -> bool:
        with redis_may_be_away():
            return self._end is not None and not self._r.xrange(self._changes, self._end, self._end)

    def last_pos(self, most: int = MOST_POS) -> int:
        with redis_may_be_away():
            found = self._r.xrevrange(self._changes, count=LOOK_BACK)
        self._end = _text(found[0][0]) if found else None
        return next((pos for _, fields in found if 0 < (pos := _pos(fields.get(b"e", b""))) <= most), 0)


class Reading(msgspec.Struct):
    """How far the group is in a stream; `read` counts all entries there have been up to it, trimmed ones included; `got` by this engine."""

    last: str
    read: int | None
    got: int = 0


class Left(msgspec.Struct):
    """What may be left behind in a stream: entries that nobody has touched for `idle` ms, from `after` on."""

    idle: int
    after: str = "-"


class Told(msgspec.Struct):
    """What is looked at of a message of cases:changes."""

    pos: int


def _pos(body: bytes) -> int:
    """0 for what is no message of an engine: others may have written there."""
    try:
        return msgspec.json.decode(body, type=Told).pos
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0


def _after(entry_id: str) -> str:
    """The id that follows."""
    ms, _, n = entry_id.partition("-")
    return f"{ms}-{int(n) + 1}"


def _in_order(answer: Any, *streams: str) -> list[Entry]:
    """The first stream's entries first. Valkey answers {stream: [messages]} on RESP3."""
    by_stream = {_text(key): messages for key, messages in (answer or {}).items()}
    return [_entry(stream, i, fields) for stream in streams for i, fields in by_stream.get(stream, ()) if fields is not None]


def _entry(stream: str, i: bytes | str, fields: dict[bytes, bytes], tries: int = 1) -> Entry:
    """Of an entry that is too large only the beginning is taken on: one byte too many says enough."""
    return Entry(stream, _text(i), fields.get(b"e", b"")[: MAX_BYTES + 1], tries, sum(map(len, fields.values())))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


class Inbox:
    """Where sources and the command line put what they want to say."""

    def __init__(self, server: Any, partition: int = 0) -> None:
        self._r, self._reports, self._commands = server, name("reports", partition), name("commands", partition)

    def command(self, body: bytes) -> None:
        """Appends to cases:commands."""
        self.again(self._commands, body)

    def again(self, stream: str, body: bytes) -> None:
        """Appends to a stream by its name, as for a dead letter that is sent again."""
        with redis_may_be_away():
            self._r.xadd(stream, {"e": body})

    def report(self, events: Sequence[bytes]) -> None:
        """Appends events to cases:reports in this order. Raises Away; some of them may have come through."""
        with redis_may_be_away():
            pipe = self._r.pipeline(transaction=False)
            for e in events:
                pipe.execute_command("XADD", self._reports, "*", "e", e)
            pipe.execute()

    def backlog(self) -> int:
        """Reports that the engine has not acknowledged yet."""
        with redis_may_be_away():
            return self._backlog()

    def _backlog(self) -> int:
        try:
            groups = {_text(g["name"]): g for g in self._r.xinfo_groups(self._reports)}
        except ResponseError as e:
            if "no such key" not in str(e):
                raise
            return 0
        group = groups.get(GROUP)
        return int(self._r.xlen(self._reports)) if group is None else int((group["lag"] or 0) + group["pending"])


class PubSub:
    """Port `PubSub`, by publish and subscribe: nothing of it is ever written down."""

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
