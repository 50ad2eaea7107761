"""Coordinate systems of sources (DOMAIN.md 1): WGS-84, GCJ-02 (shifted by up to about 700 m) and BD-09.

The transformation is the one that every open implementation of GCJ-02 uses (Krasovsky 1940 ellipsoid); BD-09 turns
and stretches GCJ-02 further. All functions take and give degrees as arrays of equal shape. Points outside the
rectangle of China are not shifted by GCJ-02.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Pair = tuple[Floats, Floats]
Crs = Literal["wgs84", "gcj02", "bd09"]

_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_CHINA = (72.004, 137.8347, 0.8293, 55.8271)
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 4
"""Each round of the inverse shrinks the error about a thousandfold: two rounds are below a centimetre."""


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> Pair:
    """Degrees in `crs` to WGS-84. ValueError for a system that is not known."""
    x, y = _floats(lon, lat)
    if crs == "wgs84":
        return x, y
    if crs == "gcj02":
        return gcj02_to_wgs84(x, y)
    if crs == "bd09":
        return gcj02_to_wgs84(*bd09_to_gcj02(x, y))
    raise ValueError(f"unknown coordinate system {crs!r}; known are wgs84, gcj02, bd09")


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS-84 to GCJ-02, for drawing on GCJ-02 tiles."""
    x, y = _floats(lon, lat)
    dx, dy = _shift(x, y)
    return x + dx, y + dy


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to WGS-84 by iteration: the shift is known only as a function of the answer. Error below 1 cm."""
    x, y = _floats(lon, lat)
    dx, dy = _shift(x, y)
    inside = _in_china(x, y)
    for _ in range(_ROUNDS):
        dx, dy = _shift_anywhere(x - dx, y - dy)
        dx, dy = np.where(inside, dx, 0.0), np.where(inside, dy, 0.0)
    return x - dx, y - dy


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 to BD-09."""
    x, y = _floats(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 to GCJ-02 by iteration; the published one-step inverse is off by up to a metre."""
    bx, by = _floats(lon, lat)
    x, y = bx - 0.0065, by - 0.006
    for _ in range(_ROUNDS):
        px, py = gcj02_to_bd09(x, y)
        x, y = x + bx - px, y + by - py
    return x, y


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS-84 to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def _floats(lon: ArrayLike, lat: ArrayLike) -> Pair:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    west, east, south, north = _CHINA
    inside: NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _shift(lon: Floats, lat: Floats) -> Pair:
    """Degrees by which GCJ-02 moves a WGS-84 point; 0 outside China."""
    inside = _in_china(lon, lat)
    dx, dy = _shift_anywhere(lon, lat)
    return np.where(inside, dx, 0.0), np.where(inside, dy, 0.0)


def _shift_anywhere(lon: Floats, lat: Floats) -> Pair:
    x, y = lon - 105.0, lat - 35.0
    east, north = _metres(x, y)
    radians = np.radians(lat)
    magic = 1 - _ECCENTRICITY * np.sin(radians) ** 2
    dx = np.degrees(east / (_AXIS / np.sqrt(magic) * np.cos(radians)))
    dy = np.degrees(north / (_AXIS * (1 - _ECCENTRICITY) / (magic * np.sqrt(magic))))
    return dx, dy


def _metres(x: Floats, y: Floats) -> Pair:
    """Metres east and north; polynomial and sines as published, x and y in degrees from (105, 35)."""
    root = np.sqrt(np.abs(x))
    ripple = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    return east, north
