"""The CSV tables of policies and calendars: what is read, and that each mistake names its row and column."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from dashboard.clock import HOUR, ms
from dashboard.clocks.policy import Policy, PolicyError, PolicyRow
from dashboard.clocks.table import parse_calendar, parse_policy

HEAD = "version,valid_from,valid_to,category,severity,stage,value,mode,reserve\n"
SAME = "nj-1,2026-01-01T00:00+08:00,,"
TOTAL = f"{HEAD}{SAME},,total,7,work_days,\n"


def test_a_policy_is_read() -> None:
    text = "\ufeff" + TOTAL + "\n,,,,,,,,\n" + f'{SAME}"01", danger ,handle,1.5,24x7,0.5\r\n'
    policy = parse_policy(text)
    assert (policy.version, policy.valid_from, policy.valid_to) == ("nj-1", ms(datetime.fromisoformat("2025-12-31T16:00Z")), None)
    assert policy.rows == (PolicyRow("", "", "total", 7, "work_days"), PolicyRow("01", "danger", "handle", 1.5, "24x7", 0.5))


def test_columns_may_come_in_any_order_and_optional_ones_may_be_missing() -> None:
    policy = parse_policy("mode,value,stage,severity,category,valid_from,version\n24x7,2,total,,01,2026-01-01T00:00Z,a\n")
    assert policy.limit("0101", "normal", "total") == PolicyRow("01", "", "total", 2, "24x7")


BROKEN = [
    ("", 1, "version", "missing"),
    (HEAD, 0, "file", "has no rows"),
    (TOTAL.replace("mode", "modus"), 1, "mode", "missing"),
    (TOTAL.replace("reserve", "buffer"), 1, "buffer", "is not a column"),
    (TOTAL.replace("reserve", "value"), 1, "value", "there twice"),
    (TOTAL + f"{SAME}01,,sign,0,24x7,\n", 3, "value", "more than 0"),
    (TOTAL + f"{SAME}01,,sign,-2,24x7,\n", 3, "value", "more than 0"),
    (TOTAL + f"{SAME}01,,sign,4000,days,\n", 3, "value", "at most 3660 for days"),
    (TOTAL + f"{SAME}01,,sign,nan,24x7,\n", 3, "value", "'nan' is not a number"),
    (TOTAL + f"{SAME}01,,sign,,24x7,\n", 3, "value", "'' is not a number"),
    (TOTAL + f"{SAME}01,,sign,2,hours,\n", 3, "mode", "'hours' is none of 24x7"),
    (TOTAL + f"{SAME}01,,signed,2,24x7,\n", 3, "stage", "'signed' is none of total"),
    (TOTAL + f"{SAME}01,high,sign,2,24x7,\n", 3, "severity", "'high' is none of"),
    (TOTAL + f"{SAME}01,,sign,2,24x7,-1\n", 3, "reserve", "must be 0 to"),
    (TOTAL + f"{SAME}01,,sign,2,24x7\n", 3, "reserve", "8 cells under 9 columns"),
    (TOTAL + f"{SAME}01,,sign,2,24x7,1,1\n", 3, "reserve", "10 cells under 9 columns"),
    (TOTAL + f"\n{SAME},,total,2,24x7,\n", 4, "stage", "has a limit already"),
    (f"{HEAD}{SAME}01,,total,7,days,\n{SAME}02,,sign,1,24x7,\n", 3, "stage", "no total limit"),
    (TOTAL + f"{SAME}01,,sign,2,24x7,\n".replace("nj-1", "nj-2"), 3, "version", "'nj-2' is not 'nj-1' as in row 2"),
    (TOTAL.replace("nj-1", ""), 2, "version", "must not be empty"),
    (TOTAL.replace("+08:00", ""), 2, "valid_from", "needs an offset"),
    (TOTAL.replace("2026-01-01T00:00+08:00", "tomorrow"), 2, "valid_from", "tomorrow"),
    (TOTAL.replace("+08:00,,", "+08:00,2026-01-01T00:00+08:00,"), 2, "valid_to", "ends before it begins"),
    (HEAD + '"nj-1', 2, "file", "is not CSV"),
]


@pytest.mark.parametrize(("text", "row", "column", "message"), BROKEN)
def test_a_mistake_in_a_policy_names_row_and_column(text: str, row: int, column: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        parse_policy(text)
    assert (refused.value.row, refused.value.column) == (row, column)


def test_the_default_policy_can_be_written_and_read_again() -> None:
    from dashboard.simulate.policy import default_policy

    policy: Policy = default_policy()
    rows = [f"d,1970-01-01T00:00Z,,{r.category},{r.severity},{r.stage},{r.value!r},{r.mode},{r.reserve!r}\n" for r in policy.rows]
    assert parse_policy(HEAD + "".join(rows)).rows == policy.rows


CALENDAR = "key,value\nversion,nj-2\nzone,Asia/Shanghai\n"


def test_a_calendar_is_read() -> None:
    days = "slots,08:30-12:00 14:00-24:00\nweekend,sun\nholidays,none\n2026-05-02,off\n2026-05-03,09:00-10:00\n"
    c = parse_calendar(CALENDAR + days)
    worked = [sum(b - a for a, b in c.working(date(2026, 5, day))) / HOUR for day in (1, 2, 3, 4, 10)]
    assert worked == [13.5, 0, 1, 13.5, 0]
    assert (c.version, c.zone.name, c.day_ms) == ("nj-2", "Asia/Shanghai", 13.5 * HOUR)


def test_a_calendar_has_the_official_holidays_unless_it_says_so() -> None:
    assert parse_calendar(CALENDAR).working(date(2026, 10, 1)) == []
    assert parse_calendar(CALENDAR + "weekend,none\n").working(date(2026, 7, 4)) != []


@pytest.mark.parametrize(
    ("more", "row", "column", "message"),
    [
        ("slots,12:00-09:00\n", 4, "value", "empty or negative"),
        ("slots,\n", 4, "value", "at least one slot"),
        ("slots,09:00\n", 4, "value", "time '' must be HH:MM|time '': must be HH:MM"),
        ("weekend,sat,sun\n", 4, "value", "3 cells under 2 columns"),
        ("weekend,saturday\n", 4, "value", "'saturday' is none of mon"),
        ("weekend,mon tue wed thu fri sat sun\n", 4, "value", "one of them must be worked"),
        ("holidays,us\n", 4, "value", "'us' is none of cn, none"),
        ("zone,UTC\n", 4, "key", "zone is there twice"),
        ("2026-05-02,off\n2026-05-02,off\n", 5, "key", "2026-05-02 is there twice"),
        ("2026-02-30,off\n", 4, "key", "neither a day such as"),
        ("lunch,12:00-13:00\n", 4, "key", "neither a day such as"),
        ("2026-05-02,closed\n", 4, "value", "'closed': must be HH:MM"),
    ],
)
def test_a_mistake_in_a_calendar_names_row_and_column(more: str, row: int, column: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message) as refused:
        parse_calendar(CALENDAR + more)
    assert (refused.value.row, refused.value.column) == (row, column)


def test_a_calendar_needs_version_and_a_known_zone() -> None:
    with pytest.raises(PolicyError, match="version is missing"):
        parse_calendar("key,value\nzone,UTC\n")
    with pytest.raises(PolicyError, match="row 2, column value: time zone 'Nanjing' is not known"):
        parse_calendar("key,value\nzone,Nanjing\n")
