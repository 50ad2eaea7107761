"""The hot projection at 100,000 open cases: start to ready, and what a tick costs.

start: from the snapshot on disk and what SQL knows beyond it; baseline: every case from SQL; limit: reading the snapshot's arrays.
tick: 1,000 changed cases applied; baseline: a dict of objects recounted; limit: one numpy assignment of the same columns.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app import Adapters
from benchmarks import BenchRow
from dashboard.cases.case import Case
from dashboard.cases.event import Event
from dashboard.cases.light import AMBER_FROM
from dashboard.cases.row import Row, row_of
from dashboard.clock import HOUR
from dashboard.live import snapshot
from dashboard.live.board import Board
from dashboard.live.snapshot import load_board
from dashboard.places.unit import UnitTree
from dashboard.ports.ledger import Commit
from dashboard.settings import load
from dashboard.simulate.city import city
from data_access.database import connect, url_of
from data_access.ledger import SqlLedger
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry

CASES, CHANGED, RUNS = 100_000, 1000, 5
NOW = 1_795_132_800_000


def run() -> list[BenchRow]:
    with tempfile.TemporaryDirectory(prefix="gc-bench-") as folder:
        made = city()
        rows, reader = _fill(Path(folder), made)
        tree = UnitTree(made.units)
        return [*_start(Path(folder), reader, tree, rows), *_tick(tree, rows)]


def _fill(folder: Path, made: Any) -> tuple[list[Row], SqlReader]:
    settings = load({}, data_dir=str(folder))
    Adapters(settings).prepare()
    db = connect(url_of("", folder))
    SqlRegistry(db).replace_places(made.units, [], made.routes)
    ledger = SqlLedger(db)
    lease = ledger.acquire(0, "bench:0")
    assert lease is not None
    cases = [_case(i, made) for i in range(CASES)]
    for at in range(0, CASES, 5000):
        part = cases[at : at + 5000]
        with ledger.begin(lease) as tx:
            tx.write(Commit(events=[_event(c) for c in part], cases={c.case: c for c in part}))
    return [row_of(c) for c in cases], SqlReader(db)


def _case(i: int, made: Any) -> Case:
    grid = made.grids[i * 7919 % len(made.grids)]
    reported = NOW - i * 1000
    due = reported + (i % 200) * HOUR
    lon, lat = grid.rings[0][0]
    return Case(
        case=f"bench~C-{i}", workflow="grid", version=1, pos=i + 1, stage=i % 7, severity=i % 3, category="010101", channel="department",
        reported=reported, lon=lon, lat=lat, grid=grid.code, owner=made.routes[i % len(made.routes)].unit, due=due,
        amber=reported + int((due - reported) * AMBER_FROM), last_at=reported,
    )  # fmt: skip


def _event(c: Case) -> Event:
    return Event(f"e-{c.pos}", "case.noted", c.case, "/bench", c.reported, None, b"{}", version=1, pos=c.pos, recorded=NOW)


def _median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)


def _start(folder: Path, reader: SqlReader, tree: UnitTree, rows: list[Row]) -> list[BenchRow]:
    path, nowhere = folder / "board.npz", folder / "none.npz"
    board = Board(tree, NOW)
    board.apply(rows, CASES)
    snapshot.save(board, path, f"e-{CASES}")

    def arrays() -> None:
        with np.load(path) as stored:
            for name in stored.files:
                stored[name]

    ours = _median_ms(lambda: load_board(reader, UnitTree(reader.places.units()), NOW, path))
    baseline = _median_ms(lambda: load_board(reader, UnitTree(reader.places.units()), NOW, nowhere))
    what = "start to ready, 100,000 open cases"
    return [{"what": what, "ours": ours, "baseline": baseline, "limit": _median_ms(arrays), "unit": "ms", "n": RUNS}]


def _tick(tree: UnitTree, rows: list[Row]) -> list[BenchRow]:
    board = Board(tree, NOW)
    board.apply(rows, CASES)
    turns = iter(range(2, 10_000))

    def ours() -> None:
        version = next(turns)
        board.apply([r._replace(version=version) for r in rows[:CHANGED]], CASES + version)

    objects = {r.case: r for r in rows}

    def dictionary() -> None:
        objects.update({r.case: r for r in rows[:CHANGED]})
        counts: dict[Any, int] = {}
        for r in objects.values():
            key = (r.grid, r.stage)
            counts[key] = counts.get(key, 0) + 1

    slots = np.arange(CHANGED)
    columns = {name: column[slots].copy() for name, column in board.col.items()}

    def assign() -> None:
        for name, values in columns.items():
            board.col[name][slots] = values

    limit = _median_ms(assign, 20)
    turn = _median_ms(lambda: board.turn(NOW + next(turns)), 20)
    return [
        {"what": "apply 1,000 changed cases and keep all counts", "ours": _median_ms(ours, 20), "baseline": _median_ms(dictionary),
         "limit": limit, "unit": "ms", "n": 20},
        {"what": "let a second pass: lights of 100,000 cases", "ours": turn, "baseline": None, "limit": None, "unit": "ms", "n": 20},
    ]  # fmt: skip
