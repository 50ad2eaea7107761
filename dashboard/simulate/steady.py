"""A sink that waits while its stream is away, so that a source goes on where it stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from dashboard.ports.away import Away
from dashboard.ports.stream import Inbox
from dashboard.process.backoff import Backoff

T = TypeVar("T")


class Steady:
    """Sends again until it is taken: an event's id makes a repeat harmless."""

    def __init__(self, sink: Inbox, backoff: Backoff, stopped: Callable[[], bool]) -> None:
        self._sink, self._backoff, self._stopped = sink, backoff, stopped

    def report(self, events: Sequence[bytes]) -> None:
        self.patiently(lambda: self._sink.report(events))

    def backlog(self) -> int:
        """0 when the process is to stop before anybody answers."""
        return self.patiently(self._sink.backlog) or 0

    def command(self, body: bytes) -> None:
        self.patiently(lambda: self._sink.command(body))

    def patiently(self, attempt: Callable[[], T]) -> T | None:
        """What it gives, however long it takes; None when it is away and the process is to stop. One attempt is made in any case."""
        while True:
            try:
                done = attempt()
            except Away as e:
                self._backoff.wait(e)
                if self._stopped():
                    return None
            else:
                self._backoff.over()
                return done
