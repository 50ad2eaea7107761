"""Video points as a CSV: id, name, network, category, lon, lat and, if known, direction, fov, range_m, status, active, secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import numpy as np

from dashboard.places.crs import to_wgs84
from dashboard.places.file import crs_of, table
from dashboard.places.finding import Finding
from dashboard.video.point import Status, VideoPoint

NEEDED = ("id", "name", "network", "category", "lon", "lat")
BOUNDS = {"lon": (-180.0, 180.0), "lat": (-90.0, 90.0), "direction": (0.0, 360.0), "fov": (0.0, 360.0), "range_m": (0.0, 5000.0)}
USUAL = {"direction": 0.0, "fov": 360.0, "range_m": 30.0}
"""A point of which nothing more is known looks all around, and not far."""
YES_NO = {"": None, "0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}


def read_points(body: bytes, crs: str | None) -> tuple[list[VideoPoint], list[Finding]]:
    """All points of the file in WGS-84 and every cell that is wrong. BadFile when it cannot be read at all."""
    found = table(body, NEEDED)
    system = crs_of(crs, None)
    points: dict[str, VideoPoint] = {}
    findings: list[Finding] = []
    for number, row in found.rows:
        wrong = [Finding("bad_cell", f"row {number}, column {column}", row["id"], detail=why) for column, why in _wrong(row)]
        if row["id"] in points:
            wrong.append(Finding("twice", f"row {number}, column id", row["id"]))
        if not wrong:
            points[row["id"]] = _point(row)
        findings += wrong
    return _moved(list(points.values()), system), findings


def _wrong(row: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [(c, "is empty") for c in NEEDED if not row[c]]
    found += [(c, "has more than 32 characters") for c in ("id", "network", "category") if len(row[c]) > 32]
    for column, (low, high) in BOUNDS.items():
        value = row.get(column, "")
        if value and not _between(value, low, high):
            found.append((column, f"{value!r} is not a number from {low:g} to {high:g}"))
    if row.get("status", "") not in ("", *get_args(Status)):
        found.append(("status", f"{row['status']!r} is not one of {', '.join(get_args(Status))}"))
    found += [(c, f"{row[c]!r} is not 0 or 1") for c in ("active", "secret") if row.get(c, "").lower() not in YES_NO]
    return found


def _between(value: str, low: float, high: float) -> bool:
    try:
        return low <= float(value) <= high
    except ValueError:
        return False


def _point(row: Mapping[str, str]) -> VideoPoint:
    number = {c: float(row.get(c) or USUAL.get(c, 0.0)) for c in BOUNDS}
    status: Status = next((s for s in get_args(Status) if s == row.get("status")), "ON")
    active, secret = (YES_NO[row.get(c, "").lower()] for c in ("active", "secret"))
    return VideoPoint(
        row["id"], row["name"], row["network"], row["category"], **number, status=status, active=active is not False, secret=secret is True
    )


def _moved(points: list[VideoPoint], crs: str) -> list[VideoPoint]:
    if points and crs != "wgs84":
        lon, lat = to_wgs84(np.array([p.lon for p in points]), np.array([p.lat for p in points]), crs)
        for point, x, y in zip(points, lon.round(7).tolist(), lat.round(7).tolist(), strict=True):
            point.lon, point.lat = x, y
    return points
