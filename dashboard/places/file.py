"""Files of places: read within a bound, as CSV or GeoJSON, in a coordinate system that somebody declared."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from dashboard.places.crs import Crs

MAX_BYTES = 96 * 1024 * 1024
"""A city of 12,583 grids drawn to the metre has about 30 MB; a file above this would also not fit in memory as numbers."""
NAMES = {
    "wgs84": "wgs84", "wgs-84": "wgs84", "epsg:4326": "wgs84", "crs84": "wgs84", "epsg:4490": "wgs84", "cgcs2000": "wgs84",
    "gcj02": "gcj02", "gcj-02": "gcj02", "bd09": "bd09", "bd-09": "bd09",
}  # fmt: skip
"""CGCS2000 and WGS-84 differ by centimetres, which no grid's border promises."""


class BadFile(ValueError):
    """The whole file cannot be read; the message goes on from `the file` and says why and what to do."""


class Table(msgspec.Struct):
    """Rows of a CSV: line of the file (the header is 1) and its cells by column, all as text."""

    header: list[str]
    rows: list[tuple[int, dict[str, str]]]


def read_bytes(path: Path) -> bytes:
    """The file's content, unpacked when it is gzip. BadFile when it is too large, also unpacked, or cannot be read."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadFile(_too_large(f"{size / 1e6:.0f} MB"))
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as f:
            body = f.read(MAX_BYTES + 1)
    except (OSError, EOFError) as e:
        raise BadFile(f"cannot be read: {e}") from None
    if len(body) > MAX_BYTES:
        raise BadFile(_too_large("unpacked even more"))
    if not body.strip():
        raise BadFile("is empty")
    if b"\0" in body or b"\\u0000" in body:
        raise BadFile("holds the character NUL, which no database keeps")
    return body


def _too_large(size: str) -> str:
    return f"has {size}, at most {MAX_BYTES // 2**20} MB fit; import district by district: each file is the whole map of its district"


def is_geojson(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def geojson(body: bytes) -> dict[str, Any]:
    """The FeatureCollection. BadFile for anything else."""
    try:
        found = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise BadFile(f"is not JSON in UTF-8: {e}") from None
    except RecursionError:
        raise BadFile("is nested deeper than any map") from None
    if not isinstance(found, dict) or not isinstance(found.get("features"), list):
        raise BadFile("is not a GeoJSON FeatureCollection")
    if not found["features"]:
        raise BadFile("has no features")
    return found


def table(body: bytes, needed: Sequence[str]) -> Table:
    """Rows that are not empty. BadFile names the row, and the column that is missing."""
    try:
        reader = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except UnicodeDecodeError as e:
        raise BadFile(f"is not UTF-8 (byte {e.start}); save it as CSV UTF-8") from None
    except csv.Error as e:
        raise BadFile(f"is not CSV: row {reader.line_num}: {e}") from None
    header = rows[0][1] if rows else []
    for column in needed:
        if column not in header:
            raise BadFile(f"row 1: column {column} is missing; needed are {', '.join(needed)}")
    for number, row in rows[1:]:
        if any(row) and len(row) != len(header):
            raise BadFile(f"row {number}: {len(row)} cells under {len(header)} columns")
    found = [(number, dict(zip(header, row, strict=True))) for number, row in rows[1:] if any(row)]
    if not found:
        raise BadFile("has no rows")
    return Table(header, found)


def crs_of(given: str | None, declared: str | None) -> Crs:
    """The coordinate system to read by: what the file declares, or what `--crs` says. BadFile when neither or both differ."""
    known = NAMES.get(_short(declared)) if declared else None
    if declared and known is None:
        raise BadFile(f"declares the coordinate system {declared!r}; convert it to WGS-84 first, known are {', '.join(get_args(Crs))}")
    if given and known and given != known:
        raise BadFile(f"declares {known}, --crs says {given}")
    for crs in get_args(Crs):
        if crs == (given or known):
            return crs  # type: ignore[no-any-return]
    raise BadFile("does not say its coordinate system; give it with --crs wgs84, gcj02 or bd09 (a wrong one moves everything by 500 m)")


def declared_by(collection: dict[str, Any]) -> str | None:
    """What a GeoJSON says of its own coordinate system: `crs` (2008), or the note of an open data set."""
    crs = collection.get("crs")
    if isinstance(crs, dict):
        crs = crs.get("properties", {}).get("name") if isinstance(crs.get("properties"), dict) else None
    found = crs or collection.get("crs_note")
    return found if isinstance(found, str) else None


def _short(name: str) -> str:
    return re.sub(r"^urn:ogc:def:crs:", "", name.strip().lower()).replace("ogc:1.3:", "").replace("::", ":")
