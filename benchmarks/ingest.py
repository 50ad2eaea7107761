"""Events a second from the stream to committed cases, against reading and appending the same bytes and nothing else.

ours: the real engine (validate, mask, fold, version, upsert, publish, acknowledge) on Valkey and SQLite with full sync.
baseline: the loop one would write first: one event, one transaction. limit: XREADGROUP + sqlite3 append + XACK, batches of 1,000.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import time
from pathlib import Path
from typing import Any

from app import make_engine, prepare
from benchmarks import BenchRow
from benchmarks.rig import client, demo_events, valkey
from dashboard.settings import load
from data_access.stream import EngineStreams, Inbox

EVENTS, RUNS, BATCH = 40_000, 3, 1000
SLOW_EVENTS = 1_500
"""The baseline takes milliseconds an event; its rate does not depend on how many there are."""


def run() -> list[BenchRow]:
    events = demo_events(EVENTS)
    ours, baseline, limit = [], [], []
    for _ in range(RUNS):
        ours.append(_timed(_engine, events))
        baseline.append(_timed(_one_by_one, events[:SLOW_EVENTS]))
        limit.append(_timed(_append, events))
    medians = (round(statistics.median(x)) for x in (ours, baseline, limit))
    fast, slow, top = medians
    ratio = [o / top_ for o, top_ in zip(ours, limit, strict=True)]
    return [
        {"what": "ingest end to end", "ours": fast, "baseline": slow, "limit": top, "unit": "events/s", "n": RUNS},
        {"what": "ingest, share of the limit", "ours": round(statistics.median(ratio), 2), "baseline": round(slow / top, 3),
         "limit": 1.0, "unit": "ratio", "n": RUNS},
    ]  # fmt: skip


def _timed(work: Any, events: list[bytes]) -> float:
    with valkey() as (folder, url):
        Inbox(client(url)).report(events)
        return len(events) / work(folder, url, len(events))


def _engine(folder: Path, url: str, count: int) -> float:
    settings = load({}, data_dir=str(folder), redis_url=url)
    prepare(settings)
    engine = make_engine(settings)
    assert engine.start()
    began, taken = time.perf_counter(), 0
    while taken < count:
        taken += engine.step(10)
    return time.perf_counter() - began


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
