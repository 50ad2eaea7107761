"""Plays a stream of events as a source would: first all that is due, then each at its time, with a heartbeat every second."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from dashboard.clock import SECOND, Clock
from dashboard.simulate.city import SEED
from dashboard.simulate.envelope import heartbeat
from dashboard.simulate.pace import Pace

CHUNK = 1000
BACKLOG = 10_000
"""Reports that may wait for the engine; a source that sends faster waits."""
RESEND = 5 * SECOND
"""A restarted source sends the last seconds again: the streams may have lost one at a power failure."""
SAVE_EVERY = 2.0


class Sink(Protocol):
    """Where events go (data_access Inbox)."""

    def report(self, events: Sequence[bytes]) -> None: ...
    def backlog(self) -> int: ...


class Beside(Protocol):
    """What happens beside the events that are played (dashboard/simulate/beside.py)."""

    def turn(self, at: int) -> bool:
        """Does what is due at `at` (ms of the stream); whether the source may speak."""


class Progress:
    """What a player remembers over restarts: a small JSON file, or nothing at all without a path.

    `left`: until when (ms) an earlier day was played whose open cases are still to be ended; 0 when there is none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.start, self.sent, self.left, self.seed = 0, 0, 0, SEED
        if path is not None and path.exists():
            stored = {"seed": 0, "left": 0} | json.loads(path.read_text())
            self.start, self.sent, self.left, self.seed = (stored[name] for name in ("start", "sent", "left", "seed"))

    def renew(self, start: int) -> None:
        """Another day begins at `start`: the one before was left."""
        self.start, self.sent, self.left, self.seed = start, 0, self.sent, self.seed + 1
        self.save()

    def save(self) -> None:
        if self._path is None:
            return
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps({name: getattr(self, name) for name in ("start", "sent", "left", "seed")}))
        new.replace(self._path)


class Player:
    """`events` in time order; `sources` beat at the stream's time. `sent` (ms): everything before it was sent in an earlier life."""

    def __init__(
        self, sink: Sink, clock: Clock, sources: Sequence[str], progress: Progress, stopped: Callable[[], bool],
        beside: Sequence[Beside] = (),
    ) -> None:  # fmt: skip
        self._sink, self._clock, self._sources, self._progress = sink, clock, sources, progress
        self._stopped, self._beside = stopped, beside
        self._saved = self._beaten = 0.0

    def fill(self, events: Iterator[tuple[int, bytes]], until: int, progress: Callable[[int], None]) -> tuple[int, bytes] | None:
        """Sends all up to `until` (ms) as fast as the engine takes them; returns the first event beyond.

        `progress` is told how many events have been passed.
        """
        chunk: list[bytes] = []
        resend_from = self._progress.sent - RESEND
        at = self._progress.sent
        for passed, (at, body) in enumerate(events):
            if at > until or self._stopped():
                self._send(chunk, min(at, until))
                self._drain()
                self._progress.sent = max(self._progress.sent, min(at, until))
                self._progress.save()
                return at, body
            if at >= resend_from:
                chunk.append(body)
            if len(chunk) >= CHUNK:
                self._send(chunk, at)
                chunk = []
                progress(passed)
        self._send(chunk, at)
        return None

    def _drain(self) -> None:
        """The day is filled when the engine has taken it in, not when it has been sent."""
        while self._sink.backlog() > 0 and not self._stopped():
            time.sleep(0.02)

    def _send(self, chunk: list[bytes], reached: int) -> None:
        """A heartbeat says up to when everything has been told: before the backlog is sent that is not now."""
        while chunk and self._sink.backlog() > BACKLOG and not self._stopped():
            time.sleep(0.02)
        self._sink.report(chunk)
        self._beat(reached)

    def live(
        self, first: tuple[int, bytes] | None, events: Iterator[tuple[int, bytes]], pace: Pace,
        fit: Callable[[list[bytes]], list[bytes]] = list,
    ) -> None:  # fmt: skip
        """Sends each event when it is due, for ever; `fit` says what of it is still to be sent, and how."""
        upcoming = first
        while not self._stopped():
            reached = pace.reached(self._clock.wall())
            allow = [beside.turn(int(reached)) for beside in self._beside]
            if not all(allow):
                time.sleep(0.2)
                continue
            due: list[bytes] = []
            while upcoming is not None and upcoming[0] <= reached:
                due.append(upcoming[1])
                upcoming = next(events, None)
            if due:
                self._sink.report(fit(due))
            self._progress.sent = max(self._progress.sent, int(reached))
            self._beat(int(reached))
            time.sleep(min(0.2, pace.wait(upcoming[0], self._clock.wall())) if upcoming else 0.2)

    def _beat(self, at: int) -> None:
        now = time.monotonic()
        if now - self._beaten >= 1.0:
            self._beaten = now
            self._sink.report([heartbeat(source, at) for source in self._sources])
        if now - self._saved >= SAVE_EVERY:
            self._saved = now
            self._progress.save()
