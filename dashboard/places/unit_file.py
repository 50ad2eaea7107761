"""Units as a CSV: code, parent, name, level, and if known name_en, initials, valid_to, lon and lat (or lon_gcj02 and lat_gcj02)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dashboard.clock import parse
from dashboard.places.crs import to_wgs84
from dashboard.places.file import crs_of, table
from dashboard.places.finding import Finding
from dashboard.places.initials import initials
from dashboard.places.unit import Unit

NEEDED = ("code", "parent", "name", "level")
LEVELS = {
    "county": "district", "区": "district", "town": "street", "街道": "street", "镇": "street", "village": "community", "社区": "community",
}  # fmt: skip
"""The national division's words for our levels; other names of levels are data and stay as they are (DOMAIN.md 1)."""
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
LONGEST = {"level": 32, "initials": 64, "name": 500, "name_en": 500}
_SHIFTED = ("gcj02", "bd09", "wgs84")


def read_units(body: bytes, crs: str | None, zone: str = "UTC") -> tuple[list[Unit], list[Finding]]:
    """The file's units with centres in WGS-84, and what is wrong with single rows. BadFile when it cannot be read at all.

    `crs` is needed only for plain lon and lat: a column's name (lon_gcj02) declares its own. `zone` reads valid_to.
    """
    found = table(body, NEEDED)
    declared = next((s for s in _SHIFTED if f"lon_{s}" in found.header), None)
    suffix = f"_{declared}" if declared else ""
    placed = f"lon{suffix}" in found.header and f"lat{suffix}" in found.header
    system = crs_of(crs, declared) if placed else "wgs84"
    units: dict[str, Unit] = {}
    findings: list[Finding] = []
    for number, row in found.rows:
        wrong = list(_wrong(number, row))
        if row["code"] in units:
            wrong.append(Finding("twice", f"row {number}, column code", row["code"]))
        try:
            units.setdefault(row["code"], _unit(row, suffix if placed else None, system, zone))
        except ValueError as e:
            wrong.append(Finding("bad_cell", f"row {number}", row["code"], detail=str(e)))
        findings += wrong
    return list(units.values()), findings


def _wrong(number: int, row: Mapping[str, str]) -> Iterator[Finding]:
    for column in ("code", "parent"):
        if (row[column] or column == "code") and not CODE.fullmatch(row[column]):
            yield Finding("bad_code", f"row {number}, column {column}", detail=row[column])
    for column in ("name", "level"):
        if not row[column]:
            yield Finding("bad_cell", f"row {number}, column {column}", row["code"], detail="is empty")
    for column, most in LONGEST.items():
        if len(row.get(column, "")) > most:
            yield Finding("bad_cell", f"row {number}, column {column}", row["code"], detail=f"has more than {most} characters")


def _unit(row: Mapping[str, str], suffix: str | None, crs: str, zone: str) -> Unit:
    lon, lat = (_degrees(row, f"lon{suffix}", 180), _degrees(row, f"lat{suffix}", 90)) if suffix is not None else (None, None)
    if lon is not None and lat is not None:
        x, y = to_wgs84(lon, lat, crs)
        lon, lat = round(float(x), 7), round(float(y), 7)
    return Unit(
        code=row["code"], name=row["name"], level=LEVELS.get(row["level"], row["level"]), parent=row["parent"] or None,
        name_en=row.get("name_en", ""), initials=row.get("initials") or initials(row["name"])[:64], lon=lon, lat=lat,
        valid_to=parse(row["valid_to"], zone) if row.get("valid_to") else None,
    )  # fmt: skip


def _degrees(row: Mapping[str, str], column: str, limit: float) -> float | None:
    if not row[column]:
        return None
    try:
        value = float(row[column])
    except ValueError:
        raise ValueError(f"column {column}: {row[column]!r} is not a number") from None
    if not -limit <= value <= limit:
        raise ValueError(f"column {column}: {value} is not in degrees (-{limit} to {limit}); is it a projected system?")
    return value


def hung(units: Sequence[Unit], known: Mapping[str, Unit], under: str | None) -> tuple[list[Unit], list[Finding]]:
    """The units with parents that exist: in the file or among `known`; those without are put under `under`, or are findings.

    The city's root alone has no parent: the one in `known`, or in a fresh system the file's own.
    """
    inside = {u.code for u in units} | set(known)
    roots = {u.code for u in known.values() if u.parent is None} or {u.code for u in units if u.parent is None}
    lost = [u for u in units if u.code not in roots and u.parent not in inside]
    stays = {u.code: known[u.code].parent for u in lost if u.code in known}  # the same file once more
    new = [u for u in lost if u.code not in stays]
    if new and under is None:
        return list(units), [Finding("unknown_parent", code=u.code, other=u.parent or "", detail=u.name) for u in new]
    parents = stays | dict.fromkeys((u.code for u in new), under)
    moved = [msgspec.structs.replace(u, parent=parents[u.code]) if u.code in parents else u for u in units]
    told = ", ".join(sorted({u.parent or "none" for u in new})[:5])
    return moved, [Finding("put_under_root", other=under or "", value=len(new), detail=told)] if new else []


def circles(units: Sequence[Unit]) -> list[Finding]:
    """Units that are their own ancestors."""
    parent = {u.code: u.parent for u in units}
    found = []
    for unit in units:
        seen, at = {unit.code}, unit.parent
        while at is not None and at in parent and at not in seen:
            seen.add(at)
            at = parent[at]
        if at == unit.code:
            found.append(Finding("wrong_level", code=unit.code))
    return found
