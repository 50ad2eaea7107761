"""The one write transaction (ports Ledger and Transaction) on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, bindparam, delete, func, select, update

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.event import Event, Key, of_stored
from dashboard.cases.row import Row
from dashboard.clock import ticks_ms
from dashboard.clocks.ladder import next_timer
from dashboard.ports.ledger import FAMILIAR, MOST_SOURCES, Commit, DeadLetter, Lease, Orphan, Outcome, SourceSeen
from dashboard.ports.stream import Entry
from data_access import table as t
from data_access.database import write_many
from data_access.lease import LEASE_MS, WRITE_WAIT_MS, SqlLease

CHUNK = 1000
AMONG: dict[str, tuple[str, Callable[[list[str]], Any]]] = {
    "sqlite": ("IN (SELECT value FROM json_each(?))", lambda ids: msgspec.json.encode(ids).decode()),
    "postgresql": ("= ANY(%s)", lambda ids: ids),
}
"""How a database is asked for many keys at once, and what it is given for them."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Case).decode
HOT = [t.cases.c[n if n != "case" else "case_id"] for n in Row._fields]
"""The columns of a hot row, in its order."""


class SqlLedger:
    """Port `Ledger`. One SQL transaction a batch; the partition's row is its lock and its fence."""

    def __init__(self, engine: Engine, lease_ms: int = LEASE_MS, ticks: Callable[[], int] = ticks_ms) -> None:
        self._engine = engine
        self._write = engine.execution_options(write=True, wait_ms=WRITE_WAIT_MS)
        self._lease = SqlLease(engine, lease_ms, ticks)

    def acquire(self, partition: int, holder: str) -> Lease | None:
        return self._lease.acquire(partition, holder)

    @contextmanager
    def begin(self, lease: Lease) -> Iterator[SqlTransaction]:
        with self._write.begin() as c:
            self._lease.renew(c, lease)
            yield SqlTransaction(c, lease.partition)

    def events_after(self, partition: int, pos: int, limit: int) -> list[tuple[Event, Row]]:
        e = t.event
        query = select(e, *[c.label(f"hot_{c.name}") for c in HOT]).join(t.cases, t.cases.c.case_id == e.c.case_id)
        query = query.where(e.c.partition == partition, e.c.pos > pos).order_by(e.c.pos).limit(limit)
        with self._engine.begin() as c:
            return [(event_of(row), Row(*row[len(e.columns) :])) for row in c.execute(query)]

    def waiting(self, partition: int) -> dict[str, int]:
        o = t.orphan.c
        with self._engine.begin() as c:
            rows = c.execute(select(o.case_id, func.count()).where(o.partition == partition).group_by(o.case_id))
            return {case: n for case, n in rows}  # noqa: C416  (rows are no pairs to a type checker)

    def expired(self, partition: int, before: int) -> list[Orphan]:
        old = select(t.orphan).where(t.orphan.c.partition == partition, t.orphan.c.received < before).limit(CHUNK)
        with self._engine.begin() as c:
            return [_orphan(r) for r in c.execute(old)]

    def sources(self) -> list[SourceSeen]:
        s = t.source.c
        known = select(t.source).order_by((s.entries >= FAMILIAR).desc(), s.heard.desc()).limit(MOST_SOURCES)
        with self._engine.begin() as c:
            return [SourceSeen(*r) for r in c.execute(known)]


