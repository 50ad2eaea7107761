"""Messages that went wrong and were left out: the next one is taken."""

from __future__ import annotations

import logging

from dashboard.clock import SECOND, Clock

log = logging.getLogger(__name__)


class Skipped:
    """Counts them, and tells at most once a second: who floods a channel does not fill the disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._told = clock, 0
        self.count = 0

    def add(self, where: str, error: Exception) -> None:
        self.count += 1
        if self._clock.ticks() - self._told >= SECOND:
            self._told = self._clock.ticks()
            log.warning("a message of %s was skipped (%d so far): %s: %.200s", where, self.count, type(error).__name__, error)
