"""Limits by category x severity x stage, in versions that a case is pinned to (DOMAIN.md 3).

No row = no limit = never late. The table is data: a CSV with one row a limit, whose every mistake names row and column.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, get_args

import msgspec

from dashboard.cases.stage import Severity
from dashboard.clock import Mode, iso

Clock = Literal["total", "accept", "file", "dispatch", "sign", "handle", "check_dispatch", "check", "close", "owner"]
"""What a row limits: the total promise, one stage, or how long one unit has the case."""
MODES: tuple[str, ...] = get_args(Mode)
CLOCKS: tuple[str, ...] = get_args(Clock)
SEVERITIES = tuple(s.name for s in Severity)
ONLY = "$"
"""At the end of a row's category: this code only, not those that begin with it."""


class PolicyError(ValueError):
    """A table that cannot be used. `row` counts the lines of the file from 1, 0 = the table as a whole; `column` by name."""

    def __init__(self, row: int, column: str, message: str) -> None:
        super().__init__(f"row {row}, column {column}: {message}" if row else f"{column}: {message}")
        self.row, self.column, self.message = row, column, message


class Limit(msgspec.Struct, frozen=True):
    """Hours (24x7, work_hours) or days (work_days, days); `Calendar.amount` makes ms of them."""

    value: float
    mode: Mode


class PolicyRow(msgspec.Struct, frozen=True):
    """One limit. `category`: a prefix ("" = any; ending in $ = that code only); `severity`: "" = any.

    `reserve`: hours, measured in the row's mode, that the total promise keeps for later stages.
    """

    category: str
    severity: str
    stage: Clock
    value: float
    mode: Mode
    reserve: float = 0.0


class Policy:
    """One version of the table, in force for cases reported in [valid_from, valid_to) (ms; None = until further notice)."""

    def __init__(self, version: str, valid_from: int, valid_to: int | None, rows: Sequence[PolicyRow]) -> None:
        """PolicyError (its row counts `rows` from 1): validity that ends before it begins, duplicates, limits without a total."""
        if valid_to is not None and valid_to <= valid_from:
            raise PolicyError(0, "valid_to", f"version {version} ends before it begins")
        self.version, self.valid_from, self.valid_to = version, valid_from, valid_to
        self.rows = tuple(rows)
        self._index: dict[tuple[str, str, str], PolicyRow] = {}
        for number, row in enumerate(self.rows, 1):
            self._put(number, row)
        for number, row in enumerate(self.rows, 1):
            self._check_total(number, row)

    def limit(self, category: str, severity: str, stage: Clock) -> PolicyRow | None:
        """The most specific row: the longest category first, then a severity that is given. None = no limit, never late."""
        return self._find([category + ONLY, *_prefixes(category)], severity, stage)

    def _find(self, keys: Sequence[str], severity: str, stage: Clock) -> PolicyRow | None:
        for key in keys:
            row = self._index.get((key, severity, stage)) or self._index.get((key, "", stage))
            if row is not None:
                return row
        return None

    def _put(self, number: int, row: PolicyRow) -> None:
        key = (row.category, row.severity, row.stage)
        if key in self._index:
            raise PolicyError(number, "stage", f"{_name(row)} has a limit already in an earlier row")
        self._index[key] = row

    def _check_total(self, number: int, row: PolicyRow) -> None:
        """A stage can be late only within a promise: due = min(own limit, total due - reserve)."""
        only = row.category.endswith(ONLY)
        keys = [row.category, *_prefixes(row.category[:-1])] if only else _prefixes(row.category)
        for severity in [row.severity] if row.severity else SEVERITIES:
            if self._find(keys, severity, "total") is None:
                raise PolicyError(number, "stage", f"{_name(row)} has a limit, but {severity} cases of it have no total limit")


class Policies:
    """All versions. `versions`: in order of their validity."""

    def __init__(self, versions: Sequence[Policy]) -> None:
        """PolicyError when a version is there twice or two of them are valid at once. Times without any are allowed: no limits."""
        self.versions = tuple(sorted(versions, key=lambda p: p.valid_from))
        self._names = {p.version: p for p in self.versions}
        if len(self._names) < len(self.versions):
            raise PolicyError(0, "version", f"one of {[p.version for p in self.versions]} is there twice")
        for old, new in pairwise(self.versions):
            if old.valid_to is None or old.valid_to > new.valid_from:
                until = "has no end" if old.valid_to is None else f"is valid until {iso(old.valid_to)}"
                message = f"{new.version} begins at {iso(new.valid_from)}, but {old.version} {until}: they overlap"
                raise PolicyError(0, "valid_from", message)

    def at(self, instant: int) -> Policy | None:
        """The version in force at an instant (ms)."""
        i = bisect_right(self.versions, instant, key=lambda p: p.valid_from) - 1
        found = self.versions[i] if i >= 0 else None
        return found if found and (found.valid_to is None or instant < found.valid_to) else None

    def get(self, version: str) -> Policy | None:
        """A version by name: what a case is pinned to, in force or not."""
        return self._names.get(version)


def _prefixes(category: str) -> list[str]:
    return [category[:n] for n in range(len(category), -1, -1)]


def _name(row: PolicyRow) -> str:
    return f"{row.stage} of category {row.category or 'any'}, severity {row.severity or 'any'},"