class SqlTransaction:
    """Port `Transaction`."""

    def __init__(self, connection: Connection, partition: int) -> None:
        self._c, self._partition = connection, partition

    def _having(self, column, ids: Sequence[str], *more):  # type: ignore[no-untyped-def]
        """Rows of `column`'s table whose key is among the ids. Any number of them is one parameter: the statement is the same each time."""
        if not ids:
            return []
        among, given = AMONG[self._c.dialect.name]
        names = ", ".join(f'"{c.name}"' for c in more or column.table.columns)
        sql = f'SELECT {names} FROM "{column.table.name}" WHERE "{column.name}" {among}'  # noqa: S608 - names come from the tables
        return self._c.exec_driver_sql(sql, (given(list(ids)),))

    def known(self, keys: Sequence[Key]) -> set[Key]:
        ids: list[str] = list({i for _, i in keys})
        found: set[Key] = set()
        for column in (t.event.c.id, t.orphan.c.event_id, t.dead_letter.c.event_id):
            found.update((row[0], row[1]) for row in self._having(column, ids, column.table.c.source, column))
        return found.intersection(keys)

    def cases(self, ids: Sequence[str]) -> dict[str, Case]:
        return {r[0]: _unpack(r[1]) for r in self._having(t.cases.c.case_id, ids, t.cases.c.case_id, t.cases.c.state)}

    def events(self, case: str) -> list[Event]:
        return events_of(self._c, case)

    def outcomes(self, ids: Sequence[str]) -> dict[str, Outcome]:
        return {r.id: _outcome(r) for r in self._having(t.command.c.id, ids)}

    def alarms(self, cases: Sequence[str]) -> list[Alarm]:
        return sorted((alarm_of(r) for r in self._having(t.alarm.c.case_id, cases)), key=lambda a: a.at)

    def orphans_of(self, cases: Sequence[str]) -> list[Orphan]:
        return sorted((_orphan(r) for r in self._having(t.orphan.c.case_id, cases)), key=lambda o: o.at)

    def timers(self, now: int, limit: int) -> list[Case]:
        due = select(t.cases.c.state).where(t.cases.c.timer <= now, t.cases.c.partition == self._partition)
        due = due.order_by(t.cases.c.timer).limit(limit)
        return [_unpack(state) for state in self._c.execute(due).scalars()]

    def write(self, commit: Commit) -> None:
        write_many(self._c, t.event, [self._event(e) for e in commit.events])
        write_many(self._c, t.cases, [self._case(c) for c in commit.cases.values()], "case_id", update=True)
        write_many(self._c, t.alarm, [_alarm(a) for a in commit.alarms], "case_id,id", update=True)
        write_many(self._c, t.command, [_command(o) for o in commit.outcomes], "id", update=True)
        self._leave(commit.adopted)
        write_many(self._c, t.dead_letter, [(*_letter(d), None) for d in commit.dead], "stream,entry")
        write_many(self._c, t.orphan, [self._orphan(o) for o in commit.orphans], "event_id,source")
        write_many(self._c, t.source, [(s.source, s.heard, s.event_at, s.entries) for s in commit.sources], "source", update=True)
        if commit.events:
            p = t.partition
            self._c.execute(update(p).where(p.c.partition == self._partition).values(pos=commit.events[-1].pos))

    def _leave(self, adopted: Sequence[Key]) -> None:
        """Orphans that wait no longer."""
        o = t.orphan
        gone = delete(o).where(o.c.event_id == bindparam("i"), o.c.source == bindparam("s"))
        if adopted:
            self._c.execute(gone, [{"s": source, "i": event_id} for source, event_id in adopted])

    def _orphan(self, o: Orphan) -> tuple[object, ...]:
        return o.event_id, o.source, self._partition, o.case, o.at, o.received, o.entry.stream, o.entry.id, o.entry.body

    def _event(self, e: Event) -> tuple[object, ...]:
        return (self._partition, e.pos, e.id, e.case, e.version, e.type, e.source, e.at, e.recorded, e.actor, e.cause, e.raw.decode())

    def _case(self, c: Case) -> tuple[object, ...]:
        return (
            c.case, self._partition, c.pos, c.version, int(c.stage), int(c.severity), c.category, c.channel, c.owner, c.grid, c.lon, c.lat,
            c.reported, c.amber, c.due, int(c.suspended is not None), c.closed, int(c.level), next_timer(c), c.pending, c.returns,
            c.merged_into, c.title, c.address, _pack(c),
        )  # fmt: skip


def event_of(row) -> Event:  # type: ignore[no-untyped-def]
    """A row of the event table as the event that was folded."""
    return of_stored(
        row.type, row.data.encode(), id=row.id, case=row.case_id, source=row.source, at=row.at, actor=row.actor, cause=row.cause,
        version=row.version, pos=row.pos, recorded=row.recorded,
    )  # fmt: skip


def events_of(c: Connection, case: str) -> list[Event]:
    """One case's events in order of version."""
    return [event_of(row) for row in c.execute(select(t.event).where(t.event.c.case_id == case).order_by(t.event.c.version))]


def case_of(state: bytes) -> Case:
    """A case from its stored state."""
    return _unpack(state)


def alarm_of(row) -> Alarm:  # type: ignore[no-untyped-def]
    """A row of the alarm table."""
    return Alarm(
        row.case_id, row.id, row.kind, row.level, row.at, msgspec.json.decode(row.named, type=tuple[str, ...]), row.raised_by,
        row.acknowledged, row.acknowledged_id, row.acknowledged_by, row.ended, row.ended_by,
    )  # fmt: skip


def _alarm(a: Alarm) -> tuple[object, ...]:
    named = msgspec.json.encode(a.to).decode()
    seen = a.acknowledged, a.acknowledged_id, a.acknowledged_by
    return a.case, a.id, a.kind, a.level, a.at, named, a.by, *seen, a.ended, a.ended_by


def _letter(d: DeadLetter) -> tuple[object, ...]:
    return d.stream, d.entry, d.source, d.event_id, d.code, d.reason, d.body, d.at


def _orphan(row) -> Orphan:  # type: ignore[no-untyped-def]
    return Orphan(row.event_id, row.source, row.case_id, row.at, row.received, Entry(row.stream, row.entry, row.body))


def _command(o: Outcome) -> tuple[object, ...]:
    actor = msgspec.json.encode(o.actor).decode()
    current, values = (None if x is None else msgspec.json.encode(x).decode() for x in (o.current, o.values))
    told = o.status, o.pos, o.code, o.message, current, o.why, values
    return o.id, o.case, o.verb, actor, o.actor.id, o.at, o.digest, *told, o.undone


def _outcome(row) -> Outcome:  # type: ignore[no-untyped-def]
    return Outcome(
        id=row.id, case=row.case_id, verb=row.verb, actor=msgspec.json.decode(row.actor, type=User), at=row.at, digest=row.digest,
        status=row.status, pos=row.pos, code=row.code, message=row.message,
        current=msgspec.json.decode(row.current) if row.current else None, why=row.why,
        values=msgspec.json.decode(row.why_values) if row.why_values else None, undone=row.undone,
    )  # fmt: skip
