"""Working time: several slots a day, weekends, holidays and 调休 (make-up working days), a city's own days (DOMAIN.md 3).

Pure: instants are ms UTC, amounts are ms of a mode. Every mode is one line that never falls, from instants to ms that
have counted so far; elapsed is a difference of it and add its inverse, so that both always agree.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec
from chinese_calendar import constants  # type: ignore[import-untyped]

from dashboard.clock import DAY, HOUR, MINUTE, Mode
from dashboard.clocks.zone import END, Zone

Slots = Sequence[tuple[str, str]]
"""Opening and closing as HH:MM of the wall clock; 24:00 is the end of the day."""

DEFAULT_SLOTS: Slots = (("09:00", "12:00"), ("13:30", "17:30"))
EPOCH = date(1970, 1, 1).toordinal()
_FIRST_STEP, _STEP = date(2020, 1, 1).toordinal(), 10 * 366
_UNTIL = date(2200, 1, 1).toordinal()


class Segment(msgspec.Struct, frozen=True):
    """A stretch of one kind, [start, end) in ms; `kind` is work or off, `why` a key (words: `why.<key>`)."""

    start: int
    end: int
    kind: Literal["work", "off"]
    why: str


class _Table(NamedTuple):
    """All working stretches in order, up to (not with) the day `until` (ordinal). `before`: working ms before each of them."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int
    until: int


