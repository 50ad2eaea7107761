"""The video points of the demo city: 42,000 in two networks, mostly at the corners of grids, where streets meet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.places.grid import Grid
from dashboard.video.point import Status, VideoPoint

NETWORKS = {"xueliang_tianwang": 4_000, "huiyan": 38_000}
"""Points per network."""
NETWORK_NAMES = {"xueliang_tianwang": "雪亮天网", "huiyan": "慧眼"}
_CATEGORIES = [
    ("crossing", "路口", 0.34), ("road", "路段", 0.20), ("estate", "小区出入口", 0.16), ("market", "市场", 0.06),
    ("school", "学校周边", 0.07), ("hospital", "医院周边", 0.03), ("square", "广场", 0.05), ("station", "车站", 0.04),
    ("waterlogging", "易积水点", 0.05),
]  # fmt: skip
_STATUSES: list[Status] = ["ON", "OFF", "VLOST", "DEFECT"]
_ODDS = {"xueliang_tianwang": [0.978, 0.010, 0.006, 0.006], "huiyan": [0.968, 0.018, 0.007, 0.007]}
_BEARINGS = ["北", "东北", "东", "东南", "南", "西南", "西", "西北"]
_SPREAD = 1.5e-4
"""Degrees, about 15 m: poles stand near a corner, not on it."""


def cameras(rng: np.random.Generator, grids: list[Grid]) -> list[VideoPoint]:
    """Exactly the points of NETWORKS, by network and district, with ids in the manner of GB/T 28181."""
    out: list[VideoPoint] = []
    for digit, (network, count) in enumerate(NETWORKS.items(), start=1):
        out.extend(_network(rng, grids, network, count, digit))
    return out


def _network(rng: np.random.Generator, grids: list[Grid], network: str, count: int, digit: int) -> list[VideoPoint]:
    places = _places(rng, grids, count)
    odds = np.array([share for *_, share in _CATEGORIES])
    kind = rng.choice(len(_CATEGORIES), count, p=odds / odds.sum()).tolist()
    views = _views(rng, count)
    status = rng.choice(len(_STATUSES), count, p=_ODDS[network]).tolist()
    flags = (rng.random((count, 2)) < [0.992, 0.012]).tolist()
    out = []
    for i, ((grid, lon, lat), which) in enumerate(zip(places, kind, strict=True)):
        category, zh, _ = _CATEGORIES[which]
        direction, fov, reach = views[i]
        active, secret = flags[i]
        name = f"{grid.name}{zh}{_BEARINGS[int((direction + 22.5) // 45) % 8]}向{i % 97 + 1:02d}号"
        number = f"{grid.code[:6]}0000132{digit}{i + 1:06d}"
        out.append(VideoPoint(number, name, network, category, lon, lat, direction, fov, reach, _STATUSES[status[i]], active, secret))
    return out


def _places(rng: np.random.Generator, grids: list[Grid], count: int) -> list[tuple[Grid, float, float]]:
    """`count` corners of grids in the order of the grids' codes, with lon and lat in degrees."""
    where = np.sort(rng.integers(0, len(grids), count)).tolist()
    corner, jitter = rng.random(count).tolist(), rng.normal(0, _SPREAD, (count, 2)).tolist()
    out = []
    for number, share, (dx, dy) in zip(where, corner, jitter, strict=True):
        ring = grids[number].rings[0]
        lon, lat = ring[int(share * (len(ring) - 1))]
        out.append((grids[number], round(lon + dx, 6), round(lat + dy, 6)))
    return out


def _views(rng: np.random.Generator, count: int) -> list[list[float]]:
    """`count` of direction, opening angle and range; 1 in 12 looks all around."""
    direction: NDArray[np.float64] = np.floor(rng.uniform(0, 360, count))
    around = rng.random(count) < 1 / 12
    fov = np.where(around, 360.0, rng.choice([45.0, 60.0, 75.0, 90.0], count))
    reach = np.where(around, 40.0, rng.choice([50.0, 60.0, 80.0, 100.0, 120.0, 150.0], count))
    out: list[list[float]] = np.column_stack([direction, fov, reach]).tolist()
    return out
