"""The one writer of a partition: reads, decides, commits once, publishes what it committed, acknowledges (ARCHITECTURE.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from dashboard.cases.batch import Batch, letter, read
from dashboard.cases.case import Case
from dashboard.cases.command import Rules
from dashboard.cases.event import HEARTBEAT, Event
from dashboard.cases.intake import Desk
from dashboard.clock import DAY, SECOND, Clock
from dashboard.clocks.ladder import Storm
from dashboard.live import change
from dashboard.ports import Commit, EngineStreams, Entry, Ledger, SourceSeen

log = logging.getLogger(__name__)

BATCH = 1000
"""Entries a transaction: enough to pay for one fsync, few enough that a command waits less than 100 ms."""
CACHE = 300_000
"""Open cases kept in memory; twice what Nanjing has open."""
REPUBLISH = 100_000
"""Events published again at most; who is further behind reads SQL."""
BEAT_EVERY = SECOND
TIMERS = 300
"""Cases whose timers fire in one transaction; the rest follow in the next turn."""
BUSY = 2 * SECOND
"""Timers wait this long after a full batch: what ended a case may still lie in the backlog."""


class Places(msgspec.Struct, frozen=True):
    """What the engine knows of the city; `stamp` changes with every import."""

    stamp: str
    desk: Desk
    rules: Rules


class Engine:
    """Runs one partition. `places` is asked again when `stamp()` has changed."""

    def __init__(
        self, ledger: Ledger, streams: EngineStreams, clock: Clock, stamp: Callable[[], str], places: Callable[[str], Places],
        holder: str, retention_ms: int = 7 * DAY, partition: int = 0,
    ) -> None:  # fmt: skip
        self._ledger, self._streams, self._clock = ledger, streams, clock
        self._stamp, self._load_places = stamp, places
        self._holder, self._retention, self._partition = holder, retention_ms, partition
        self._cache: dict[str, Case] = {}
        self._next_beat = 0
        self._next_expiry = 0
        self._busy_until = self._told = 0
        self._storm = Storm()

    def start(self) -> bool:
        """Takes the lease and publishes what a dead engine committed but did not tell. False: another engine lives."""
        lease = self._ledger.acquire(self._partition, self._holder)
        if lease is None:
            return False
        self._lease = lease
        self._places = self._load_places(self._stamp())
        self._waiting = self._ledger.waiting()
        self._sources = {s.source: s for s in self._ledger.sources()}
        for source in self._sources.values():
            self._clock.observe(source.event_at)
        self._streams.prepare()
        self._republish()
        log.info("engine: partition %d, epoch %d, pos %d", self._partition, lease.epoch, lease.pos)
        return True

    def _republish(self) -> None:
        pos = max(self._streams.last_pos(), self._lease.pos - REPUBLISH)
        while events := self._ledger.events_after(self._partition, pos, BATCH):
            self._streams.publish([change.of_event(event, row) for event, row in events])
            pos = events[-1][0].pos

    def step(self, block_ms: int = 200) -> int:
        """One turn of the loop; how many entries it took. Errors that have no name stop the process."""
        entries = self._streams.read(BATCH, block_ms)
        if entries:
            self._batch(entries)
        if len(entries) > BATCH // 2:
            self._busy_until = self._clock.wall() + BUSY
        self._tend()
        return len(entries)

    def _batch(self, entries: list[Entry]) -> None:
        wall = self._clock.wall()
        events, wishes, dead = read(entries, max(wall, self._clock.now()) + DAY, wall)
        if wishes:
            self._notice_imports()
        seen = self._hear([event for event, _ in events], wall)
        events = [(event, entry) for event, entry in events if event.type != HEARTBEAT]
        self._places.desk.take([event for event, _ in events], wall)
        with self._ledger.begin(self._lease) as tx:
            batch = Batch(tx, self._lease, self._places.desk, self._places.rules, self._waiting, self._clock.now(), wall)
            batch.load([event for event, _ in events], [wish for wish, _ in wishes], self._cache)
            for wish, _ in wishes:
                batch.command(wish)
            for event, entry in events:
                batch.event(event, entry)
            batch.dead(dead)
            batch.commit.sources = seen
            tx.write(batch.commit)
        self._committed(batch)
        if self._newest() - self._told > SECOND:
            self._streams.publish([self._beat(wall)])
        self._streams.ack(entries)

    def _newest(self) -> int:
        return max((s.event_at for s in self._sources.values()), default=0)

    def _beat(self, wall: int) -> bytes:
        """How far the stream's time has come is also told when it jumps: a replay's screens must not lag a second, which may be days."""
        self._told = self._newest()
        heard = max((s.heard for s in self._sources.values()), default=None)
        return change.of_beat(self._lease.pos, wall, change.Beat(heard, self._told))

    def _notice_imports(self) -> None:
        """A command may rely on what was imported a moment ago: it is looked for before commands are decided, too."""
        stamp = self._stamp()
        if stamp != self._places.stamp:
            self._places = self._load_places(stamp)

    def _fire(self, wall: int) -> None:
        """Promises that break while nobody says anything: the ladder's steps become events like any other."""
        now = self._clock.now()
        with self._ledger.begin(self._lease) as tx:
            due = tx.timers(now, TIMERS)
            if not due:
                return
            batch = Batch(tx, self._lease, self._places.desk, self._places.rules, self._waiting, now, wall)
            hour = self._places.desk.book.local_hour(now)
            for case in due:
                batch.timer(case, self._storm, hour)
            tx.write(batch.commit)
        self._committed(batch)
        if len(due) == TIMERS:
            self._next_beat = wall

    def _hear(self, events: list[Event], wall: int) -> list[SourceSeen]:
        """Source health; the newest event time moves a stream clock."""
        said: dict[str, list[int]] = {}
        for event in events:
            said.setdefault(event.source, []).append(event.at)
        for source, times in said.items():
            before = self._sources.get(source) or SourceSeen(source, 0, 0, 0)
            newest = max(before.event_at, max(times))
            self._sources[source] = SourceSeen(source, wall, newest, before.entries + len(times))
            self._clock.observe(newest)
        return [self._sources[s] for s in said]

    def _committed(self, batch: Batch) -> None:
        """What is committed is remembered and told, never before."""
        self._lease = msgspec.structs.replace(self._lease, pos=batch.pos)
        self._remember(batch.commit)
        self._streams.publish(batch.finish())

    def _remember(self, commit: Commit) -> None:
        """Keeps open cases at hand; ended ones are read again in the rare case that they are needed."""
        for i, case in commit.cases.items():
            if case.ended:
                self._cache.pop(i, None)
            else:
                self._cache[i] = case
        while len(self._cache) > CACHE:
            del self._cache[next(iter(self._cache))]

    def _tend(self) -> None:
        """Once a second: keep the lease, notice imports, tell the screens that the engine lives."""
        wall = self._clock.wall()
        if wall < self._next_beat:
            return
        self._next_beat = wall + BEAT_EVERY
        if wall >= self._busy_until:
            self._fire(wall)
        self._notice_imports()
        self._renew(wall)
        self._streams.publish([self._beat(wall)])

    def _renew(self, wall: int) -> None:
        """Renews the lease; once a minute, events whose case was not reported within the retention become dead letters."""
        with self._ledger.begin(self._lease) as tx:
            if wall < self._next_expiry:
                return
            self._next_expiry = wall + 60 * SECOND
            old = self._ledger.expired(wall - self._retention)
            why = "no report of this case came within the retention"
            letters = [letter(o.entry, o.event_id, "never_reported", why, wall) for o in old]
            if old:
                tx.write(Commit(dead=letters, adopted=[o.event_id for o in old]))
