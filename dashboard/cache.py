"""Answers that are made once for many who ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from dashboard.clock import SECOND, wall_ms

LASTS_MS = 60 * SECOND
"""How old a `TimedCache`'s answer may be; it says itself when it was made, where that matters."""

K = TypeVar("K")
T = TypeVar("T")


class KeyedCache(Generic[K, T]):
    """The newest answer to one question, made anew when what it is made of has another key: a stamp, a tree of units, a day."""

    def __init__(self) -> None:
        self._made: tuple[K, T] | None = None

    def known(self, key: K) -> T | None:
        """The answer where it is made already: asking for it waits for nothing."""
        made = self._made
        return made[1] if made is not None and made[0] == key else None

    def get(self, key: K, make: Callable[[], T]) -> T:
        made = self._made
        if made is None or made[0] != key:
            made = self._made = (key, make())
        return made[1]


class TimedCache(Generic[T]):
    """An answer that is made at most once a minute and worker, whoever asks: a crowd of screens costs no more than one."""

    def __init__(self, make: Callable[[], Awaitable[T]]) -> None:
        self._make, self._lock = make, asyncio.Lock()
        self._made: tuple[int, T] | None = None

    async def get(self) -> T:
        async with self._lock:
            if self._made is None or wall_ms() - self._made[0] > LASTS_MS:
                self._made = (wall_ms(), await self._make())
            return self._made[1]
