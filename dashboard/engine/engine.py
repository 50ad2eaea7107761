"""The one writer of a partition: reads, decides, commits once, publishes what it committed, acknowledges (ARCHITECTURE.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.event import HEARTBEAT, Event
from dashboard.clock import DAY, MINUTE, SECOND, Clock, Jumps
from dashboard.clocks.ladder import AlarmFlood
from dashboard.engine import change
from dashboard.engine.batch import Batch, read, unanswered
from dashboard.engine.dead_letter import failed, letter
from dashboard.engine.decide import Rules
from dashboard.engine.intake import Intake
from dashboard.engine.source import Sources
from dashboard.ports.away import Away
from dashboard.ports.ledger import Commit, DeadLetter, Fenced, Ledger
from dashboard.ports.stream import EngineStreams, Entry, Lost
from dashboard.process.collector import uncollected

log = logging.getLogger(__name__)

BATCH = 1000
"""Entries a transaction: enough to pay for one fsync, few enough that a command waits less than 100 ms."""
CACHE = 300_000
"""Open cases kept in history; twice what Nanjing has open."""
REPUBLISH = 100_000
"""Events published again at most; who is further behind reads SQL."""
BEAT_EVERY = SECOND
TIMERS = 300
"""Cases whose timers fire in one transaction; the rest follow in the next turn."""
BUSY = 2 * SECOND
"""Timers wait this long after a full batch: what ended a case may still lie in the backlog."""
RECLAIM_EVERY = 5 * SECOND
"""How often the engine looks for entries that another one has read and left; as old as a lease, so that their reader is over."""


class Places(msgspec.Struct, frozen=True):
    """What the engine knows of the city; `stamp` changes with every import."""

    stamp: str
    intake: Intake
    rules: Rules


class Engine:
    """Runs one partition. `places` is asked again when `stamp()` has changed.

    `start` and `step` raise Away while Redis or the database cannot be had: the caller waits and calls `start` again, which knows nothing
    of before. They raise Fenced when another engine has taken over.
    """

    def __init__(
        self, ledger: Ledger, streams: EngineStreams, clock: Clock, stamp: Callable[[], str], places: Callable[[str], Places],
        holder: str, retention_ms: int = 7 * DAY, partition: int = 0,
    ) -> None:  # fmt: skip
        self._ledger, self._streams, self._clock = ledger, streams, clock
        self._stamp, self._load_places = stamp, places
        self._holder, self._retention, self._partition = holder, retention_ms, partition
        self._jumps = Jumps(clock)
        self._flood = AlarmFlood()
        self._worked: int | None = None

    def start(self) -> bool:
        """Takes the lease and publishes what a dead engine committed but did not tell. False: another engine lives.

        Who cannot reach the streams takes no lease: it would be a leader that does nothing, and each attempt would count as a start.
        """
        self._streams.last_pos()
        lease = self._ledger.acquire(self._partition, self._holder)
        if lease is None:
            return False
        self._lease = lease
        self._cache: dict[str, Case] = {}
        self._stuck: set[str] = set()
        self._next_beat = self._next_expiry = self._next_reclaim = self._busy_until = self._told = 0
        self._know_places(self._stamp())
        self._waiting = self._ledger.waiting(self._partition)
        self._know_sources()
        self._streams.prepare()
        self._look_where_told()
        self._publish([])
        log.info("engine: partition %d, epoch %d, pos %d", self._partition, lease.epoch, lease.pos)
        return True

    def _know_sources(self) -> None:
        seen = self._ledger.sources()
        for source in seen:
            self._clock.observe(source.event_at)
        ticks = self._clock.ticks()
        down = self._lease.idle_ms if self._worked is None else ticks - self._worked
        self._sources = Sources(seen, down, self._clock.now(), ticks)

    def _look_where_told(self) -> None:
        self._published = max(self._streams.last_pos(self._lease.pos), self._lease.pos - REPUBLISH)

    def _republish(self) -> None:
        """Tells what is committed and was not told, in order."""
        while self._published < self._lease.pos:
            events = self._ledger.events_after(self._partition, self._published, BATCH)
            self._streams.publish([change.of_event(event, row) for event, row in events])
            self._published = events[-1][0].pos

    def step(self, block_ms: int = 200) -> int:
        """One turn of the loop; how many entries it took. Errors that have no name stop the process."""
        with uncollected():
            return self._step(block_ms)

    def _step(self, block_ms: int) -> int:
        entries = self._streams.read(BATCH, block_ms)
        if entries:
            self._take(entries)
            self._streams.ack(entries)
        if len(entries) > BATCH // 2:
            self._busy_until = self._clock.ticks() + BUSY
        self._tend()
        self._worked = self._clock.ticks()
        return len(entries)

    def _take(self, entries: list[Entry]) -> None:
        """Commits a batch and tells of it. One that cannot be committed is halved until the entry is found that it fails on."""
        try:
            batch = self._commit(entries)
        except (Away, Fenced):
            raise
        except Exception as e:  # the border: whatever one entry makes go wrong is its own fate
            if len(entries) == 1:
                self._put_aside(entries[0], e)
                return
            half = len(entries) // 2
            self._take(entries[:half])
            self._take(entries[half:])
            return
        self._committed(batch)
        if self._sources.newest - self._told > SECOND:
            self._publish([self._beat()])

    def _put_aside(self, entry: Entry, error: Exception) -> None:
        log.error("entry %s of %s went wrong and is a dead letter", entry.id, entry.stream, exc_info=error)
        wall = self._clock.wall()
        with self._ledger.begin(self._lease) as tx:
            dead = failed(entry, (None, None), error, wall)
            tx.write(Commit(dead=[dead]))
        self._publish(unanswered(entry, dead.reason, self._lease.pos, wall))

    def _commit(self, entries: list[Entry]) -> Batch:
        wall = self._clock.wall()
        events, commands, dead = read(entries, max(wall, self._clock.now()) + DAY, wall)
        if commands:
            self._notice_imports()
        seen = self._sources.told([event for event, _ in events], wall)
        for source in seen:
            self._clock.observe(source.event_at)
        taken = self._intake([(event, entry) for event, entry in events if event.type != HEARTBEAT], dead, wall)
        with self._ledger.begin(self._lease) as tx:
            batch = Batch(tx, self._lease, self._places.intake, self._places.rules, self._waiting, self._clock.now(), wall)
            batch.load([event for event, _ in taken], [command for command, _ in commands], self._cache)
            for command, entry in commands:
                batch.command(command, entry)
            for event, entry in taken:
                batch.event(event, entry)
            batch.dead(dead)
            batch.commit.sources = seen
            batch.raise_alarms()
            tx.write(batch.commit)
        return batch

    def _intake(self, events: list[tuple[Event, Entry]], dead: list[DeadLetter], wall: int) -> list[tuple[Event, Entry]]:
        """All at once; where that goes wrong one by one, and who cannot be taken in is a dead letter."""
        try:
            taken = self._places.intake.take([event for event, _ in events], wall)
        except Exception as e:  # the border
            if len(events) == 1:
                event, entry = events[0]
                dead.append(failed(entry, event.key, e, wall))
                return []
            return [one for alone in events for one in self._intake([alone], dead, wall)]
        return [(event, entry) for event, (_, entry) in zip(taken, events, strict=True)]

    def _beat(self) -> bytes:
        """How far the stream's time has come is also told when it jumps: a replay's screens must not lag a second, which may be days."""
        ticks, wall, sources = self._clock.ticks(), self._clock.wall(), self._sources
        self._told = sources.newest
        beat = change.Beat(
            sources.heard, self._told, self._lease.epoch, sources.silent_ms(ticks, wall), sources.awaited(ticks),
            sources.awaited_until(ticks, wall), self._jumps.moved,
        )  # fmt: skip
        return change.of_beat(self._lease.pos, wall, beat)

    def _notice_imports(self) -> None:
        """A command may rely on what was imported a moment ago: it is looked for before commands are decided, too."""
        stamp = self._stamp()
        if stamp != self._places.stamp:
            self._know_places(stamp)

    def _know_places(self, stamp: str) -> None:
        self._places = self._load_places(stamp)
        self._places.intake.sla.prepare(self._clock.now())

    def _fire(self) -> None:
        """Promises that break while nobody says anything: the ladder's steps become events like any other."""
        wall, now = self._clock.wall(), self._clock.now()
        with self._ledger.begin(self._lease) as tx:
            due = [case for case in tx.timers(now, TIMERS + len(self._stuck)) if case.case not in self._stuck]
            if not due:
                return
            batch = Batch(tx, self._lease, self._places.intake, self._places.rules, self._waiting, now, wall)
            hour = self._places.intake.sla.local_hour(now)
            for case in due:
                batch.timer(case, self._flood, hour)
            batch.raise_alarms()
            tx.write(batch.commit)
        self._stuck.update(batch.stuck)
        self._committed(batch)
        if len(due) >= TIMERS:
            self._next_beat = self._clock.ticks()

    def _committed(self, batch: Batch) -> None:
        """What is committed is remembered and told, never before."""
        before, self._lease = self._lease.pos, msgspec.structs.replace(self._lease, pos=batch.pos)
        self._waiting = batch.waiting
        self._sources.take(batch.commit.sources, self._clock.ticks())
        self._remember(batch.commit)
        self._publish(batch.answers, batch.messages, before)

    def _publish(self, others: list[bytes], events: Sequence[bytes] = (), before: int | None = None) -> None:
        """Tells of a commit, whose `events` follow position `before`, and of what is no event: answers, beats.

        What was not told, or is lost again, comes first, from the table. A stream server that is full takes nothing more, but gets room by
        what is acknowledged: it is told later.
        """
        try:
            if self._streams.lost_end():
                log.warning("cases:changes has lost its end; what is missing is told again")
                self._look_where_told()
            if self._published != (self._lease.pos if before is None else before):
                self._republish()
                events = ()
            self._streams.publish([*events, *others])
            self._published = self._lease.pos
        except Away as e:
            if not e.full:
                raise
            log.error("cases:changes takes nothing more: %s", e.why)

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
        """Once a second, by the steady clock: keep the lease, notice imports, fire timers, tell the screens that the engine lives."""
        ticks = self._clock.ticks()
        if ticks < self._next_beat:
            return
        self._next_beat = ticks + BEAT_EVERY
        self._jumps.look()
        if ticks >= self._busy_until and not self._sources.awaited(ticks):
            self._fire()
        self._notice_imports()
        self._renew(ticks)
        self._publish([self._beat()])

    def _renew(self, ticks: int) -> None:
        """Renews the lease and puts the streams in order; once a minute, events whose case was never reported become dead letters."""
        wall = self._clock.wall()
        letters = [self._of_lost(lost, wall) for lost in self._streams.tidy()]
        with self._ledger.begin(self._lease) as tx:
            commit = Commit(dead=letters)
            if ticks >= self._next_expiry:
                self._next_expiry = ticks + MINUTE
                old = self._ledger.expired(self._partition, wall - self._retention)
                why = "no report of this case came within the retention"
                commit.dead += [letter(o.entry, o.key, "never_reported", why, wall) for o in old]
                commit.adopted = [o.key for o in old]
            if commit.dead:
                tx.write(commit)
        if commit.adopted:
            self._waiting = self._ledger.waiting(self._partition)
        if ticks >= self._next_reclaim:
            self._next_reclaim = ticks + RECLAIM_EVERY
            self._streams.reclaim(RECLAIM_EVERY)

    def _of_lost(self, lost: Lost, wall: int) -> DeadLetter:
        why = f"{lost.count} entries after {lost.after} were trimmed before they were read; nobody but the engine may trim this stream"
        log.error("%s: %s", lost.stream, why)
        return letter(Entry(lost.stream, f"after {lost.after}"[:64], b""), (None, None), "trimmed", why, wall)
