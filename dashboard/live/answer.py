"""The way of a command: into the stream, and back as what the engine made of it; and whether the engine answers at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dashboard.clock import SECOND
from dashboard.engine.change import Change
from dashboard.ports.away import Away

MOST = 5_000
"""Commands of one worker that may wait at once; the rest is refused at once."""
HELD_AGAINST = 60 * SECOND
"""For so long an unanswered command counts against the engine: one that was lost with its stream is never answered."""


class Unsent(RuntimeError):
    """A command that was certainly not put into the stream: `why` with its `values`, as a refusal has them."""

    def __init__(self, why: str, **values: Any) -> None:
        super().__init__(why)
        self.why, self.values = why, values


class Answers:
    """Commands of this worker by id. `put` appends one to the stream; `ticks` is a steady clock in ms."""

    def __init__(self, put: Callable[[bytes], Awaitable[None]], ticks: Callable[[], int]) -> None:
        self._put, self._ticks = put, ticks
        self._waiting: dict[str, list[asyncio.Future[Change]]] = {}
        self._count = 0
        self._late = 0
        self._late_at = 0

    def __len__(self) -> int:
        """Commands that wait."""
        return self._count

    async def send(self, command_id: str, body: bytes, seconds: float) -> Change | None:
        """Puts it into the stream and waits for the answer; None: none came in time.

        Raises Unsent when it was certainly not put there, Away when it may have been: both may be sent again with the same id.
        """
        seconds_now = asyncio.get_running_loop().time
        end = seconds_now() + seconds
        with self._expected(command_id) as waiting:
            await self._enter(body, seconds)
            await asyncio.wait({waiting}, timeout=max(0.0, end - seconds_now()))
            if not waiting.done():
                self._late, self._late_at = self._late + 1, self._ticks()
                return None
            return waiting.result()

    async def _enter(self, body: bytes, seconds: float) -> None:
        """An entry on its way is never cancelled, only waited for no longer: nobody could say whether it was written."""
        putting = asyncio.ensure_future(self._put(body))
        await asyncio.wait({putting}, timeout=seconds)
        if not putting.done():
            putting.add_done_callback(_read)
            raise Away("redis", f"no answer for {seconds:.0f} s")
        try:
            putting.result()
        except Away as e:
            if e.full:
                raise Unsent("redis_full") from e
            raise

    @contextmanager
    def _expected(self, command_id: str) -> Iterator[asyncio.Future[Change]]:
        """The answer to come. Others may wait for the same command. Raises Unsent when too many wait."""
        if self._count >= MOST:
            raise Unsent("busy", n=self._count, limit=MOST)
        waiting: asyncio.Future[Change] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(command_id, []).append(waiting)
        self._count += 1
        try:
            yield waiting
        finally:
            self._count -= 1
            self._forget(command_id, waiting)

    def _forget(self, command_id: str, waiting: asyncio.Future[Change]) -> None:
        others = [f for f in self._waiting.pop(command_id, ()) if f is not waiting]
        if others:
            self._waiting[command_id] = others

    def take(self, change: Change) -> None:
        """An answer, whoever asked: the engine decides commands."""
        self._late = 0
        for waiting in self._waiting.pop(change.cause or "", ()):
            if not waiting.done():
                waiting.set_result(change)

    @property
    def unanswered(self) -> int:
        """Commands without an answer in time since the last answer to any command."""
        return self._late if self._ticks() - self._late_at < HELD_AGAINST else 0


def _read(done: asyncio.Future[None]) -> None:
    """Whoever waited has been told already."""
    if not done.cancelled():
        done.exception()
