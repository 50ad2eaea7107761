"""Policies and calendars as the CSV tables that people keep them in. Every mistake names row and column.

policy: one row a limit, with the columns version, valid_from, category, severity, stage, value, mode and, if wanted,
valid_to and reserve (see `PolicyRow`). Version and validity are the same in all rows; instants carry an offset.

calendar: the columns key and value. Keys: version, zone, slots (`09:00-12:00 13:30-17:30`), weekend (`sat sun` or `none`),
holidays (`cn` or `none`), and days (`2026-05-02`) with their own slots or `off`. Only version and zone are required.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Any, TypeVar

from dashboard.clock import ms
from dashboard.clocks.calendar import Calendar, Slots, parse_slots
from dashboard.clocks.policy import CLOCKS, MODES, SEVERITIES, Policy, PolicyError, PolicyRow
from dashboard.clocks.zone import Zone

MAX_LIMIT = {"24x7": 87_840, "work_hours": 87_840, "work_days": 3_660, "days": 3_660}
"""Ten years: more is a slip of the unit, and would lead out of the calendar."""
_NEEDED = ("version", "valid_from", "category", "severity", "stage", "value", "mode")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Line = tuple[int, dict[str, str]]
T = TypeVar("T")


def parse_policy(csv_text: str) -> Policy:
    """One version of a policy. PolicyError: see the module's first lines, `Policy` and `MAX_LIMIT` for what is refused."""
    lines = _lines(csv_text, _NEEDED, ("valid_to", "reserve"))
    _check_same(lines, ("version", "valid_from", "valid_to"))
    first = lines[0]
    version, valid_from = _cell(first, "version", _word), _cell(first, "valid_from", _instant)
    valid_to = _cell(first, "valid_to", _instant) if first[1]["valid_to"] else None
    rows = [_row(line) for line in lines]
    try:
        return Policy(version, valid_from, valid_to, rows)
    except PolicyError as e:
        raise PolicyError(lines[max(e.row, 1) - 1][0], e.column, e.message) from None


def parse_calendar(csv_text: str) -> Calendar:
    """One version of a calendar. PolicyError names the row of what is unknown, missing, there twice or not a time."""
    found: dict[str, Any] = {}
    overrides: dict[date, Slots | None] = {}
    weekend = 0
    for line in _lines(csv_text, ("key", "value"), ()):
        key = line[1]["key"]
        if key in _SETTINGS:
            _put(found, key, _cell(line, "value", _SETTINGS[key]), line)
        else:
            _put(overrides, _cell(line, "key", _day), _cell(line, "value", _own_slots), line)
        weekend = line[0] if key == "weekend" else weekend
    for key in ("version", "zone"):
        if key not in found:
            raise PolicyError(0, "key", f"{key} is missing")
    try:
        return Calendar(overrides=overrides, **found)
    except ValueError as e:  # each setting was looked at above, but for a week without a working day
        raise PolicyError(weekend, "value", str(e)) from None


def _lines(text: str, needed: Sequence[str], optional: Sequence[str]) -> list[Line]:
    """Rows that are not empty, as (line of the file, cell by column), all columns there and stripped."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as e:
        raise PolicyError(reader.line_num, "file", f"is not CSV: {e}") from None
    header = rows[0][1] if rows else []
    _check_header(header, needed, optional)
    lines = [_line(number, header, row, optional) for number, row in rows[1:] if any(row)]
    if not lines:
        raise PolicyError(0, "file", "has no rows")
    return lines


def _check_header(header: list[str], needed: Sequence[str], optional: Sequence[str]) -> None:
    for column in needed:
        if column not in header:
            raise PolicyError(1, column, f"this column is missing; needed are {', '.join(needed)}")
    for i, column in enumerate(header):
        if column not in needed and column not in optional:
            raise PolicyError(1, column, f"is not a column; known are {', '.join([*needed, *optional])}")
        if column in header[:i]:
            raise PolicyError(1, column, "this column is there twice")


def _line(number: int, header: list[str], row: list[str], optional: Sequence[str]) -> Line:
    if len(row) != len(header):
        raise PolicyError(number, header[min(len(row), len(header) - 1)], f"{len(row)} cells under {len(header)} columns")
    return number, {**dict.fromkeys(optional, ""), **dict(zip(header, row, strict=True))}


def _check_same(lines: Sequence[Line], columns: Sequence[str]) -> None:
    number, first = lines[0]
    for line in lines:
        for column in columns:
            if line[1][column] != first[column]:
                message = f"{line[1][column]!r} is not {first[column]!r} as in row {number}: one file, one version"
                raise PolicyError(line[0], column, message)


def _cell(line: Line, column: str, read: Callable[[str], T]) -> T:
    try:
        return read(line[1][column])
    except ValueError as e:
        raise PolicyError(line[0], column, str(e)) from None


def _row(line: Line) -> PolicyRow:
    mode: Any = _cell(line, "mode", _one_of(MODES))
    stage: Any = _cell(line, "stage", _one_of(CLOCKS))
    value = _cell(line, "value", _number)
    if not 0 < value <= MAX_LIMIT[mode]:
        raise PolicyError(line[0], "value", f"{value:g} must be more than 0 and at most {MAX_LIMIT[mode]} for {mode}; no limit = no row")
    reserve = _cell(line, "reserve", lambda text: _number(text or "0"))
    if not 0 <= reserve <= MAX_LIMIT["24x7"]:
        raise PolicyError(line[0], "reserve", f"{reserve:g} must be 0 to {MAX_LIMIT['24x7']} hours")
    return PolicyRow(line[1]["category"], _cell(line, "severity", _one_of(("", *SEVERITIES))), stage, value, mode, reserve)


def _put(found: dict[Any, Any], key: Any, value: Any, line: Line) -> None:
    if key in found:
        raise PolicyError(line[0], "key", f"{key} is there twice")
    found[key] = value


def _one_of(words: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"{text!r} is none of {', '.join(w or '(empty)' for w in words)}")
        return text

    return read


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise ValueError(f"{text!r} is not a number")
    return value


def _word(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} needs an offset, such as 2026-01-01T00:00+08:00")
    return ms(moment)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a day such as 2026-05-02 nor one of {', '.join(_SETTINGS)}") from None


def _slots(text: str) -> Slots:
    """As written; `parse_slots` only looks whether they are good."""
    pairs = [(opens, closes) for opens, _, closes in (slot.partition("-") for slot in text.split())]
    parse_slots(pairs)
    return pairs


def _own_slots(text: str) -> Slots | None:
    return None if text == "off" else _slots(text)


def _weekend(text: str) -> frozenset[int]:
    day = _one_of(_DAYS)
    return frozenset() if text == "none" else frozenset(_DAYS.index(day(word)) for word in text.split())


def _zone(text: str) -> str:
    return Zone(text).name


_SETTINGS: dict[str, Callable[[str], Any]] = {
    "version": _word, "zone": _zone, "slots": _slots, "weekend": _weekend, "holidays": _one_of(("cn", "none")),
}  # fmt: skip
