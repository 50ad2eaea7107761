"""Who tells of cases: when each source was last heard, and after a downtime which of them have not had their say yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.cases.event import Event
from dashboard.clock import MINUTE, SECOND
from dashboard.ports.ledger import FAMILIAR, MOST_SOURCES, SourceSeen

DOWNTIME = MINUTE
"""After a downtime longer than this nobody knows what happened meanwhile: timers wait for the sources."""
ALIVE = 10 * MINUTE
"""Sources that were heard within this time before the silence are waited for."""
CAUGHT_UP = MINUTE
"""A source has had its say when what it tells is at most this much older than the start."""
SILENCE = 2 * MINUTE
"""A source that says nothing for this long is waited for no longer."""
WAIT_AT_MOST = 15 * MINUTE


class Sources:
    """One engine's view. All arguments in ms: `now` as the clock means it, `wall` of the machine, `ticks` of its steady clock.

    `down`: for how long no engine had listened before this one.
    """

    def __init__(self, seen: Iterable[SourceSeen], down: int, now: int, ticks: int) -> None:
        self.seen = {s.source: s for s in seen}
        self.newest = max((s.event_at for s in self.seen.values()), default=0)
        """The newest event time of any source."""
        self.heard = max((s.heard for s in self.seen.values()), default=None)
        """When (wall) any source was last heard."""
        self._heard_ticks: int | None = None
        self._start, self._start_ticks = now, ticks
        self._said = dict.fromkeys(self._left_off(down, now), ticks)

    def _left_off(self, down: int, now: int) -> list[str]:
        """The sources that were alive when everything stopped; none where it did not stop for long, or where time stopped with it."""
        if not self.seen or down <= DOWNTIME or now - self.newest <= DOWNTIME:
            return []
        last = max(s.heard for s in self.seen.values())
        return [s.source for s in self.seen.values() if s.heard > last - ALIVE]

    def silent_ms(self, ticks: int, wall: int) -> int | None:
        """For how long no source has been heard; by the steady clock, unless none was since the start."""
        if self._heard_ticks is not None:
            return ticks - self._heard_ticks
        return None if self.heard is None else max(ticks - self._start_ticks, wall - self.heard)

    def told(self, events: Sequence[Event], wall: int) -> list[SourceSeen]:
        """What these events change of what is known of their sources."""
        said: dict[str, list[int]] = {}
        for event in events:
            said.setdefault(event.source, []).append(event.at)
        return [self._renewed(source, times, wall) for source, times in said.items()]

    def _renewed(self, source: str, times: list[int], wall: int) -> SourceSeen:
        before = self.seen.get(source) or SourceSeen(source, 0, 0, 0)
        return SourceSeen(source, wall, max(before.event_at, max(times)), before.entries + len(times))

    def take(self, renewed: Iterable[SourceSeen], ticks: int) -> None:
        """What is committed is known."""
        for source in renewed:
            self.seen[source.source] = source
            self.newest = max(self.newest, source.event_at)
            self.heard = source.heard if self.heard is None else max(self.heard, source.heard)
            self._heard_ticks = ticks
            if source.source in self._said:
                self._said[source.source] = ticks
        if len(self.seen) > 2 * MOST_SOURCES:
            self._forget()

    def _forget(self) -> None:
        """Anybody can make up names without end: those are kept that have said much, and said it lately."""
        kept = sorted(self.seen.values(), key=lambda s: (s.source in self._said, s.entries >= FAMILIAR, s.heard), reverse=True)
        self.seen = {s.source: s for s in kept[:MOST_SOURCES]}

    def awaited(self, ticks: int) -> list[str]:
        """Sources that were alive before a downtime, have not caught up and are not given up: until then nothing is declared broken."""
        if ticks - self._start_ticks > WAIT_AT_MOST:
            self._said.clear()
        for source, said in list(self._said.items()):
            if self.seen[source].event_at >= self._start - CAUGHT_UP or ticks - said > SILENCE:
                del self._said[source]
        return sorted(self._said)

    def awaited_until(self, ticks: int, wall: int) -> int | None:
        """When (wall) the timers go on at the latest if nobody says anything more; None: they wait for nobody."""
        if not self._said:
            return None
        silent = max(self._said.values()) + SILENCE
        return wall + max(SECOND, min(silent, self._start_ticks + WAIT_AT_MOST) - ticks)
