"""What the business needs from outside: the ledger, the streams, the readers. data_access/ implements each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.event import Event, Key
from dashboard.cases.query import CaseQuery
from dashboard.clocks.book import Book
from dashboard.live.row import Row
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid
from dashboard.places.quality import Sighting
from dashboard.places.route import Route
from dashboard.places.unit import Unit
from dashboard.roles import User
from dashboard.video.count import ByGrid
from dashboard.video.point import VideoPoint


class Entry(msgspec.Struct, frozen=True):
    """One stream entry as it came. `body` is empty when the field `e` was missing, and only the beginning of one that is too large.

    `tries`: how often it has been given to an engine, this time included. `size`: bytes as they came, all fields.
    """

    stream: str
    id: str
    body: bytes
    tries: int = 1
    size: int = 0


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
    dead: list[DeadLetter] = []
    orphans: list[Orphan] = []
    adopted: list[Key] = []
    """Orphan events that found their case or died."""
    sources: list[SourceSeen] = []


class Lease(msgspec.Struct, frozen=True):
    """The right to write a partition. A later lease has a higher epoch and fences this one off."""

    partition: int
    epoch: int
    pos: int
    """Last pos that is committed."""
    idle_ms: int = 0
    """For how long nobody had renewed the lease before this one; by the database's clock."""


class Away(RuntimeError):
    """Redis or the database cannot be had now: a named state that callers wait out, not the end of a process (house rule 10).

    `what`: "redis" or "database"; `why`: one line of the server or driver. `full`: it answers, but takes nothing more.
    """

    def __init__(self, what: Literal["redis", "database"], why: str, full: bool = False) -> None:
        super().__init__(f"{what} is away: {why}")
        self.what, self.why, self.full = what, why, full


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


class Whispers(Protocol):
    """What workers tell each other for the moment only: nobody stores it, who does not listen misses it."""

    async def tell(self, body: bytes) -> None:
        """Raises Away."""

    def hear(self) -> AsyncIterator[bytes]:
        """What anybody tells from now on, oneself included, for ever. Raises Away."""


class Reader(Protocol):
    """Reads for the pages and the API. Synchronous: call it off the event loop."""

    def units(self) -> list[Unit]:
        """Every unit there has been, each in its newest version: cases of a unit that has ended still have a name and a district."""

    def grids(self, at: int | None = None) -> list[Grid]:
        """The grids that are valid at an instant (ms); None: every version of every grid."""

    def map_times(self) -> list[int]:
        """The instants (ms) at which the map changed, in order: between two of them `grids` gives the same."""

    def routes(self) -> list[Route]: ...
    def categories(self) -> set[str]:
        """Codes of the catalogue, and those that cases came with."""

    def places_stamp(self) -> str:
        """Changes whenever units, grids, routes, policies or calendars are imported; points have nothing to do with it."""

    def rows(self, since_pos: int, reported_from: int) -> tuple[int, list[Row]]:
        """(pos, rows) in one consistent read: cases changed after `since_pos`; with 0 all open ones and those reported from then."""

    def event_at(self, pos: int) -> str | None:
        """Id of the event at this pos: tells whether a snapshot belongs to this database."""

    def newest_event(self) -> int:
        """Time (ms) of the newest event of any source, 0 when there is none: where a stream clock stands."""

    def cases(self, query: CaseQuery) -> dict[str, Any]: ...
    def case(self, case: str, now: int, user: User | None = None) -> dict[str, Any] | None:
        """One case whole, as dashboard/cases/view.py `detail` shows it; what lies near it only as far as this user may see it."""

    def handover(self, unit: str, since: int, now: int) -> dict[str, Any]:
        """What the next shift must know of a unit's subtree: {"promises": {"total", "within_ms", "items"}: those that break in the next
        8 h; "events": how many of each type since then (ms, wall time); "escalations", "breaches", "returns": {"count", "cases"}}.
        """

    def tabs(self, unit: str, user_id: str, now: int) -> dict[str, int]: ...
    def video_counts(self, at: int) -> ByGrid:
        """Active points by the grid in which they stand on the map of that instant (ms).

        Seconds of work for a large city when places, points or the day have changed, next to none otherwise.
        """

    def history(self, case: str) -> tuple[Case, list[Event]] | None:
        """A case and its events in order of version."""

    def book(self) -> Book: ...
    def records(self, since: int) -> dict[str, tuple[int, int]]:
        """By owner: (closed on time, closed) of the cases with a due time that were closed since then (ms)."""

    def video_points(self) -> list[VideoPoint]:
        """Active points, secret ones included, by id."""

    def on_time(self, since: int, until: int) -> dict[str, tuple[int, int]]:
        """Per grid (closed on time, closed or open and overdue) of the cases due after `since` and by `until`, ms (DOMAIN.md 7:
        on_time_rate). A paused case is not overdue; a void one counts nowhere."""


class QualityReader(Protocol):
    """What the data-quality list is made of. Synchronous: call it off the event loop."""

    def sightings(self) -> list[Sighting]:
        """Every open case, with what is known of its place."""

    def imports(self, limit: int = 20) -> list[dict[str, Any]]:
        """The last imports of units and grids, newest first: the columns of the table without the findings."""

    def findings(self, import_id: str) -> list[Finding]:
        """What an import found in its file; none for an import that is not known."""


class TileSource(Protocol):
    """Raster tiles of a base map, in Web-Mercator."""

    media_type: str

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """None where there is no tile, as outside of the world."""
