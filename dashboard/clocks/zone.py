"""The local clock of a time zone as a line that never runs backwards.

While an hour is repeated (clocks put back) the line stands still at the last ms of that hour; when an hour is skipped it
jumps. So every local time has one earliest instant: of a repeated one the first, of a skipped one the moment of the jump,
and 02:00 after a repeated hour is the one that the wall clock shows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dashboard.clock import DAY

END = 7_258_118_400_000
"""2200-01-01 UTC: calendars know the instants 0 <= t < END; a time outside is a mistake, not a deadline."""
_FIRST, _LAST = -2 * DAY, END + 2 * DAY
"""The line is a little longer than the calendars, for the local days at both ends."""


class Zone:
    """`at`: instant (ms) -> local ms since 1970-01-01T00:00 of the wall clock; `first` and `last` are its inverses.

    `begins` (ms), `offsets` (ms), `floors` (local ms): in the piece that begins at begins[i] the line is
    max(t + offsets[i], floors[i]); `values[i]` is the line at begins[i].
    """

    def __init__(self, name: str) -> None:
        """ValueError when the time zone database does not have `name`."""
        self.name = name
        self.begins, self.offsets = _pieces(name)
        self.floors = [_FIRST + self.offsets[0]]
        for begin, before in zip(self.begins[1:], self.offsets, strict=False):
            self.floors.append(max(begin - 1 + before, self.floors[-1]))
        self.values = [max(t + o, f) for t, o, f in zip(self.begins, self.offsets, self.floors, strict=True)]

    def at(self, t: int) -> int:
        """ValueError outside of the years 1970 to 2199."""
        if not _FIRST <= t < _LAST:
            raise ValueError(f"the instant {t} ms is outside of the years 1970 to 2199")
        i = bisect_right(self.begins, t) - 1
        return max(t + self.offsets[i], self.floors[i])

    def first(self, local: int) -> int:
        """Earliest instant whose local time is `local` or later."""
        i = max(bisect_left(self.values, local) - 1, 0)
        return self._known(min(local - self.offsets[i], self._until(i)))

    def last(self, local: int) -> int:
        """Latest instant whose local time is `local` or earlier."""
        i = max(bisect_right(self.values, local) - 1, 0)
        return self._known(min(local - self.offsets[i], self._until(i) - 1))

    def repeats(self, start: int, end: int) -> list[tuple[int, int]]:
        """Stretches (ms) that touch [start, end] and in which the line stands still: an hour is shown for the second time."""
        ends = [floor - offset for floor, offset in zip(self.floors, self.offsets, strict=True)]
        return [(b - 1, e) for b, e in zip(self.begins, ends, strict=True) if b <= e and b <= end and e > start]

    def _until(self, i: int) -> int:
        return self.begins[i + 1] if i + 1 < len(self.begins) else _LAST

    def _known(self, t: int) -> int:
        if not _FIRST <= t < _LAST:
            raise ValueError("the local time is outside of the years 1970 to 2199")
        return t


@lru_cache(maxsize=32)
def _pieces(name: str) -> tuple[list[int], list[int]]:
    """Begins and offsets (ms): one look a day, as no zone changes its offset twice in a day."""
    try:
        zone = ZoneInfo(name)
    except (LookupError, ValueError, OSError, RecursionError) as e:  # a made-up name may be searched for in itself
        raise ValueError(f"time zone {name!r} is not known: {e}") from None
    begins, offsets = [_FIRST], [_offset(zone, _FIRST)]
    for t in range(_FIRST, _LAST, DAY):
        offset = _offset(zone, t)
        if offset != offsets[-1]:
            begins.append(_change(zone, t - DAY, t))
            offsets.append(offset)
    return begins, offsets


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _offset(zone: ZoneInfo, t: int) -> int:
    offset = (_EPOCH + timedelta(milliseconds=t)).astimezone(zone).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def _change(zone: ZoneInfo, old: int, new: int) -> int:
    """The first whole second with the new offset, between an instant before and one after the change."""
    offset = _offset(zone, new)
    while new - old > 1000:
        middle = (old + new) // 2000 * 1000
        old, new = (old, middle) if _offset(zone, middle) == offset else (middle, new)
    return new
