"""The catalogue as people keep it: a CSV with the columns code and name and, if known, name_en, severity and dispute (0 or 1)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import get_args

from dashboard.cases.category import Category, Severity
from dashboard.places.file import BadFile, table
from dashboard.places.finding import Finding

NEEDED = ("code", "name")
KNOWN = (*NEEDED, "name_en", "severity", "dispute")
SEVERITIES: dict[str, Severity] = {"": "normal", **{name: name for name in get_args(Severity)}}
DIGITS = (2, 4, 6)
LONGEST = {"code": 64, "name": 500, "name_en": 500}
"""A case carries no longer code (dashboard/cases/event_data.py)."""
MAX_ROWS = 10_000
"""Every page carries the names; the largest cities have a few hundred."""


def read_categories(body: bytes) -> tuple[list[Category], list[Finding]]:
    """The file's categories, and what is wrong with it by row and column. BadFile when it cannot be read at all."""
    found = table(body, NEEDED)
    if len(found.rows) > MAX_ROWS:
        raise BadFile(f"has {len(found.rows)} rows, at most {MAX_ROWS} are taken")
    codes = {row["code"] for _, row in found.rows}
    categories: dict[str, Category] = {}
    findings = list(_wrong_header(found.header))
    for number, row in found.rows:
        wrong = [Finding("bad_cell", f"row {number}, column {column}", detail=why) for column, why in _wrong(row, codes)]
        if row["code"] in categories:
            wrong.append(Finding("twice", f"row {number}, column code", row["code"]))
        if not wrong:
            categories[row["code"]] = _category(row)
        findings += wrong
    return list(categories.values()), findings


def _category(row: Mapping[str, str]) -> Category:
    severity, dispute = SEVERITIES[row.get("severity", "")], row.get("dispute") == "1"
    return Category(row["code"], row["name"], row.get("name_en") or row["name"], severity, dispute)


def _wrong_header(header: Sequence[str]) -> Iterator[Finding]:
    for i, column in enumerate(header):
        if column not in KNOWN:
            yield Finding("bad_cell", "row 1", detail=f"{column!r} is not a column; known are {', '.join(KNOWN)}")
        elif column in header[:i]:
            yield Finding("bad_cell", f"row 1, column {column}", detail="is there twice")


def _wrong(row: Mapping[str, str], codes: Collection[str]) -> Iterator[tuple[str, str]]:
    """Columns of one row, and why they cannot be taken."""
    for column in NEEDED:
        if not row[column]:
            yield column, "is empty"
    for column, most in LONGEST.items():
        if len(row.get(column, "")) > most:
            yield column, f"has more than {most} characters"
    if (why := _wrong_digits(row["code"], codes)) is not None:
        yield "code", why
    if row.get("severity", "") not in SEVERITIES:
        yield "severity", f"{row['severity']!r} is none of {', '.join(get_args(Severity))}; empty is normal"
    if row.get("dispute", "") not in ("", "0", "1"):
        yield "dispute", f"{row['dispute']!r} is neither 0 nor 1; empty is 0"


def _wrong_digits(code: str, codes: Collection[str]) -> str | None:
    """A code of digits stands in our three levels; any other is a source's own."""
    if not (code.isascii() and code.isdigit()):
        return None
    if len(code) not in DIGITS:
        return f"{code!r} is not of 2, 4 or 6 digits; keep codes as text, so that no zero is lost"
    if len(code) > DIGITS[0] and code[:-2] not in codes:
        return f"{code!r} lies in {code[:-2]!r}, which is not in the file: give it a row too"
    return None
