"""What one worker cannot have now, Redis or the database, and how its tasks wait until they can (house rule 10)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import msgspec

from dashboard.ports.away import Away

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

HANGS = 5.0
"""Seconds without an answer after which a database counts as away, though it has refused nothing."""
FIRST, LONGEST = 0.2, 2.0
"""Seconds of the first and the longest pause between two attempts."""


class Cause(msgspec.Struct, frozen=True):
    """Why a screen or /readyz is not as it should be: a key with its values; the words are the screen's."""

    why: str
    values: dict[str, Any] = {}


def pauses() -> Iterator[float]:
    """Seconds to wait before each attempt, for ever; jittered, so that all workers do not come back in the same moment."""
    pause = FIRST
    while True:
        yield pause * random.uniform(0.5, 1)
        pause = min(LONGEST, pause * 2)


class Outages:
    """Which tasks miss what. `ticks` is a steady clock in ms."""

    def __init__(self, ticks: Callable[[], int]) -> None:
        self._ticks = ticks
        self._missing: dict[tuple[str, str], int] = {}
        # Threads of our own: behind a database that hangs, those of the pages are all taken.
        self._threads = ThreadPoolExecutor(4, "feed")
        self.met = asyncio.Event()
        """Set when anything was away for the first time."""

    def begin(self, task: str, what: str, why: str) -> None:
        """This task misses it from now on."""
        if (task, what) not in self._missing:
            self._missing[task, what] = self._ticks()
            log.warning("%s: %s is away (%s)", task, what, why)
        self.met.set()

    def end(self, task: str) -> None:
        """This task has what it needs."""
        for key in [key for key in self._missing if key[0] == task]:
            log.warning("%s: %s is back after %d ms", task, key[1], self._ticks() - self._missing.pop(key))

    def has(self, what: str) -> bool:
        return any(missed == what for _, missed in self._missing)

    def causes(self) -> list[Cause]:
        """What is away, and for how many ms."""
        since: dict[str, int] = {}
        for (_, what), at in self._missing.items():
            since[what] = min(at, since.get(what, at))
        return [Cause(what, {"ms": self._ticks() - since[what]}) for what in ("redis", "database") if what in since]

    async def through(self, task: str, work: Callable[[], Awaitable[T]]) -> T:
        """Does the work, and does it again while what it needs is away."""
        for pause in pauses():
            try:
                result = await work()
            except Away as e:
                self.begin(task, e.what, e.why)
                await asyncio.sleep(pause)
            else:
                self.end(task)
                return result
        raise AssertionError("pauses never end")

    async def ask(self, task: str, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Asks the database off the event loop, again and again while it is away. One that hangs is told, and waited for."""
        return await self.through(task, partial(self._once, task, partial(question, *args, **kwargs)))

    async def _once(self, task: str, question: Callable[[], T]) -> T:
        answer = asyncio.get_running_loop().run_in_executor(self._threads, question)
        await asyncio.wait({answer}, timeout=HANGS)
        if not answer.done():
            self.begin(task, "database", f"no answer for {HANGS:.0f} s")
        return await answer

    def close(self) -> None:
        self._threads.shutdown(wait=False)
