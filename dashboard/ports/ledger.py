"""The ledger: the one write transaction of the engine, and what it keeps."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.event import Event, Key
from dashboard.cases.row import Row
from dashboard.ports.stream import Entry


class DeadLetter(msgspec.Struct, frozen=True):
    """An entry that had no effect, and why. `source` and `event_id` where they could be read: a repeat of it is no second letter."""

    stream: str
    entry: str
    source: str | None
    event_id: str | None
    code: str
    reason: str
    body: bytes
    at: int


class Orphan(msgspec.Struct, frozen=True):
    """An event whose case has not been reported yet; it waits for the report."""

    event_id: str
    source: str
    case: str
    at: int
    received: int
    entry: Entry

    @property
    def key(self) -> Key:
        return self.source, self.event_id


class Outcome(msgspec.Struct, frozen=True):
    """The answer to a command, kept so that the same id sent again has the same answer and no second effect."""

    id: str
    case: str
    verb: str
    actor: User
    at: int
    digest: str
    status: str
    """accepted or refused"""
    pos: int | None = None
    code: str | None = None
    message: str | None = None
    current: dict[str, Any] | None = None
    why: str | None = None
    values: dict[str, Any] | None = None
    undone: str | None = None
    """Id of the command that undid it."""


MOST_SOURCES = 1000
"""Sources that are remembered by name: a city has some tens."""
FAMILIAR = 100
"""Entries from which a source is no name that somebody has made up for one."""


class SourceSeen(msgspec.Struct, frozen=True):
    """Health of a source: when (wall, ms) it was last heard, its newest event time, how many entries came."""

    source: str
    heard: int
    event_at: int
    entries: int


class Commit(msgspec.Struct):
    """All that one batch changes; it is written together or not at all."""

    events: list[Event] = []
    cases: dict[str, Case] = {}
    outcomes: list[Outcome] = []
    """Those of this batch, and earlier ones that it has undone."""
    dead: list[DeadLetter] = []
    orphans: list[Orphan] = []
    adopted: list[Key] = []
    """Orphan events that found their case or died."""
    sources: list[SourceSeen] = []
    alarms: list[Alarm] = []
    """Those that were raised, and those that are as they were not before."""


class Lease(msgspec.Struct, frozen=True):
    """The right to write a partition. A later lease has a higher epoch and fences this one off."""

    partition: int
    epoch: int
    pos: int
    """Last pos that is committed."""
    idle_ms: int = 0
    """For how long nobody had renewed the lease before this one; by the database's clock."""


class Fenced(RuntimeError):
    """Another engine has taken over this partition; this one must stop."""


class Transaction(Protocol):
    """One write transaction; it holds the partition's lock from the start."""

    def known(self, keys: Sequence[Key]) -> set[Key]:
        """Which of these events have had their effect, wait as orphans or lie in the dead letters."""

    def cases(self, ids: Sequence[str]) -> dict[str, Case]: ...
    def outcomes(self, ids: Sequence[str]) -> dict[str, Outcome]: ...
    def events(self, case: str) -> list[Event]:
        """One case's events in order of version."""

    def alarms(self, cases: Sequence[str]) -> list[Alarm]:
        """The alarms of these cases, open or not, oldest first."""

    def orphans_of(self, cases: Sequence[str]) -> list[Orphan]:
        """Events that wait for these cases, oldest first."""

    def timers(self, now: int, limit: int) -> list[Case]:
        """Cases whose timer (dashboard/clocks/ladder.py) has come, the longest waiting first."""

    def write(self, commit: Commit) -> None: ...


class Ledger(Protocol):
    """The only writer of cases."""

    def acquire(self, partition: int, holder: str) -> Lease | None:
        """The lease, or None while another living engine holds it. It runs out by the store's clock, or when it is not renewed.

        Raises Fenced when this holder had it and another one has had it since: what it remembers is of before.
        """

    def begin(self, lease: Lease) -> AbstractContextManager[Transaction]:
        """Renews the lease; commits on leaving, rolls back on an error. Raises Fenced."""

    def events_after(self, partition: int, pos: int, limit: int) -> list[tuple[Event, Row]]:
        """Committed events in order of pos, each with the row its case now has."""

    def waiting(self, partition: int) -> dict[str, int]:
        """Ids of the cases that orphans wait for, and how many for each."""

    def expired(self, partition: int, before: int) -> list[Orphan]:
        """Orphans received before this instant, a bounded number of them."""

    def sources(self) -> list[SourceSeen]:
        """At most MOST_SOURCES: the familiar ones first, then those that were heard last."""
