"""Naive local times of a file as instants, by a rule that keeps their order through both changes of the clocks."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_FORM = re.compile(r"(\d\d/\d\d/\d{4} \d\d):([0-5]\d):([0-5]\d) ([AP]M)")
_HOUR = 3_600_000


class LocalTime:
    """One time zone. A time that occurs twice is its first occurrence; one that never occurs is the end of the gap."""

    def __init__(self, zone: str) -> None:
        """ZoneInfoNotFoundError (a KeyError) for an unknown zone."""
        self._zone = ZoneInfo(zone)
        self._hour = lru_cache(maxsize=16_384)(self._hour_start)
        self._offset = lru_cache(maxsize=16_384)(self._offset_at)

    def instant(self, text: str) -> int:
        """`01/31/2015 12:20:09 AM` to ms since 1970 UTC. ValueError for any other form or a date that does not exist."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a time like 01/31/2015 12:20:09 AM")
        hour, minute, second, half = match.groups()
        start = self._hour(f"{hour} {half}")
        if start is None:  # the clocks change within this hour: the slow, exact way
            return self._exact(datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p"))
        return start + int(minute) * 60_000 + int(second) * 1000

    def offset(self, time: int) -> int:
        """Minutes east of Greenwich at `time` (ms), for writing it down as local time."""
        return self._offset(time // _HOUR)

    def _hour_start(self, text: str) -> int | None:
        naive = datetime.strptime(text, "%m/%d/%Y %I %p")
        first, last = self._exact(naive), self._exact(naive.replace(minute=59, second=59))
        return first if last - first == _HOUR - 1000 else None

    def _offset_at(self, hour: int) -> int:
        offset = datetime.fromtimestamp(hour * 3600, self._zone).utcoffset()
        return 0 if offset is None else int(offset.total_seconds() // 60)

    def _exact(self, naive: datetime) -> int:
        local = naive.replace(tzinfo=self._zone)
        seconds = int(local.timestamp())
        if datetime.fromtimestamp(seconds, self._zone).replace(tzinfo=None, fold=0) == naive:
            return seconds * 1000
        return self._gap_end(int(local.replace(fold=1).timestamp()), seconds) * 1000

    def _gap_end(self, before: int, after: int) -> int:
        """The second in (before, after] at which the clocks were set forward."""
        old = datetime.fromtimestamp(before, UTC).astimezone(self._zone).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if datetime.fromtimestamp(middle, UTC).astimezone(self._zone).utcoffset() == old:
                before = middle
            else:
                after = middle
        return after
