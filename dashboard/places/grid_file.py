"""Grids as GeoJSON (properties beside each polygon) or as CSV (the polygon as WKT in column `wkt`).

Needed: code and name; community (or parent), else the known unit that the code begins with. If known: kind, households,
residents_reported, residents_verified, full_time, part_time. A unit of any level may be given its own border in this way: a city that
has not drawn its grids yet shows and locates by its districts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np
import shapely

from dashboard.places.crs import Crs, to_wgs84
from dashboard.places.file import BadFile, crs_of, declared_by, geojson, is_geojson, table
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid, Ring
from dashboard.places.unit_file import CODE

NAMED = {
    "code": ("code", "grid_code", "adcode", "id"),
    "name": ("name", "grid_name"),
    "community": ("community", "parent", "community_code"),
}
"""Names under which files carry a property, the first one found counts."""
COUNTS = ("households", "residents_reported", "residents_verified", "full_time", "part_time")
DIGITS = 12
MAX_COUNT = 10_000_000


class Draft(NamedTuple):
    """One feature as it came: where in the file, its properties, and its rings in the file's coordinates."""

    where: str
    given: Mapping[str, Any]
    rings: list[Ring]


def read_grids(body: bytes, crs: str | None) -> tuple[list[Grid], list[Finding]]:
    """The file's grids in WGS-84 and what is wrong with single ones, whose drafts are left out. BadFile when it cannot be read at all.

    `community` stays empty where the file does not name it: `settled` finds it by the code.
    """
    drafts, system = _geojson(body, crs) if is_geojson(body) else _csv(body, crs)
    grids: dict[str, Grid] = {}
    findings: list[Finding] = []
    for draft in drafts:
        wrong = list(_wrong(draft, system))
        if not wrong:
            grid = _grid(draft, system)
            wrong = [Finding("twice", draft.where, grid.code)] if grid.code in grids else []
            grids.setdefault(grid.code, grid)
        findings += wrong
    return list(grids.values()), findings


def _geojson(body: bytes, crs: str | None) -> tuple[list[Draft], Crs]:
    found = geojson(body)
    system = crs_of(crs, declared_by(found))
    return [_feature(number, f) for number, f in enumerate(found["features"], 1)], system


def _feature(number: int, feature: Any) -> Draft:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    return Draft(f"feature {number}", properties if isinstance(properties, dict) else {}, _rings(geometry, f"feature {number}"))


