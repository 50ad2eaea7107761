"""An engine as app.py wires it, on whatever streams and database a test has; and what plain Python says must come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec
import redis
from sqlalchemy import Engine as Database
from sqlalchemy import select

from dashboard.cases.case import Case
from dashboard.cases.envelope import Malformed
from dashboard.cases.event import HEARTBEAT, Event, Key, decode
from dashboard.cases.fold import UNREPORTED, fold
from dashboard.cases.refusal import Refusal
from dashboard.clock import DAY, Clock, FixedClock
from dashboard.engine.apply import apply
from dashboard.engine.city import City
from dashboard.engine.dead_letter import masked_body
from dashboard.engine.engine import Engine
from dashboard.engine.intake import Intake
from dashboard.places.locate import Maps
from dashboard.ports.ledger import Ledger
from dashboard.ports.stream import EngineStreams
from dashboard.process.heartbeat import Heartbeat
from dashboard.simulate import demo
from dashboard.simulate.category import CATEGORIES
from data_access import stream
from data_access import table as t
from data_access.ledger import SqlLedger, case_of, event_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.made import SLA, UNITS

RETENTION = 7 * DAY
REPORTS, COMMANDS, CHANGES = (stream.name(kind) for kind in ("reports", "commands", "changes"))


def demo_rules(db: Database) -> None:
    """The demo's catalogue and limits, as `up --demo` puts them there; nothing where they are."""
    reader = SqlReader(db)
    if not reader.places.catalogue():
        demo.seed_rules(reader, SqlRegistry(db))


def make_engine(
    db: Database, streams: EngineStreams, clock: Clock, holder: str = "test:1", ledger: Ledger | None = None, rules: bool = True
) -> Engine:
    """`rules`: with the demo's; without, the city promises what it has imported."""
    if rules:
        demo_rules(db)
    city = City(SqlReader(db, "Asia/Shanghai"), Heartbeat())
    return Engine(ledger or SqlLedger(db), streams, clock, city.stamp, city.places, holder, RETENTION)


class Circle:
    """An engine on real streams and a real database, on a clock that stands where a test puts it."""

    def __init__(self, server: redis.Redis, db: Database, now: int) -> None:
        self.server, self.db, self.clock = server, db, FixedClock(now)
        SqlRegistry(db).replace_places(UNITS, [], [])
        self.engine = self.start()

    def start(self, holder: str = "test:1") -> Engine:
        """Another engine, which leads."""
        self.streams = stream.EngineStreams(self.server)
        engine = make_engine(self.db, self.streams, self.clock, holder)
        assert engine.start()
        return engine

    def report(self, *bodies: bytes) -> None:
        for body in bodies:
            self.server.xadd(REPORTS, {"e": body})

    def ask(self, *bodies: bytes) -> None:
        for body in bodies:
            self.server.xadd(COMMANDS, {"e": body})

    def run(self) -> None:
        while self.engine.step(1):
            pass

    def messages(self) -> list[bytes]:
        return [fields[b"e"] for _, fields in self.server.xrange(CHANGES)]

    def pending(self) -> int:
        return sum(self.server.xpending(name, "engine")["pending"] for name in (REPORTS, COMMANDS))

    def assert_whole(self) -> None:
        assert_whole(self.db)
        assert_published(self.db, self.messages())
        assert self.pending() == 0


def stored_cases(db: Database) -> dict[str, Case]:
    with db.connect() as c:
        return {i: case_of(state) for i, state in c.execute(select(t.cases.c.case_id, t.cases.c.state))}


def stored_events(db: Database) -> list[Event]:
    with db.connect() as c:
        return [event_of(row) for row in c.execute(select(t.event).order_by(t.event.c.pos))]


def letters(db: Database) -> Counter[str]:
    with db.connect() as c:
        return Counter(c.execute(select(t.dead_letter.c.code)).scalars())


def orphans(db: Database) -> list[str]:
    with db.connect() as c:
        return list(c.execute(select(t.orphan.c.event_id)).scalars())


def assert_whole(db: Database) -> None:
    """Nothing is half done: positions have no gap, versions count up, the events alone give the cases and their columns."""
    events, cases = stored_events(db), stored_cases(db)
    assert [e.pos for e in events] == list(range(1, len(events) + 1))
    again: dict[str, Case] = {}
    for e in events:
        after = fold(e, again.get(e.case))
        assert isinstance(after, Case), (e, after)
        assert after.version == e.version
        again[e.case] = after
    assert again == cases
    with db.connect() as c:
        assert c.execute(select(t.partition.c.pos)).scalar() == len(events)
        for row in c.execute(select(t.cases)):
            case = cases[row.case_id]
            names = ("pos", "version", "stage", "severity", "category", "owner", "grid", "due", "closed", "level", "pending", "title")
            assert {n: getattr(row, n) for n in names} == {n: getattr(case, n) for n in names}


def assert_published(db: Database, messages: Iterable[bytes]) -> None:
    """Everything committed is in cases:changes at least once, the first time in order; nothing else is."""
    events = {e.pos: e for e in stored_events(db)}
    told = [m for m in map(msgspec.json.decode, messages) if m["type"].startswith("case.")]
    first_seen = list(dict.fromkeys(m["pos"] for m in told))
    assert first_seen == list(range(1, len(events) + 1))
    for m in told:
        e = events[m["pos"]]
        assert (m["id"], m["type"], m["case"], m["version"], m["data"]) == (e.id, e.type, e.case, e.version, msgspec.json.decode(e.raw))


class Oracle:
    """What must come out of a stream of reports, told one entry at a time, without transactions, batches or stores."""

    def __init__(self, latest: int, wall: int) -> None:
        self._latest, self._wall = latest, wall
        self._intake = Intake(SLA, Maps([]), CATEGORIES)
        self.cases: dict[str, Case] = {}
        self.letters: Counter[str] = Counter()
        self.thrown: set[tuple[str, bytes]] = set()
        """Code and masked body of every letter."""
        self.waiting: dict[str, list[tuple[int, Event, bytes]]] = {}
        self._seen: set[Key] = set()
        self._n = self.pos = 0

    def take(self, body: bytes) -> None:
        self._n += 1
        try:
            event = decode(body, self._latest)
        except Malformed as e:
            self._throw(e.code, body)
            return
        if event.type == HEARTBEAT or event.key in self._seen:
            return
        self._seen.add(event.key)
        (event,) = self._intake.take([event], self._wall)
        self._fold(event, body)
        if event.type == "case.reported":
            for _, orphan, its in sorted(self.waiting.pop(event.case, []), key=lambda o: (o[1].at, o[0])):
                self._fold(orphan, its)

    def _throw(self, code: str, body: bytes) -> None:
        self.letters[code] += 1
        self.thrown.add((code, masked_body(body)))

    def _fold(self, event: Event, body: bytes) -> None:
        case = self.cases.get(event.case)
        made = apply(event, case, SLA)
        if made is UNREPORTED:
            self.waiting.setdefault(event.case, []).append((self._n, event, body))
        elif isinstance(made, Refusal):
            self._throw(made.code, body)
        else:
            _, after = made
            self.pos += 1
            after.pos = self.pos
            self.cases[event.case] = after

    @property
    def orphans(self) -> set[str]:
        return {e.id for found in self.waiting.values() for _, e, _ in found}


def comparable(cases: dict[str, Case]) -> dict[str, dict[str, Any]]:
    return {i: msgspec.structs.asdict(c) for i, c in cases.items()}
