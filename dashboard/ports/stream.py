"""The streams: the engine's side, a web worker's side, and pub/sub between workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One stream entry as it came. `body` is empty when the field `e` was missing, and only the beginning of one that is too large.

    `tries`: how often it has been given to an engine, this time included. `size`: bytes as they came, all fields.
    """

    stream: str
    id: str
    body: bytes
    tries: int = 1
    size: int = 0


class Lost(msgspec.Struct, frozen=True):
    """`count` entries of a stream that somebody trimmed before they were read, between two entry ids."""

    stream: str
    after: str
    until: str
    count: int


class EngineStreams(Protocol):
    """The engine's side of the streams of one partition."""

    def prepare(self) -> None:
        """Creates what is missing. From now on `read` begins with what a dead engine left."""

    def reclaim(self, idle_ms: int) -> None:
        """From now on `read` begins with what another engine has read and not acknowledged for this long."""

    def read(self, count: int, block_ms: int) -> list[Entry]:
        """Entries, those left behind first, then new ones, commands before reports. Empty when none came in time.

        An entry that was tried several times comes alone, so that it takes no others with it.
        """

    def ack(self, entries: Sequence[Entry]) -> None: ...
    def tidy(self) -> list[Lost]:
        """Drops what is acknowledged from the streams; what others dropped before it was read, since the last call."""
    def publish(self, messages: Sequence[bytes]) -> None:
        """Appends to cases:changes in this order, all of them or none."""

    def lost_end(self) -> bool:
        """Whether the last message that this engine published, or found at its start, is there no more: a server that was killed and is
        back before it was asked again looks as if it had never been away, but may have lost its last second.
        """

    def last_pos(self, most: int = ...) -> int:
        """The pos of the newest message in cases:changes that is at most `most`; 0 where there is none."""


class Backlog(msgspec.Struct, frozen=True):
    """What the engine still has to do: entries of both its streams that it has not read, and those read but not acknowledged."""

    waiting: int = 0
    pending: int = 0
    oldest_pending_ms: int = 0
    """Since the longest pending entry was handed out."""


class ChangesTail(Protocol):
    """A web worker's side of the streams. Every method raises Away."""

    async def newest(self) -> str:
        """Id of the newest entry of cases:changes."""

    async def read(self, after: str) -> tuple[str, list[bytes]]:
        """(id to go on from, messages after this one), waited for at most a second. The id is an earlier one if the stream was set back."""

    async def command(self, body: bytes) -> None:
        """Appends to cases:commands."""

    async def backlog(self) -> Backlog: ...


class PubSub(Protocol):
    """What workers tell each other for the moment only: nobody stores it, who does not listen misses it."""

    async def tell(self, body: bytes) -> None:
        """Raises Away."""

    def hear(self) -> AsyncIterator[bytes]:
        """What anybody tells from now on, oneself included, for ever. Raises Away."""


class Inbox(Protocol):
    """Where sources and the command line put what they want to say. Every method raises Away."""

    def report(self, events: Sequence[bytes]) -> None:
        """Appends events to cases:reports in this order; where it raises, some of them may have come through."""

    def command(self, body: bytes) -> None:
        """Appends to cases:commands."""

    def again(self, stream: str, body: bytes) -> None:
        """Appends to a stream by its name, as for a dead letter that is sent again."""

    def backlog(self) -> int:
        """Reports that the engine has not acknowledged yet."""
