"""The life of the demo city as a stream of events: what is already open at the start, then one day after another."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from dashboard.simulate.city import City
from dashboard.simulate.course import course
from dashboard.simulate.envelope import DAY, heartbeat
from dashboard.simulate.report import VOIDED, Reports, day_of, reports
from dashboard.simulate.scene import Scene

__all__ = ["heartbeat", "play"]

STOCK_DAYS = 20
STOCK = 15_000
"""Three quarters of the 20,000 that the flow of reports sustains: a day later 16,000 to 17,000 are open."""


def play(city: City, seed: int, start: int, stock: int = STOCK) -> Iterator[tuple[int, bytes]]:
    """Endless (time ms, CloudEvent bytes) in time order; the same arguments give the same bytes.

    First the events so far of up to `stock` cases that were reported in the 20 days before `start` (ms since 1970
    UTC) and are open then, at their own times; then, from `start` on, everything. A date's reports do not depend on
    `start`, so two runs that overlap send the same ids and subjects.
    """
    scene = Scene(city, seed)
    queue = _Queue()
    for past, i in _stock(scene, seed, start, stock):
        queue.add(course(scene, past, i))
    day = day_of(start)
    while True:
        today = reports(scene, seed, day)
        for i, time in enumerate(today.time.tolist()):
            if time >= start:
                yield from queue.before(time)
                queue.add(course(scene, today, i))
        day += 1


class _Queue:
    """Events to come, by time; equal times in the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, bytes]] = []
        self._added = 0

    def add(self, events: list[tuple[int, bytes]]) -> None:
        for time, data in events:
            self._added += 1
            heappush(self._heap, (time, self._added, data))

    def before(self, time: int) -> Iterator[tuple[int, bytes]]:
        heap = self._heap
        while heap and heap[0][0] < time:
            at, _, data = heappop(heap)
            yield at, data


def _stock(scene: Scene, seed: int, start: int, stock: int) -> list[tuple[Reports, int]]:
    """Up to `stock` reports of the last 20 days whose cases are open at `start`, in time order."""
    days = [reports(scene, seed, day) for day in range(day_of(start - STOCK_DAYS * DAY), day_of(start) + 1)]
    open_ = [np.flatnonzero(_open(day, start)) for day in days]
    # the last digits of the ids choose: fixed for a case, and independent of everything that it does
    draw = np.concatenate([day.random[which, -4:].copy().view(np.uint32)[:, 0] for day, which in zip(days, open_, strict=True)])
    chosen = np.zeros(len(draw), dtype=bool)
    chosen[np.argsort(draw, kind="stable")[:stock]] = True
    parts = np.split(chosen, np.cumsum([len(which) for which in open_])[:-1])
    return [(day, int(i)) for day, which, part in zip(days, open_, parts, strict=True) for i in which[part]]


def _open(day: Reports, start: int) -> NDArray[np.bool_]:
    """(n,) whether a case is open at `start` and was reported in the STOCK_DAYS before; a voided one is soon over."""
    recent = (day.time >= start - STOCK_DAYS * DAY) & (day.time < start)
    return np.asarray(recent & (day.time + day.total > start) & (day.chance[:, 0] >= VOIDED))
