"""Distances between points (lon, lat) on the globe."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

EARTH_M = 6_371_000.0
Point = tuple[float | None, float | None]
"""(lon, lat) in WGS-84; None where it is not known."""


DEGREE_M = 111_320.0
"""Metres of a degree of latitude."""


def scale(lat: float) -> NDArray[np.float64]:
    """(2,) metres of a degree east and north around this latitude, for a plane; off by less than 1% over 100 km."""
    return np.array([DEGREE_M * math.cos(math.radians(lat)), DEGREE_M])


def metres(a: Point, b: Point) -> float | None:
    """Great-circle distance, None where either point is not known."""
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        return None
    south, north = math.radians(a[1]), math.radians(b[1])
    half = math.sin((south - north) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin(math.radians(a[0] - b[0]) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


def box(lon: float, lat: float, radius: float) -> tuple[float, float, float, float]:
    """(west, south, east, north) of a box that holds every point within `radius` metres; not made for the poles."""
    up = math.degrees(radius / EARTH_M) * 1.001
    out = up / max(0.01, math.cos(math.radians(lat)))
    return lon - out, lat - up, lon + out, lat + up
