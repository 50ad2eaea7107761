"""The routing table as people keep it: a CSV with the columns unit, category (a prefix; empty = any) and area (a unit or grid)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dashboard.places.file import BadFile, table
from dashboard.places.finding import Finding
from dashboard.places.route import Route
from dashboard.places.unit import UnitTree

NEEDED = ("unit", "category", "area")
MAX_ROWS = 200_000
"""A hundred departments, twenty kinds and a hundred streets; more is a table by grid, which one row for the street above says too."""


def read_routes(body: bytes, tree: UnitTree, categories: Collection[str]) -> tuple[list[Route], list[Finding]]:
    """The table's rows, and what is wrong with them by row and column. BadFile when it cannot be read at all.

    `categories`: the codes that are known; a row's prefix must begin at least one of them.
    """
    found = table(body, NEEDED)
    if len(found.rows) > MAX_ROWS:
        raise BadFile(f"has {len(found.rows)} rows, at most {MAX_ROWS} are taken: name a street or district instead of each of its grids")
    prefixes = {code[:n] for code in categories for n in range(len(code) + 1)}
    routes: dict[Route, None] = {}
    findings: list[Finding] = []
    for number, row in found.rows:
        route = Route(row["unit"], row["category"], row["area"])
        findings += _wrong(number, row, tree, prefixes)
        if route in routes:
            findings.append(Finding("bad_cell", f"row {number}", route.unit, detail="the same row is there already: leave it out"))
        routes[route] = None
    return list(routes), findings


def _wrong(number: int, row: Mapping[str, str], tree: UnitTree, prefixes: Collection[str]) -> Iterator[Finding]:
    for column in ("unit", "area"):
        code = row[column]
        if not code:
            yield Finding("bad_cell", f"row {number}, column {column}", detail="is empty: give the code of a unit")
        elif code not in tree:
            detail = f"{code!r} is not known: import units and grids first, and keep codes as text, so that no zero is lost"
            yield Finding("bad_cell", f"row {number}, column {column}", code, detail=detail)
    if row["category"] not in prefixes:
        detail = f"no category begins with {row['category']!r}: import categories first, give the beginning of a code, or nothing for all"
        yield Finding("bad_cell", f"row {number}, column category", detail=detail)
