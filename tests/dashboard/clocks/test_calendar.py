"""Working time: laws that hold for every history, and dates that anyone can check on a printed calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from chinese_calendar import is_workday
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.clock import DAY, HOUR, MINUTE, Mode, ms
from dashboard.clocks.calendar import Calendar, Slots

MODES: tuple[Mode, ...] = ("24x7", "work_hours", "work_days", "days")
NIGHTS: Slots = (("00:30", "01:45"), ("01:45", "02:20"), ("22:00", "24:00"))
OWN = {date(2026, 5, 2): (("10:00", "11:00"),), date(2026, 5, 7): None}

law = settings(deadline=None)
"""Two cores are shared with whoever else runs tests: a stall of 200 ms is no finding."""


@lru_cache
def calendar(name: str) -> Calendar:
    """Warmed up, so that no example pays for the years of all others."""
    made = _made(name)
    made.add("work_hours", TO, 200 * DAY)
    return made


def _made(name: str) -> Calendar:
    return {
        "cn": lambda: Calendar("Asia/Shanghai"),
        "own": lambda: Calendar("Asia/Shanghai", overrides=OWN),
        "ny": lambda: Calendar("America/New_York", holidays="none"),
        "ny nights": lambda: Calendar("America/New_York", NIGHTS, frozenset(), "none"),
        "lord howe nights": lambda: Calendar("Australia/Lord_Howe", NIGHTS, frozenset({0}), "none"),
    }[name]()


CALENDARS = st.sampled_from(["cn", "own", "ny", "ny nights", "lord howe nights"]).map(calendar)
FROM, TO = ms(datetime.fromisoformat("2015-01-01T00:00Z")), ms(datetime.fromisoformat("2029-01-01T00:00Z"))
CHANGES = [ms(datetime.fromisoformat(t)) for t in ("2026-03-08T07:00Z", "2026-11-01T06:00Z", "2026-04-04T15:00Z", "2026-10-03T15:30Z")]
INSTANTS = st.integers(FROM, TO) | st.builds(int.__add__, st.sampled_from(CHANGES), st.integers(-3 * HOUR, 3 * HOUR))
AMOUNTS = st.integers(1, 40 * DAY) | st.integers(1, 2 * HOUR)


def at(text: str, zone: str = "Asia/Shanghai", fold: int = 0) -> int:
    return ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold))


@law
@given(CALENDARS, st.sampled_from(MODES), st.lists(INSTANTS, min_size=3, max_size=3).map(sorted))
def test_elapsed_is_additive_over_any_split(c: Calendar, mode: Mode, t: list[int]) -> None:
    assert c.elapsed(mode, t[0], t[2]) == c.elapsed(mode, t[0], t[1]) + c.elapsed(mode, t[1], t[2])


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, INSTANTS)
def test_elapsed_is_never_more_than_wall_time(c: Calendar, mode: Mode, start: int, end: int) -> None:
    skipped = 14 * HOUR if mode == "days" else 0  # one a year: to the same local time of the next day is a day, though an hour was skipped
    assert 0 <= c.elapsed(mode, start, end) <= max(end - start, 0) + skipped


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS)
def test_a_span_of_no_length_changes_nothing(c: Calendar, mode: Mode, t: int) -> None:
    assert c.elapsed(mode, t, t) == 0
    assert c.add(mode, t, 0) == t
    assert c.segments(mode, t, t) == []


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, AMOUNTS)
def test_due_is_the_first_instant_at_which_the_amount_is_over(c: Calendar, mode: Mode, start: int, amount: int) -> None:
    due = c.add(mode, start, amount)
    assert c.elapsed(mode, start, due) >= amount > c.elapsed(mode, start, due - 1)
    if mode != "days":
        assert c.elapsed(mode, start, due) == amount


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, AMOUNTS)
def test_back_is_the_last_instant_from_which_the_amount_is_over(c: Calendar, mode: Mode, end: int, amount: int) -> None:
    start = c.add(mode, end, -amount)
    assert c.elapsed(mode, start, end) >= amount > c.elapsed(mode, start + 1, end)


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, AMOUNTS, AMOUNTS)
def test_a_longer_limit_is_never_due_earlier(c: Calendar, mode: Mode, start: int, less: int, more: int) -> None:
    assert start < c.add(mode, start, less) <= c.add(mode, start, less + more)


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, AMOUNTS, AMOUNTS)
def test_two_limits_one_after_the_other_are_their_sum(c: Calendar, mode: Mode, start: int, one: int, two: int) -> None:
    if mode != "days":  # a day to a skipped local time and then another is not two days
        assert c.add(mode, c.add(mode, start, one), two) == c.add(mode, start, one + two)


@law
@given(CALENDARS, st.sampled_from(MODES), INSTANTS, AMOUNTS)
def test_segments_cover_the_span_and_sum_to_elapsed(c: Calendar, mode: Mode, start: int, length: int) -> None:
    end = start + length
    segments = c.segments(mode, start, end)
    assert (segments[0].start, segments[-1].end) == (start, end)
    assert all(a.end == b.start and (a.kind, a.why) != (b.kind, b.why) for a, b in pairwise(segments))
    worked = sum(s.end - s.start for s in segments if s.kind == "work")
    assert worked == c.elapsed(mode, start, end) or mode == "days"
    assert mode != "days" or worked <= c.elapsed(mode, start, end)


@law
@given(st.sampled_from(["cn", "ny"]), INSTANTS, st.integers(0, 12 * 60))
@example("cn", at("2026-09-20T08:00"), 12 * 60)
@example("cn", at("2017-10-02T08:00"), 12 * 60)
def test_working_time_is_what_the_wall_clock_shows_within_the_slots(name: str, start: int, minutes: int) -> None:
    """Minute by minute, with zoneinfo and chinese_calendar's own is_workday."""
    start -= start % MINUTE
    opened = sum(_open(name, t) for t in range(start, start + minutes * MINUTE, MINUTE))
    assert calendar(name).elapsed("work_hours", start, start + minutes * MINUTE) == opened * MINUTE


