"""Events a second from the stream to committed cases, against reading and appending the same bytes and nothing else.

ours: the real engine (validate, mask, fold, version, upsert, publish, acknowledge) on Valkey and SQLite with full sync.
baseline: the loop one would write first: one event, one transaction. limit: XREADGROUP + sqlite3 append + XACK, batches of 1,000.
floor: the same transactions without any rule: rows and messages made beforehand are written to the same tables and published, a batch's
events and the beat that follows them; what is left of the time is what deciding costs.
Starting is not in it, for any of them: the engine knows its places and its calendar before it reads its first entry.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from app import Adapters
from benchmarks import BenchRow
from benchmarks.rig import client, demo_events, demo_rules, valkey
from dashboard.ports.ledger import Commit
from dashboard.settings import load
from data_access import table as t
from data_access.database import insert_sql, migrate, url_of
from data_access.ledger import SqlTransaction
from data_access.stream import EngineStreams, Inbox

EVENTS, RUNS, BATCH = 40_000, 3, 1000
SLOW_EVENTS = 1_500
"""The baseline takes milliseconds an event; its rate does not depend on how many there are."""


def run() -> list[BenchRow]:
    events = demo_events(EVENTS)
    ours, baseline, limit, floor = [], [], [], []
    for _ in range(RUNS):
        ours.append(_timed(_engine, events))
        floor.append(_timed(_replay(_record(events)), events))
        baseline.append(_timed(_one_by_one, events[:SLOW_EVENTS]))
        limit.append(_timed(_append, events))
    medians = (round(statistics.median(x)) for x in (ours, baseline, limit))
    fast, slow, top = medians
    ratio = [o / top_ for o, top_ in zip(ours, limit, strict=True)]
    return [
        {"what": "ingest end to end", "ours": fast, "baseline": slow, "limit": top, "unit": "events/s", "n": RUNS},
        {"what": "ingest, share of the limit", "ours": round(statistics.median(ratio), 2), "baseline": round(slow / top, 3),
         "limit": 1.0, "unit": "ratio", "n": RUNS},
        {"what": "ingest against the same writes without rules", "ours": fast, "baseline": slow, "limit": round(statistics.median(floor)),
         "unit": "events/s", "n": RUNS},
    ]  # fmt: skip


def _timed(work: Any, events: list[bytes]) -> float:
    with valkey() as (folder, url):
        Inbox(client(url)).report(events)
        return len(events) / work(folder, url, len(events))


def _engine(folder: Path, url: str, count: int) -> float:
    settings = load({}, data_dir=str(folder), redis_url=url)
    demo_rules(folder)
    engine = Adapters(settings).engine()
    assert engine.start()
    began, taken = time.perf_counter(), 0
    while taken < count:
        taken += engine.step(10)
    return time.perf_counter() - began


class Written(NamedTuple):
    """What the engine wrote for one batch: rows of the event and case tables, and messages."""

    entries: int
    events: list[tuple[object, ...]]
    cases: list[tuple[object, ...]]
    messages: list[bytes]


def _record(events: list[bytes]) -> list[Written]:
    """One run of the engine, each batch's writes kept."""
    found: list[Written] = []
    with valkey() as (folder, url):
        Inbox(client(url)).report(events)
        settings = load({}, data_dir=str(folder), redis_url=url)
        demo_rules(folder)
        engine = Adapters(settings).engine()
        write, publish = SqlTransaction.write, EngineStreams.publish
        held: dict[str, Any] = {"messages": []}

        def keep(tx: SqlTransaction, commit: Commit) -> None:
            held["rows"] = [tx._event(e) for e in commit.events], [tx._case(c) for c in commit.cases.values()]
            write(tx, commit)

        def tell(streams: EngineStreams, messages: Sequence[bytes]) -> None:
            held["messages"] += messages
            publish(streams, messages)

        with patch.object(SqlTransaction, "write", keep), patch.object(EngineStreams, "publish", tell):
            assert engine.start()
            taken = 0
            while taken < len(events):
                held["messages"] = []
                entries = engine._streams.read(BATCH, 10)
                engine._take(entries)
                taken += len(entries)
                found.append(Written(len(entries), *held["rows"], held["messages"]))
    return found


def _replay(written: list[Written]) -> Any:
    def work(folder: Path, url: str, count: int) -> float:
        migrate(url_of("", folder))
        streams, db = EngineStreams(client(url)), sqlite3.connect(folder / "gridcommand.sqlite", isolation_level=None)
        streams.prepare()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-65536"):
            db.execute(f"PRAGMA {pragma}")
        events, cases = insert_sql(t.event, "sqlite"), insert_sql(t.cases, "sqlite", "case_id", update=True)
        began = time.perf_counter()
        for batch in written:
            entries = streams.read(batch.entries, 10)
            db.execute("BEGIN IMMEDIATE")
            db.executemany(events, batch.events)
            db.executemany(cases, batch.cases)
            db.execute("COMMIT")
            streams.publish(batch.messages)
            streams.ack(entries)
        return time.perf_counter() - began

    return work


def _append(folder: Path, url: str, count: int) -> float:
    streams = EngineStreams(client(url))
    streams.prepare()
    db = _database(folder)
    began, taken = time.perf_counter(), 0
    while taken < count:
        entries = streams.read(BATCH, 10)
        db.execute("BEGIN")
        db.executemany("INSERT INTO event VALUES (?, ?)", [(e.id, e.body) for e in entries])
        db.execute("COMMIT")
        streams.ack(entries)
        taken += len(entries)
    return time.perf_counter() - began


def _one_by_one(folder: Path, url: str, count: int) -> float:
    streams = EngineStreams(client(url))
    streams.prepare()
    db = _database(folder)
    began, taken = time.perf_counter(), 0
    while taken < count:
        for entry in streams.read(1, 10):
            event = json.loads(entry.body)
            db.execute("BEGIN")
            db.execute("INSERT INTO event VALUES (?, ?)", (event["id"], entry.body))
            db.execute("COMMIT")
            streams.ack([entry])
            taken += 1
    return time.perf_counter() - began


def _database(folder: Path) -> sqlite3.Connection:
    db = sqlite3.connect(folder / f"raw-{os.getpid()}.sqlite", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE event (id TEXT PRIMARY KEY, body BLOB)")
    return db
