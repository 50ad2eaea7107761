"""The only place that reads the time. Instants are integers: milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Mode = Literal["24x7", "work_hours", "work_days", "days"]
"""24x7: all hours; work_hours 工作时 and work_days 工作日: working time, given in hours or in days of `day_ms`;
days: calendar days, to the same local time."""


class Clock(Protocol):
    """What `now` means. `wall` is always the machine's time; `now` may follow the stream.

    `ticks` (ms since some start) only ever goes forward at one second a second, whatever is done to the machine's clock: pauses, ages
    and cadences are measured by it.
    """

    def now(self) -> int: ...
    def wall(self) -> int: ...
    def ticks(self) -> int: ...
    def observe(self, event_at: int) -> None: ...


def wall_ms() -> int:
    """The machine's time."""
    return time.time_ns() // 1_000_000


def ticks_ms() -> int:
    """The machine's steady clock."""
    return time.monotonic_ns() // 1_000_000


class WallClock:
    """now = the machine's time (setting CLOCK=wall)."""

    def now(self) -> int:
        return wall_ms()

    def wall(self) -> int:
        return wall_ms()

    def ticks(self) -> int:
        return ticks_ms()

    def observe(self, event_at: int) -> None:
        """The stream's times do not move this clock."""


class StreamClock:
    """now = the newest event's time (setting CLOCK=stream), so that a replayed day has that day's lights."""

    def __init__(self, start: int = 0) -> None:
        self._newest = start

    def now(self) -> int:
        return self._newest or wall_ms()

    def wall(self) -> int:
        return wall_ms()

    def ticks(self) -> int:
        return ticks_ms()

    def observe(self, event_at: int) -> None:
        self._newest = max(self._newest, event_at)


class FixedClock:
    """A clock that tests turn by hand."""

    def __init__(self, now: int) -> None:
        self.at = now

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at

    def ticks(self) -> int:
        return self.at

    def observe(self, event_at: int) -> None:
        """Only the test moves it."""


MOVED = 2 * SECOND
"""A machine's clock that moves further than this beside the steady one was set by somebody."""
TOLD_FOR = 10 * MINUTE


class Jumps:
    """Notices that the machine's clock was set; `look` often."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._between = clock.wall() - clock.ticks()
        self._by, self._at = 0, 0

    def look(self) -> None:
        between, ticks = self._clock.wall() - self._clock.ticks(), self._clock.ticks()
        if abs(between - self._between) > MOVED:
            self._by, self._at = between - self._between, ticks
        self._between = between

    @property
    def moved(self) -> int:
        """By how many ms it was last set, for ten minutes; 0: it was not."""
        return self._by if self._by and self._clock.ticks() - self._at < TOLD_FOR else 0


def clock(kind: str) -> Clock:
    """The clock of the setting CLOCK: `wall` or `stream`."""
    return StreamClock() if kind == "stream" else WallClock()


def ms(moment: datetime) -> int:
    """An aware datetime as ms."""
    return round(moment.timestamp() * 1000)


def iso(at: int, zone: str = "UTC") -> str:
    """ms as RFC 3339 with milliseconds and offset."""
    if zone == "UTC":
        return _utc(at)
    second, rest = divmod(at, 1000)
    head, offset = _second(second, zone)
    return f"{head}.{rest:03d}{offset}"


def _utc(at: int) -> str:
    minute, rest = divmod(at, MINUTE)
    return f"{_minute(minute)}:{rest // SECOND:02d}.{rest % SECOND:03d}+00:00"


@lru_cache(maxsize=4096)
def _minute(minute: int) -> str:
    """Events of one time share their minute; UTC has none of another length."""
    return datetime.fromtimestamp(minute * 60, UTC).isoformat()[:16]


@lru_cache(maxsize=4096)
def _second(second: int, zone: str) -> tuple[str, str]:
    """Events of one time share their seconds."""
    text = datetime.fromtimestamp(second, ZoneInfo(zone)).isoformat()
    return text[:19], text[19:]


def parse(text: str, zone: str) -> int:
    """RFC 3339 or a naive ISO time in `zone` as ms. ValueError when it is neither."""
    moment = datetime.fromisoformat(text)
    return ms(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))


def day_start(at: int, zone: str) -> int:
    """Midnight (ms) of the local day that holds `at`."""
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    return ms(local.replace(hour=0, minute=0, second=0, microsecond=0))


def utc(at: int) -> datetime:
    """ms as an aware datetime in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC)