def _rings(geometry: Any, where: str) -> list[Ring]:
    """Outer and inner borders of a (Multi)Polygon, all in one list: they are filled even-odd."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return []
    polygons = geometry.get("coordinates") or []
    try:
        rings = [ring for polygon in ([polygons] if geometry["type"] == "Polygon" else polygons) for ring in polygon]
        return [[[float(p[0]), float(p[1])] for p in ring] for ring in rings]
    except (TypeError, ValueError, IndexError, KeyError, OverflowError):
        raise BadFile(f"{where}: its coordinates are not lists of [lon, lat]") from None


def _csv(body: bytes, crs: str | None) -> tuple[list[Draft], Crs]:
    found = table(body, ("code", "name", "wkt"))
    return [Draft(f"row {number}", row, _wkt(row["wkt"])) for number, row in found.rows], crs_of(crs, None)


def _wkt(text: str) -> list[Ring]:
    shape = shapely.from_wkt(text, on_invalid="ignore")
    parts = shapely.get_parts(shape) if shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") else []
    return [shapely.get_coordinates(ring).tolist() for part in parts for ring in (part.exterior, *part.interiors)]


def _given(draft: Draft, name: str) -> str:
    """A property as text: a number in a JSON keeps its digits, but has lost its zeros, which is why codes are asked for as text."""
    value = next((draft.given[key] for key in NAMED[name] if draft.given.get(key) not in (None, "")), "")
    return str(value).strip()


def _code(draft: Draft) -> str:
    """Division codes of 6 or 9 digits are the 12-digit ones without their zeros."""
    code = _given(draft, "code")
    return code.ljust(DIGITS, "0") if code.isdigit() and len(code) in (6, 9) else code


def _wrong(draft: Draft, crs: Crs) -> Iterator[Finding]:
    where, code = draft.where, _code(draft)
    if not CODE.fullmatch(code):
        yield Finding("bad_code", f"{where}, column code", detail=code)
    if not _given(draft, "name"):
        yield Finding("bad_cell", f"{where}, column name", code, detail="is empty")
    if draft.given.get("kind") not in (None, "", "general", "dedicated"):
        yield Finding("bad_cell", f"{where}, column kind", code, detail=f"{draft.given['kind']!r} is neither general nor dedicated")
    for column in COUNTS:
        if not 0 <= _count(draft.given.get(column)) <= MAX_COUNT:
            told = f"{draft.given[column]!r} is not a count of 0 to {MAX_COUNT}"
            yield Finding("bad_cell", f"{where}, column {column}", code, detail=told)
    yield from _wrong_rings(draft, code, crs)


def _count(value: Any) -> int:
    try:
        return int(str(value)) if value not in (None, "") else 0
    except ValueError:
        return -1


def _wrong_rings(draft: Draft, code: str, crs: Crs) -> Iterator[Finding]:
    where = draft.where
    if not draft.rings or any(len(ring) < 3 for ring in draft.rings):
        yield Finding("empty", where, code)
        return
    points = np.concatenate([np.asarray(ring) for ring in draft.rings])
    bad = np.flatnonzero(~((np.abs(points[:, 0]) <= 180) & (np.abs(points[:, 1]) <= 90)))
    if len(bad):
        x, y = points[bad[0]]
        yield Finding("bad_crs", where, code, detail=f"({x:g}, {y:g}) is not in degrees; convert the file to WGS-84, lon before lat")
        return
    lon, lat = (float(v[0]) for v in to_wgs84(points[:1, 0], points[:1, 1], crs))
    if any(ring[0] != ring[-1] for ring in draft.rings):
        yield Finding("not_closed", where, code, lon=lon, lat=lat)
        return
    if any(len({(p[0], p[1]) for p in ring}) < 3 for ring in draft.rings):
        yield Finding("empty", where, code, lon=lon, lat=lat)
        return
    yield from _crossing(draft, code, crs)


def _crossing(draft: Draft, code: str, crs: Crs) -> Iterator[Finding]:
    for ring in draft.rings:
        shape = shapely.Polygon(ring)
        if not shapely.is_valid(shape):
            name, _, at = str(shapely.is_valid_reason(shape)).rstrip("]").partition("[")
            x, y = (float(v) for v in at.split()[:2]) if at else ring[0]
            lon, lat = to_wgs84(x, y, crs)
            yield Finding("crosses_itself", draft.where, code, detail=name.lower(), lon=float(lon), lat=float(lat))
            return


def _grid(draft: Draft, crs: Crs) -> Grid:
    rings = []
    for ring in draft.rings:
        points = np.asarray(ring, np.float64)
        x, y = to_wgs84(points[:, 0], points[:, 1], crs)
        rings.append(np.column_stack([x, y]).round(7).tolist())
    counts = {column: _count(draft.given.get(column)) for column in COUNTS}
    kind: Literal["general", "dedicated"] = "dedicated" if draft.given.get("kind") == "dedicated" else "general"
    return Grid(_code(draft), _given(draft, "name"), _given(draft, "community"), kind, rings, **counts)


def settled(grids: list[Grid], known: Mapping[str, Any]) -> tuple[list[Grid], list[Finding]]:
    """Grids with the unit that they lie in: the one they name, else the longest known code that theirs begins with.

    `known` has the units that may be parents, by code; division codes count without their trailing zeros.
    """
    found: list[Grid] = []
    findings: list[Finding] = []
    for grid in grids:
        parent = grid.community or _above(grid.code, known)
        if not parent:
            findings.append(Finding("no_parent", code=grid.code, detail=grid.name))
        elif parent not in known:
            findings.append(Finding("unknown_parent", code=grid.code, other=parent, detail=grid.name))
        else:
            grid = msgspec.structs.replace(grid, community=parent)
        found.append(grid)
    return found, findings


def _above(code: str, known: Mapping[str, Any]) -> str:
    if code in known and known[code].level != "grid":
        return code
    for digits in (12, 9, 6, 4):
        above = code[:digits].ljust(DIGITS, "0")
        if above in known and above != code:
            return above
    return ""