class Calendar:
    """One version of a city's working time, good for the instants of 1970 to 2199 (ValueError outside)."""

    day_ms: int
    """Working ms of one regular day: one 工作日."""
    horizon: int
    """Ms at which the official holidays end; from there on weekends only. Say so when a due time is later."""

    def __init__(
        self,
        zone: str,
        slots: Slots = DEFAULT_SLOTS,
        weekend: frozenset[int] = frozenset({5, 6}),
        holidays: Literal["cn", "none"] = "cn",
        overrides: Mapping[date, Slots | None] | None = None,
        version: str = "cn-1",
    ) -> None:
        """`weekend`: 0 = Monday to 6 = Sunday. `overrides`: a day's own slots, None = day off; they win over everything.

        ValueError names what is wrong with a zone, slot or weekend.
        """
        if not weekend < frozenset(range(7)):
            raise ValueError(f"weekend {sorted(weekend)}: days are 0 (Monday) to 6 (Sunday) and one of them must be worked")
        if holidays not in ("cn", "none"):
            raise ValueError(f"holidays {holidays!r}: must be 'cn' or 'none'")
        self.zone, self.version = Zone(zone), version
        self._slots = parse_slots(slots)
        self._weekend = weekend
        self._overrides = {day: None if own is None else parse_slots(own) for day, own in (overrides or {}).items()}
        self._official = holidays == "cn"
        self.day_ms = sum(end - start for start, end in self._slots)
        self.horizon = self.midnight(date(max(constants.holidays).year + 1, 1, 1)) if self._official else END
        self._table = _Table([], [], [], 0, EPOCH - 1)

    def amount(self, mode: Mode, value: float) -> int:
        """Hours (24x7, work_hours) or days (work_days, days) as ms of the mode."""
        return round(value * {"24x7": HOUR, "work_hours": HOUR, "work_days": self.day_ms, "days": DAY}[mode])

    def elapsed(self, mode: Mode, start: int, end: int) -> int:
        """Ms of the mode between two instants, 0 when end <= start. In `days` a skipped local hour counts, a repeated one does not."""
        return 0 if end <= start else self._count(mode, end) - self._count(mode, start)

    def add(self, mode: Mode, start: int, amount: int) -> int:
        """Earliest instant t >= start with elapsed(start, t) >= amount: outside hours the clock starts at the next opening.

        A negative amount goes back: the latest t <= start with elapsed(t, start) >= -amount. ValueError when t is
        outside of 1970 to 2199.
        """
        if amount == 0 or mode == "24x7":
            return start + amount
        target = self._count(mode, start) + amount
        if mode == "days":
            found = self.zone.first(target) if amount > 0 else self.zone.last(target)
        else:
            found = self._first(target) if amount > 0 else self._last(target)
        return _known(found)

    def segments(self, mode: Mode, start: int, end: int) -> list[Segment]:
        """[start, end] without gaps; neighbours of one kind and reason are joined; [] when end <= start.

        The work segments sum to `elapsed`, but in `days` a skipped local hour (summer time begins) has no segment.
        """
        if end <= start:
            return []
        if mode == "24x7":
            return [Segment(start, end, "work", "around_the_clock")]
        pieces = self._days(start, end) if mode == "days" else self._hours(start, end)
        return _joined(s for s in (_cut(p, start, end) for p in pieces) if s.start < s.end)

    def working(self, day: date) -> list[tuple[int, int]]:
        """Working stretches of a local day as instants (ms), in order; a stretch that the clocks skip is not there."""
        slots, _ = self._plan(day)
        midnight = (day.toordinal() - EPOCH) * DAY
        found = [(self.zone.first(midnight + start), self.zone.first(midnight + end)) for start, end in slots]
        return [(start, end) for start, end in found if start < end]

    def midnight(self, day: date) -> int:
        """The instant (ms) at which a local day begins."""
        return self.zone.first((day.toordinal() - EPOCH) * DAY)

    def day(self, t: int) -> date:
        """The local day of an instant."""
        return date.fromordinal(EPOCH + self.zone.at(t) // DAY)

    def _plan(self, day: date) -> tuple[tuple[tuple[int, int], ...], str]:
        """Slots of a day (ms of the wall clock) and why they are as they are."""
        if day in self._overrides:
            own = self._overrides[day]
            return ((), "day_off") if own is None else (own, "special_hours")
        if self._official and day in constants.holidays:
            return (), "holiday"
        if self._official and day in constants.workdays:
            return self._slots, "make_up_day"
        return ((), "weekend") if day.weekday() in self._weekend else (self._slots, "working_hours")

    def _count(self, mode: Mode, t: int) -> int:
        """The mode's line: ms that have counted up to t."""
        if mode == "24x7":
            return t
        _known(t)
        return self.zone.at(t) if mode == "days" else self._worked(t)

    def _worked(self, t: int) -> int:
        table = self._table
        while table.until <= EPOCH + t // DAY + 1:
            table = self._grow()
        i = bisect_right(table.starts, t) - 1
        return table.before[i] + min(t, table.ends[i]) - table.starts[i] if i >= 0 else 0

    def _first(self, target: int) -> int:
        table = self._table
        while table.total < target:
            table = self._grow()
        i = bisect_left(table.before, target) - 1
        return table.starts[i] + target - table.before[i]

    def _last(self, target: int) -> int:
        table = self._table
        i = bisect_right(table.before, target) - 1
        return table.starts[i] + target - table.before[i] if i >= 0 else -1

    def _grow(self) -> _Table:
        """Some years more, as a new table that is put in place at once: two threads at most work twice."""
        starts, ends, before, total, first = self._table
        if first > _UNTIL:
            raise ValueError("the due time is outside of the calendar, which ends with the year 2199")
        starts, ends, before = starts.copy(), ends.copy(), before.copy()
        until = min(max(first, _FIRST_STEP) + _STEP, _UNTIL + 1)
        for ordinal in range(first, until):
            for start, end in self.working(date.fromordinal(ordinal)):
                starts.append(start)
                ends.append(end)
                before.append(total)
                total += end - start
        self._table = _Table(starts, ends, before, total, until)
        return self._table

    def _days(self, start: int, end: int) -> Iterator[Segment]:
        """Calendar time, without the hours that the clocks repeat."""
        at = start
        for begins, ends in self.zone.repeats(start, end):
            yield Segment(at, begins, "work", "calendar_days")
            yield Segment(begins, ends, "off", "clocks_put_back")
            at = ends
        yield Segment(at, end, "work", "calendar_days")

    def _hours(self, start: int, end: int) -> Iterator[Segment]:
        for ordinal in range(self.day(start).toordinal(), self.day(end).toordinal() + 1):
            day = date.fromordinal(ordinal)
            slots, why = self._plan(day)
            at = self.midnight(day)
            for opens, closes in self.working(day):
                yield Segment(at, opens, "off", "outside_hours")
                yield Segment(opens, closes, "work", why)
                at = closes
            yield Segment(at, self.midnight(date.fromordinal(ordinal + 1)), "off", "outside_hours" if slots else why)


_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


def parse_slots(slots: Slots) -> tuple[tuple[int, int], ...]:
    """Slots as ms of the wall clock, in order. ValueError names the slot that is empty, negative, overlapping or no time."""
    found = sorted((_minute(opens), _minute(closes), f"{opens}-{closes}") for opens, closes in slots)
    if not found:
        raise ValueError("a day needs at least one slot")
    for opens, closes, text in found:
        if opens >= closes:
            raise ValueError(f"slot {text} is empty or negative; a slot over midnight is two slots, the first until 24:00")
    for (_, closes, text), (opens, _, other) in pairwise(found):
        if opens < closes:
            raise ValueError(f"slots {text} and {other} overlap")
    return tuple((opens, closes) for opens, closes, _ in found)


def _minute(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise ValueError(f"time {text!r}: must be HH:MM, 00:00 to 24:00")
    hour, minute = text.split(":")
    return int(hour) * HOUR + int(minute) * MINUTE


def _known(t: int) -> int:
    if not 0 <= t < END:
        raise ValueError(f"the instant {t} ms is outside of the calendar, which has the years 1970 to 2199")
    return t


def _cut(s: Segment, start: int, end: int) -> Segment:
    return Segment(max(s.start, start), min(s.end, end), s.kind, s.why)


def _joined(segments: Iterator[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for s in segments:
        if joined and (joined[-1].kind, joined[-1].why) == (s.kind, s.why):
            s = Segment(joined.pop().start, s.end, s.kind, s.why)
        joined.append(s)
    return joined
