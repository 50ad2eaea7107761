"""What the clocks of 100,000 cases cost per tick: due, amber (80% of the limit), time used and light, all from the events' instants.

ours: the Ruler on columns; baseline: a plain loop over the pure Calendar, timed on 2,000 of the cases and scaled up by 50;
limit: the same pass in numpy with wall time, without any calendar.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks import BenchRow, tick
from dashboard.cases.case import AMBER_FROM
from dashboard.cases.stage import Light
from dashboard.clock import DAY, HOUR
from dashboard.clocks.calendar import Calendar, Mode
from dashboard.clocks.ruler import Ruler

CASES, SAMPLE, RUNS = 100_000, 2_000, 7
NOW = 1_795_132_800_000
SHARES: Mapping[str, Mapping[Mode, float]] = {
    "half 24x7, a third work_hours, a sixth work_days": {"24x7": 1 / 2, "work_hours": 1 / 3, "work_days": 1 / 6},
    "all work_hours": {"work_hours": 1},
}
Column = NDArray[np.int64]
Cases = list[tuple[Mode, Column, Column]]
"""Columns by mode, as a board keeps them: start and limit (ms of the mode)."""


def run() -> list[BenchRow]:
    calendar = Calendar("Asia/Shanghai")
    ruler = Ruler(calendar, 2025, 2028)
    built = _median_ms(lambda: Ruler(calendar, 2025, 2028))
    rows = [_tick(name, shares, calendar, ruler) for name, shares in SHARES.items()]
    start: BenchRow = {"what": "build a ruler of 4 years", "ours": built, "baseline": None, "limit": None, "unit": "ms", "n": RUNS}
    return [*rows, start, *tick.run()]


def _tick(name: str, shares: Mapping[Mode, float], calendar: Calendar, ruler: Ruler) -> BenchRow:
    cases = _cases(shares)
    ours = _median_ms(lambda: [_lights(ruler, *c) for c in cases])
    limit = _median_ms(lambda: [_wall(start, amount) for _, start, amount in cases])
    step = CASES // SAMPLE
    sample: Cases = [(mode, start[::step], amount[::step]) for mode, start, amount in cases]
    _check(calendar, ruler, sample)
    baseline = round(_median_ms(lambda: [_loop(calendar, *c) for c in sample], 3) * CASES / sum(len(s) for _, s, _ in sample), 2)
    what = f"due, amber, time used and light of 100,000 cases, {name}"
    return {"what": what, "ours": ours, "baseline": baseline, "limit": limit, "unit": "ms", "n": RUNS}


def _cases(shares: Mapping[Mode, float]) -> Cases:
    """Limits of 2 h to 30 days, reported in the last 60 days, in no order."""
    rng = np.random.default_rng(1)
    sizes = {mode: round(CASES * share) for mode, share in shares.items()}
    return [(mode, NOW - rng.integers(0, 60 * DAY, n), rng.integers(2 * HOUR, 30 * 7 * HOUR, n)) for mode, n in sizes.items()]


def _lights(ruler: Ruler, mode: Mode, start: Column, amount: Column) -> tuple[Column, Column, Column, Column]:
    due = ruler.add(mode, start, amount)
    amber = ruler.add(mode, start, (amount * AMBER_FROM).astype(np.int64))
    return due, amber, ruler.elapsed(mode, start, NOW), _light(due, amber)


def _wall(start: Column, amount: Column) -> tuple[Column, Column, Column, Column]:
    due, amber = start + amount, start + (amount * AMBER_FROM).astype(np.int64)
    return due, amber, np.maximum(NOW - start, 0), _light(due, amber)


def _light(due: Column, amber: Column) -> Column:
    return np.where(due < NOW, int(Light.red), np.where(amber <= NOW, int(Light.amber), int(Light.green)))


def _loop(calendar: Calendar, mode: Mode, start: Column, amount: Column) -> list[tuple[int, int, int, int]]:
    found = []
    for begin, own in zip(start.tolist(), amount.tolist(), strict=True):
        due, amber = calendar.add(mode, begin, own), calendar.add(mode, begin, int(own * AMBER_FROM))
        light = Light.red if due < NOW else Light.amber if amber <= NOW else Light.green
        found.append((due, amber, calendar.elapsed(mode, begin, NOW), int(light)))
    return found


def _check(calendar: Calendar, ruler: Ruler, sample: Cases) -> None:
    """A benchmark of a wrong answer says nothing."""
    for c in sample:
        assert list(zip(*(x.tolist() for x in _lights(ruler, *c)), strict=True)) == _loop(calendar, *c)


def _median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took), 2)