def _open(name: str, t: int) -> bool:
    local = datetime.fromtimestamp(t / 1000, ZoneInfo(calendar(name).zone.name))
    official = name == "cn" and local.year <= 2026
    workday = is_workday(local.date()) if official else local.weekday() < 5
    time = local.strftime("%H:%M")
    return workday and ("09:00" <= time < "12:00" or "13:30" <= time < "17:30")


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("cn", "2017-09-30", 7),  # Saturday, make-up day for the National Day week
        ("cn", "2017-10-01", 0),
        ("cn", "2017-10-08", 0),
        ("cn", "2017-10-09", 7),
        ("cn", "2026-02-14", 7),  # Saturday, make-up day before the Spring Festival
        ("cn", "2026-09-20", 7),  # Sunday, make-up day before the National Day week
        ("cn", "2026-10-07", 0),
        ("cn", "2024-02-29", 7),
        ("cn", "2027-10-01", 7),  # beyond the data: a plain Friday
        ("own", "2026-05-02", 1),
        ("own", "2026-05-07", 0),
        ("ny", "2026-03-09", 7),
        ("ny", "2026-11-02", 7),
        ("ny nights", "2026-03-08", 1.5 + 2),  # 00:30-02:00, then the clock shows 03:00
        ("ny nights", "2026-11-01", 1 + 1 / 3 + 1.5 + 2),  # one hour more between the first 01:45 and 02:20
    ],
)
def test_hours_of_a_day(name: str, day: str, hours: float) -> None:
    worked = sum(closes - opens for opens, closes in calendar(name).working(date.fromisoformat(day)))
    assert worked == round(hours * HOUR)


