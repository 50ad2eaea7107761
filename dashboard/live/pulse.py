"""What one worker knows of the engine by its beats. Measured by the steady clock: nobody's setting of a clock makes old data young."""

from __future__ import annotations

from collections import deque

from dashboard.clock import SECOND, Clock
from dashboard.engine.change import Beat
from dashboard.live.outage import Cause

ENGINE_SILENT = 3 * SECOND
"""An engine beats every second; longer silence means that it is gone and everything shown grows old."""
RESTARTS, WITHIN = 3, 60 * SECOND
"""An engine that starts so often in so short a time does not come up."""
MOST_SOURCES = 20
"""Sources that a screen names; more are not read by anybody."""


class Pulse:
    """All ages in ms."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.ticks()
        self._beat_at: int | None = None
        self._source_at = 0
        self._beat = Beat(None, 0)
        self._starts: deque[int] = deque(maxlen=RESTARTS)
        self.epoch = 0

    def take(self, beat: Beat, late: int = 0) -> None:
        """A beat that may have lain in the stream for `late` ms before this worker read it."""
        now = self._clock.ticks() - late
        self._count_restarts(beat.epoch)
        self._beat, self._beat_at = beat, now
        self._source_at = now - max(0, self._silence(beat))

    def _silence(self, beat: Beat) -> int:
        """How long no source had been heard; where none ever was, the engine's own beat is what is heard."""
        if beat.silent_ms is not None:
            return beat.silent_ms
        return 0 if beat.heard is None else self._clock.wall() - beat.heard

    def _count_restarts(self, epoch: int) -> None:
        """An engine that dies before it beats has still taken an epoch."""
        if self.epoch and epoch > self.epoch:
            self._starts.extend([self._clock.ticks()] * min(epoch - self.epoch, RESTARTS))
        self.epoch = epoch or self.epoch

    def age(self) -> int | None:
        """Age of the newest source message; of the engine's last beat when no source was ever heard; None: no beat was heard."""
        return None if self._beat_at is None else max(0, self._clock.ticks() - self._source_at)

    def causes(self) -> list[Cause]:
        """What is wrong, or unusual, with the engine: by key, with its values."""
        return [*self._silent(), *self._restarting(), *self._awaiting(), *self._moved()]

    def _silent(self) -> list[Cause]:
        silent = self._clock.ticks() - (self._began if self._beat_at is None else self._beat_at)
        return [Cause("engine", {"ms": silent})] if silent > ENGINE_SILENT else []

    def _restarting(self) -> list[Cause]:
        now = self._clock.ticks()
        looping = len(self._starts) == RESTARTS and now - self._starts[0] <= WITHIN
        return [Cause("engine_restarts", {"n": RESTARTS, "seconds": WITHIN // SECOND})] if looping else []

    def _awaiting(self) -> list[Cause]:
        sources = self._beat.awaited
        return [Cause("awaited", {"sources": sources[:MOST_SOURCES], "until": self._beat.awaited_until})] if sources else []

    def _moved(self) -> list[Cause]:
        return [Cause("clock_moved", {"ms": self._beat.clock_moved})] if self._beat.clock_moved else []
