"""Work that costs time, in turns: off the event loop, and no account can take every thread."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import ParamSpec, TypeVar

from callbacks.problem import Problem
from dashboard.ports.away import Away

AT_ONCE = 4
"""Pieces of work of one account that run at the same time."""
WAITING = 256
"""Pieces that may wait for their turn: 64 walls of one account that load again together ask for some three each."""
PATIENCE = 8.0
"""Seconds that a piece waits for its turn."""
ANSWERED_IN = 10.0
"""Seconds after which a piece counts as hanging: the database is frozen. Its thread cannot be ended, who asked is told."""
THREADS = 8

P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """One a worker; counts by account."""

    def __init__(
        self, at_once: int = AT_ONCE, waiting: int = WAITING, patience: float = PATIENCE, threads: int = THREADS,
        answered_in: float = ANSWERED_IN,
    ) -> None:  # fmt: skip
        self._at_once, self._most, self._patience, self._answered_in = at_once, at_once + waiting, patience, answered_in
        self._running: dict[str, int] = {}
        self._hanging = Counter[str]()
        self._queues: dict[str, list[asyncio.Future[None]]] = {}
        self._pool = ThreadPoolExecutor(threads, "work")

    async def run(self, who: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives. Raises Problem 429 when this account has too much under way, Away when there is no answer in time."""
        await self._turn(who)
        loop, context = asyncio.get_running_loop(), copy_context()
        try:
            done: Future[T] = self._pool.submit(context.run, work, *args, **kwargs)  # type: ignore[arg-type]
        except RuntimeError:
            self._next(who)
            raise
        # The turn ends with the work, not with the request: who hangs up and asks again would have more threads than are his.
        done.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(self._next, who))
        answer = asyncio.wrap_future(done)
        try:
            return await asyncio.wait_for(answer, self._answered_in)
        except TimeoutError:
            if not answer.cancelled():  # an error of the work's own
                raise
            self._hang(who, done)
            raise self._no_answer() from None

    def _hang(self, who: str, work: Future[T]) -> None:
        """Counts it until it ends; what had not begun was taken back."""
        if not work.cancelled():
            loop = asyncio.get_running_loop()
            self._hanging[who] += 1
            work.add_done_callback(lambda _: loop.is_closed() or loop.call_soon_threadsafe(self._hanging.subtract, (who,)))

    def _no_answer(self) -> Away:
        return Away("database", f"no answer for {self._answered_in:.0f} s")

    async def _turn(self, who: str) -> None:
        if self._hanging[who] >= self._at_once:
            raise self._no_answer()
        if self._running.get(who, 0) < self._at_once:
            self._running[who] = self._running.get(who, 0) + 1
            return
        queue = self._queues.setdefault(who, [])
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if len(queue) + self._at_once >= self._most:
            raise _busy()
        queue.append(mine)
        try:
            await asyncio.wait_for(mine, self._patience)
        except TimeoutError:
            raise _busy() from None
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._next(who)  # the turn came in the moment in which its request went
            raise
        finally:
            if mine in queue:
                queue.remove(mine)
            if not queue:
                self._queues.pop(who, None)

    def _next(self, who: str) -> None:
        """Hands the turn on to the one that waits longest."""
        for waiting in self._queues.get(who, ()):
            if not waiting.done():
                waiting.set_result(None)
                return
        self._running[who] -= 1
        self._hanging += Counter()  # drops those at zero
        if not self._running[who]:
            del self._running[who]


def _busy() -> Problem:
    return Problem(429, "Too many", f"at most {AT_ONCE} such requests of one account run at once; wait for answers before asking again", 2)


TURNS = Turns()


async def in_turn(who: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`work` in a thread, in the turn of this account (id). Raises Problem 429, Away."""
    return await TURNS.run(who, work, *args, **kwargs)
