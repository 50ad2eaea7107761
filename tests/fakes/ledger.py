"""The ledger in memory: honest about leases, fences, rollbacks and repeats; the contract's suite holds it to that."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.event import Event, Key
from dashboard.cases.row import Row, row_of
from dashboard.clock import ticks_ms
from dashboard.clocks.ladder import next_timer
from dashboard.ports.ledger import FAMILIAR, MOST_SOURCES, Commit, DeadLetter, Fenced, Lease, Orphan, Outcome, SourceSeen

LEASE_MS = 5_000


class State:
    """All that would be in the database."""

    def __init__(self) -> None:
        self.partitions: dict[int, dict[str, Any]] = {}
        self.events: list[Event] = []
        self.cases: dict[str, Case] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.dead: dict[tuple[str, str], DeadLetter] = {}
        self.orphans: dict[Key, Orphan] = {}
        self.partition: dict[str | Key, int] = {}
        """Of cases and orphans."""
        self.sources: dict[str, SourceSeen] = {}
        self.alarms: dict[tuple[str, str], Alarm] = {}


class FakeLedger:
    """Port `Ledger`."""

    def __init__(self, lease_ms: int = LEASE_MS, now: Callable[[], int] = ticks_ms) -> None:
        self.state = State()
        self._lock = threading.Lock()
        self._lease_ms, self._now = lease_ms, now
        self._held: dict[tuple[int, str], int] = {}

    def acquire(self, partition: int, holder: str) -> Lease | None:
        with self._lock:
            held = self.state.partitions.setdefault(partition, {"epoch": 0, "holder": holder, "until": 0, "pos": 0})
            if held["holder"] != holder and held["epoch"] > self._held.get((partition, holder), held["epoch"]):
                raise Fenced(f"{held['holder']} has taken over")
            if held["until"] > self._now() and held["holder"] != holder:
                return None
            idle = max(0, self._now() - held["until"] + self._lease_ms) if held["epoch"] else 0
            held |= {"epoch": held["epoch"] + 1, "holder": holder, "until": self._now() + self._lease_ms}
            self._held[partition, holder] = held["epoch"]
            return Lease(partition, held["epoch"], held["pos"], idle)

    @contextmanager
    def begin(self, lease: Lease) -> Iterator[FakeTransaction]:
        with self._lock:
            draft = copy.deepcopy(self.state)
            held = draft.partitions[lease.partition]
            if held["epoch"] != lease.epoch:
                raise Fenced(f"epoch {lease.epoch} is over")
            held["until"] = self._now() + self._lease_ms
            yield FakeTransaction(draft, lease.partition)
            self.state = draft

    def events_after(self, partition: int, pos: int, limit: int) -> list[tuple[Event, Row]]:
        found = [e for e in self.state.events if e.pos > pos][:limit]
        return [(e, row_of(self.state.cases[e.case])) for e in found]

    def waiting(self, partition: int) -> dict[str, int]:
        return dict(Counter(o.case for o in self._orphans(partition)))

    def expired(self, partition: int, before: int) -> list[Orphan]:
        return [o for o in self._orphans(partition) if o.received < before]

    def _orphans(self, partition: int) -> list[Orphan]:
        return [o for key, o in self.state.orphans.items() if self.state.partition[key] == partition]

    def sources(self) -> list[SourceSeen]:
        return sorted(self.state.sources.values(), key=lambda s: (s.entries >= FAMILIAR, s.heard), reverse=True)[:MOST_SOURCES]


class FakeTransaction:
    """Port `Transaction`."""

    def __init__(self, draft: State, partition: int) -> None:
        self._draft, self._partition = draft, partition

    def known(self, keys: Sequence[Key]) -> set[Key]:
        d = self._draft
        had = {e.key for e in d.events} | set(d.orphans) | {(x.source, x.event_id) for x in d.dead.values()}
        return had & set(keys)

    def cases(self, ids: Sequence[str]) -> dict[str, Case]:
        return {i: copy.deepcopy(self._draft.cases[i]) for i in ids if i in self._draft.cases}

    def events(self, case: str) -> list[Event]:
        return sorted((copy.deepcopy(e) for e in self._draft.events if e.case == case), key=lambda e: e.version)

    def outcomes(self, ids: Sequence[str]) -> dict[str, Outcome]:
        return {i: self._draft.outcomes[i] for i in ids if i in self._draft.outcomes}

    def alarms(self, cases: Sequence[str]) -> list[Alarm]:
        return sorted((a for a in self._draft.alarms.values() if a.case in cases), key=lambda a: a.at)

    def orphans_of(self, cases: Sequence[str]) -> list[Orphan]:
        return sorted((o for o in self._draft.orphans.values() if o.case in cases), key=lambda o: o.at)

    def timers(self, now: int, limit: int) -> list[Case]:
        mine = [c for c in self._draft.cases.values() if self._draft.partition[c.case] == self._partition]
        due = [(timer, c) for c in mine if (timer := next_timer(c)) is not None and timer <= now]
        return [c for _, c in sorted(due, key=lambda pair: pair[0])[:limit]]

    def write(self, commit: Commit) -> None:
        d = self._draft
        for e in commit.events:
            if any(e.key == x.key or e.pos == x.pos or (e.case, e.version) == (x.case, x.version) for x in d.events):
                raise ValueError(f"{e.id} is written twice")
            d.events.append(copy.deepcopy(e))
        d.cases |= copy.deepcopy(commit.cases)
        d.partition |= dict.fromkeys([*commit.cases, *(o.key for o in commit.orphans)], self._partition)
        for o in commit.outcomes:
            if o.id in d.outcomes and not o.undone:
                raise ValueError(f"command {o.id} is answered twice")
            d.outcomes[o.id] = msgspec.structs.replace(o)
        for i in commit.adopted:
            d.orphans.pop(i, None)
        for x in commit.dead:
            d.dead.setdefault((x.stream, x.entry), x)
        for orphan in commit.orphans:
            d.orphans.setdefault(orphan.key, orphan)
        d.alarms |= {a.key: a for a in commit.alarms}
        d.sources |= {s.source: s for s in commit.sources}
        if commit.events:
            d.partitions[self._partition]["pos"] = commit.events[-1].pos
