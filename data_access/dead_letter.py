"""The dead letters (port DeadLetters)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, func, select, update

from dashboard.clock import wall_ms
from data_access import table as t


class SqlDeadLetters:
    """Each method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._read, self._write = engine, engine.execution_options(write=True)

    def newest(self, limit: int) -> Iterator[dict[str, Any]]:
        """Newest first."""
        with self._read.begin() as c:
            yield from (dict(r) for r in c.execute(select(t.dead_letter).order_by(t.dead_letter.c.at.desc()).limit(limit)).mappings())

    def of_entry(self, entry: str) -> list[dict[str, Any]]:
        """The letters of an entry: streams number their entries alike, so there may be several."""
        with self._read.begin() as c:
            return [dict(r) for r in c.execute(select(t.dead_letter).where(t.dead_letter.c.entry == entry)).mappings()]

    def mark_redriven(self, stream: str, entry: str) -> None:
        """The letter stays, but a repeat of its event is new again."""
        mine = (t.dead_letter.c.stream == stream) & (t.dead_letter.c.entry == entry)
        with self._write.begin() as c:
            c.execute(update(t.dead_letter).where(mine).values(redriven=wall_ms(), source=None, event_id=None))

    def mark_waiting(self, letter: dict[str, Any]) -> None:
        """The letter as it was: its entry could not be sent again."""
        mine = (t.dead_letter.c.stream == letter["stream"]) & (t.dead_letter.c.entry == letter["entry"])
        with self._write.begin() as c:
            c.execute(update(t.dead_letter).where(mine).values({n: letter[n] for n in ("redriven", "source", "event_id")}))

    def counts(self) -> tuple[int, int]:
        with self._read.begin() as c:
            letters, orphans = (c.execute(select(func.count()).select_from(table)).scalar() or 0 for table in (t.dead_letter, t.orphan))
            return letters, orphans