def test_the_published_case_of_2017_by_hand() -> None:
    """Thursday 14:40:23 to Saturday 16:12:21: 2:49:37 on Thursday, 7 h on Friday, nothing on Saturday = 35,377 s."""
    c = calendar("cn")
    start, end = at("2017-11-02T14:40:23"), at("2017-11-04T16:12:21")
    assert c.elapsed("work_hours", start, end) == (10_177 + 25_200) * 1000
    assert c.elapsed("24x7", start, end) == c.elapsed("days", start, end) == 178_318_000
    whys = [(s.kind, s.why, (s.end - s.start) // 1000) for s in c.segments("work_hours", start, end)]
    assert whys == [
        ("work", "working_hours", 10_177), ("off", "outside_hours", 55_800), ("work", "working_hours", 10_800),
        ("off", "outside_hours", 5_400), ("work", "working_hours", 14_400), ("off", "outside_hours", 23_400), ("off", "weekend", 58_341),
    ]  # fmt: skip


DUE = [
    ("cn", "work_hours", 4, "2026-07-07T22:00", "2026-07-08T14:30"),  # outside hours it starts at the next opening
    ("cn", "work_hours", 3, "2026-07-08T09:00", "2026-07-08T12:00"),  # the end of a slot, not the opening of the next
    ("cn", "work_hours", 1, "2026-07-31T17:00", "2026-08-03T09:30"),  # month end over a weekend
    ("cn", "work_days", 1, "2017-09-29T17:00", "2017-09-30T17:00"),  # the make-up Saturday counts
    ("cn", "work_hours", 1, "2017-09-30T17:00", "2017-10-09T09:30"),  # National Day week
    ("cn", "work_days", 15, "2026-09-15T09:00", "2026-10-10T17:30"),  # from 09-15: 13 to 09-30 with Sunday 09-20, then 10-08, 09, 10
    ("cn", "work_hours", 1, "2025-12-31T17:00", "2026-01-04T09:30"),  # New Year; Sunday the 4th is a make-up day
    ("cn", "work_days", -1, "2026-01-04T09:00", "2025-12-31T09:00"),
    ("cn", "days", 1, "2028-02-28T10:00", "2028-02-29T10:00"),
    ("cn", "days", 366, "2028-01-01T00:00", "2029-01-01T00:00"),
    ("cn", "days", 1.5, "2026-12-31T18:00", "2027-01-02T06:00"),
    ("ny", "days", 1, "2026-03-07T10:00", "2026-03-08T10:00"),  # 23 hours
    ("ny", "days", 1, "2026-03-07T02:30", "2026-03-08T03:00"),  # 02:30 does not exist: the next instant that does
    ("ny", "days", 1, "2026-10-31T01:30", "2026-11-01T01:30"),  # the first of the two
    ("ny", "days", 1, "2026-11-01T00:30", "2026-11-02T00:30"),  # 25 hours
    ("ny", "days", 1, "2026-10-31T01:59:59.999", "2026-11-01T01:59:59.999"),
    ("ny", "days", 1, "2026-10-31T02:00", "2026-11-01T02:00"),  # when the clock shows it, 25 hours later
    ("ny", "days", -1, "2026-03-09T02:30", "2026-03-08T01:59:59.999"),  # back to what does not exist: the last instant before
    ("ny", "24x7", 24, "2026-03-07T10:00", "2026-03-08T11:00"),
    ("ny", "work_hours", 7.5, "2026-03-06T09:00", "2026-03-09T09:30"),
    ("ny", "work_hours", 7.5, "2026-10-30T09:00", "2026-11-02T09:30"),
]


@pytest.mark.parametrize(("name", "mode", "value", "start", "due"), DUE)
def test_due(name: str, mode: Mode, value: float, start: str, due: str) -> None:
    c = calendar(name)
    assert c.add(mode, at(start, c.zone.name), c.amount(mode, value)) == at(due, c.zone.name)


def test_the_days_clock_stands_still_in_a_repeated_hour() -> None:
    c, zone = calendar("ny"), "America/New_York"
    start, end = at("2026-11-01T01:30", zone), at("2026-11-01T01:30", zone, fold=1)
    assert c.elapsed("days", start, end) == 30 * MINUTE - 1  # its last ms is the one at which it stands
    assert [(s.kind, s.why) for s in c.segments("days", start, end)] == [("work", "calendar_days"), ("off", "clocks_put_back")]
    assert c.add("days", end, c.amount("days", 1)) == at("2026-11-02T02:00", zone) - 1


def test_segments_say_why() -> None:
    segments = calendar("own").segments("work_hours", at("2026-04-30T17:00"), at("2026-05-09T09:30"))
    assert [s.why for s in segments if s.kind == "work"] == ["working_hours", "special_hours", *["working_hours"] * 4, "make_up_day"]
    assert {"holiday", "day_off", "outside_hours"} <= {s.why for s in segments if s.kind == "off"}


def test_it_says_when_the_holidays_end() -> None:
    assert calendar("cn").horizon == at("2027-01-01T00:00")
    late = calendar("cn").add("work_hours", at("2026-12-31T17:00"), HOUR)
    assert late > calendar("cn").horizon
    assert calendar("ny").horizon > TO


def test_a_work_day_is_the_hours_of_one_day() -> None:
    c = calendar("cn")
    assert c.day_ms == c.amount("work_days", 1) == c.amount("work_hours", 7) == 7 * HOUR
    assert c.amount("days", 1) == c.amount("24x7", 24) == DAY


def test_a_long_span_is_the_sum_of_its_days() -> None:
    c = calendar("cn")
    days = [date(2004, 1, 1) + timedelta(n) for n in range(366 * 40)]
    total = sum(closes - opens for day in days for opens, closes in c.working(day))
    assert c.elapsed("work_hours", c.midnight(days[0]), c.midnight(days[-1] + timedelta(1))) == total
    assert c.add("work_hours", c.midnight(days[0]), total) <= c.midnight(days[-1] + timedelta(1))


def test_every_day_counts_when_years_are_asked_for_one_by_one() -> None:
    c = Calendar("Asia/Shanghai")
    for n in range(366 * 12):
        day = date(2019, 1, 1) + timedelta(n)
        worked = sum(closes - opens for opens, closes in c.working(day))
        assert c.elapsed("work_hours", c.midnight(day), c.midnight(day + timedelta(1))) == worked, day


def test_a_day_begins_at_the_midnight_that_the_clock_shows() -> None:
    """In Santiago the hour before midnight is repeated: Saturday has 25 hours."""
    c, zone = Calendar("America/Santiago", holidays="none"), "America/Santiago"
    assert c.midnight(date(2026, 4, 5)) - c.midnight(date(2026, 4, 4)) == 25 * HOUR
    assert c.day(at("2026-04-04T23:30", zone, fold=1)) == date(2026, 4, 4)
    assert c.add("days", at("2026-04-04T00:00", zone), DAY) == at("2026-04-05T00:00", zone)


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([], "at least one slot"),
        ([("12:00", "09:00")], "12:00-09:00 is empty or negative"),
        ([("09:00", "09:00")], "09:00-09:00 is empty or negative"),
        ([("22:00", "06:00")], "over midnight is two slots"),
        ([("09:00", "12:00"), ("11:30", "17:00")], "09:00-12:00 and 11:30-17:00 overlap"),
        ([("9:00", "12:00")], "'9:00': must be HH:MM"),
        ([("09:00", "24:01")], "'24:01': must be HH:MM"),
        ([("09:00", "12:00\n")], "must be HH:MM"),
    ],
)
def test_broken_slots_are_named(slots: Slots, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Calendar("Asia/Shanghai", slots)
    with pytest.raises(ValueError, match=message):
        Calendar("Asia/Shanghai", overrides={date(2026, 1, 1): slots})


def test_other_broken_calendars_are_named() -> None:
    with pytest.raises(ValueError, match="'Asia/Nanjing' is not known"):
        Calendar("Asia/Nanjing")
    with pytest.raises(ValueError, match="one of them must be worked"):
        Calendar("UTC", weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="days are 0"):
        Calendar("UTC", weekend=frozenset({7}))
    with pytest.raises(ValueError, match="'us'"):
        Calendar("UTC", holidays="us")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["work_hours", "work_days", "days"])
@pytest.mark.parametrize(
    ("start", "amount"), [(-1, 1), (0, -HOUR), (at("2199-12-31T12:00"), 9 * DAY), (0, 10**18), (10**18, 1), (FROM, -(10**15))]
)
def test_outside_of_its_years_it_says_so(mode: Mode, start: int, amount: int) -> None:
    with pytest.raises(ValueError, match="outside of"):
        calendar("cn").add(mode, start, amount)
