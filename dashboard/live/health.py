"""How one worker is: what is away, how far its board is behind, and the engine behind its streams. /readyz and the screens say it."""

from __future__ import annotations

from dashboard.clock import SECOND, Clock
from dashboard.live.answer import Answers
from dashboard.live.outage import Cause, Outages
from dashboard.live.pulse import Pulse
from dashboard.ports.stream import Backlog

LONG = 5 * SECOND
"""For longer nothing lies pending, and no board is behind, while all is well."""
MUCH = 10_000
"""Entries that wait from which it is a backlog."""


class Health:
    """Judges by what the worker's other parts know; all durations in ms of the steady clock."""

    def __init__(self, clock: Clock, outages: Outages, pulse: Pulse, answers: Answers) -> None:
        self._clock, self._outages, self._pulse, self._answers = clock, outages, pulse, answers
        self._engine_pos = self._board_pos = 0
        self._level_at = self._shown_at = clock.ticks()
        self._before = self.backlog = Backlog()

    def engine_at(self, pos: int) -> None:
        """How far the engine has committed."""
        self._engine_pos = pos
        self._note()

    def board_at(self, pos: int) -> None:
        """How far the board is."""
        self._board_pos = pos
        self._note()

    def measured(self, backlog: Backlog) -> None:
        """What waits in the streams, as asked once a second."""
        self._before, self.backlog = self.backlog, backlog
        self._note()

    def _note(self) -> None:
        now = self._clock.ticks()
        if self._behind == 0:
            self._shown_at = now
        if self.lag_events == 0:
            self._level_at = now

    @property
    def _behind(self) -> int:
        return max(0, self._engine_pos - self._board_pos)

    @property
    def lag_events(self) -> int:
        """Events that the board does not show yet, and entries that wait in the streams. A heartbeat on its way is an entry too: only
        what was there at both of the last two times counts.
        """
        return self._behind + min(b.waiting + b.pending for b in (self._before, self.backlog))

    @property
    def lag_ms(self) -> int:
        """For how long it has not been level."""
        return 0 if self.lag_events == 0 else self._clock.ticks() - self._level_at

    def causes(self) -> list[Cause]:
        """Why what is shown may be old, or what is asked may fail. Without Redis nobody knows whether the engine lives."""
        deaf = self._outages.has("redis")
        return self._outages.causes() + [cause for cause in self._pulse.causes() if not (deaf and cause.why == "engine")]

    def reasons(self, limit_ms: int) -> list[str]:
        """Keys of why a worker is not ready; none when it is. `limit_ms`: the age from which the feed is too old."""
        age, backlog = self._pulse.age(), self.backlog
        wrong = {
            "commands": self._answers.unanswered > 0,
            "pending": backlog.oldest_pending_ms > LONG,
            "backlog": backlog.waiting > MUCH,
            "behind": self._behind > 0 and self._clock.ticks() - self._shown_at > LONG,
            "feed_unknown": age is None,
            "feed_old": age is not None and age > limit_ms,
        }
        causes = [cause.why for cause in self.causes() if cause.why != "clock_moved"]
        return causes + [key for key, is_so in wrong.items() if is_so]

    def figures(self) -> dict[str, float]:
        """For /metrics. An age that is unknown is not a number."""
        age = self._pulse.age()
        backlog = {"backlog": self.backlog.waiting, "pending": self.backlog.pending, "oldest_pending_ms": self.backlog.oldest_pending_ms}
        away = {f"away_{what}": int(self._outages.has(what)) for what in ("redis", "database")}
        commands = {"commands_waiting": len(self._answers), "commands_unanswered": self._answers.unanswered}
        lag = {"lag_events": self.lag_events, "lag_ms": self.lag_ms, "feed_age_ms": float("nan") if age is None else age}
        return lag | backlog | away | commands | {"engine_epoch": self._pulse.epoch}
