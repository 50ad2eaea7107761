"""Answers that may be a little old, so that a crowd of screens costs no more than one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from dashboard.clock import SECOND, wall_ms

KEPT_MS = 60 * SECOND
"""How old an answer may be; it says itself when it was made, where that matters."""

T = TypeVar("T")


class Cache(Generic[T]):
    """An answer that is made at most once a minute and worker, whoever asks."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make, self._lock = make, asyncio.Lock()
        self._made: tuple[int, T] | None = None

    async def get(self) -> T:
        async with self._lock:
            if self._made is None or wall_ms() - self._made[0] > KEPT_MS:
                self._made = (wall_ms(), await self._make())
            return self._made[1]
