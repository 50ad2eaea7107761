"""The reports of one simulated day, as arrays: when, where, what, by which channel, and how the case will go.

A day is a function of the seed and its date alone. So a simulator that starts again, even from another instant,
sends the same events with the same ids, and they have no second effect.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.places.crs import wgs84_to_gcj02
from dashboard.simulate.category import LIMIT_HOURS
from dashboard.simulate.envelope import DAY
from dashboard.simulate.scene import ITEMS, NOISE, WASTE, WATER, Scene

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ZONE = 8 * 3_600_000
"""China has one time and no summer time."""
PER_DAY = 10_700
EVENTS_MAX = 24
"""No case has more events; each takes 10 bytes of randomness for its id."""
CHANNELS = [("grid_officer", "/grid-app"), ("hotline_12345", "/12345"), ("citizen_app", "/citizen-app"), ("video", "/video")]
_CHANNEL_ODDS = [0.56, 0.21, 0.15, 0.08]
_NIGHT = 14
"""A real city is quieter still; here whoever sits down at night finds a new case a minute."""
_HOURS = np.maximum([9, 6, 5, 5, 8, 16, 34, 62, 92, 104, 100, 84, 62, 70, 92, 96, 90, 78, 62, 52, 44, 34, 24, 15], _NIGHT)
_WEEKDAYS = [1.06, 1.05, 1.04, 1.04, 1.05, 0.90, 0.86]
_LATE = 0.07
"""Share of the cases that miss their limit."""
VOIDED = 0.02
"""Share of the reports that are voided before dispatch: those with `chance[:, 0]` below it."""
_NO_LIMIT_HOURS = 60.0
_LEFT, _LEFT_AT_NIGHT = 0.10, 0.45
"""Share of the cases that wait some minutes for a dispatcher; at night few seats are taken."""
_LEFT_S = 600

GAPS = ("accept", "file", "dispatch", "sign", "down", "sign_again", "ask_return", "approve_return")
_TYPICAL_S = np.array([20, 45, 40, 600, 900, 900, 1200, 900])
_SPREAD = np.array([0.5, 0.6, 0.4, 1.0, 0.8, 0.9, 0.6, 0.6])
_AT_MOST = np.array([0.03, 0.03, 0.04, 0.10, 0.05, 0.08, 0.06, 0.04])
"""Share of the whole case that a gap may take: who has two hours signs sooner than who has two weeks."""


class Reports(NamedTuple):
    """`n` reports in time order; each field's first axis is n."""

    seed: int
    day: int
    """Days since 1970, local."""
    time: Ints
    """ms since 1970 UTC."""
    grid: Ints
    item: Ints
    channel: Ints
    total: Ints
    """ms from the report to the closing."""
    gaps: Ints
    """(n, 8) ms, in the order of GAPS."""
    chance: Floats
    """(n, 8) uniform in [0, 1)."""
    place: Floats
    """(n, 2) degrees, in GCJ-02 where `shifted`."""
    shifted: NDArray[np.bool_]
    random: NDArray[np.uint8]
    """(n, EVENTS_MAX * 10) bytes for ids."""


def day_of(time: int) -> int:
    """The local day of an instant, in days since 1970."""
    return (time + ZONE) // DAY


def reports(scene: Scene, seed: int, day: int) -> Reports:
    """All reports of the local `day`."""
    rng = np.random.default_rng([seed, 2, day])
    offset, grid, item = _when_where_what(scene, rng, day)
    n = len(offset)
    total = _totals(rng, item)
    gaps = np.exp(rng.normal(0, 1, (n, len(GAPS))) * _SPREAD) * _TYPICAL_S * 1000
    gaps[_left(rng, offset), GAPS.index("dispatch")] *= _LEFT_S / _TYPICAL_S[GAPS.index("dispatch")]
    gaps = np.maximum(np.minimum(gaps, _AT_MOST * total[:, None]), 1000).astype(np.int64)
    place, shifted = _places(scene, rng, grid)
    return Reports(
        seed, day, day * DAY - ZONE + offset, grid, item, rng.choice(len(CHANNELS), n, p=_CHANNEL_ODDS), total, gaps,
        rng.random((n, 8)), place, shifted, rng.integers(0, 256, (n, EVENTS_MAX * 10), dtype=np.uint8),
    )  # fmt: skip


def _when_where_what(scene: Scene, rng: np.random.Generator, day: int) -> tuple[Ints, Ints, Ints]:
    """Times in the day (ms), grid numbers and item numbers, in time order: the ordinary ones and the bursts."""
    n = int(rng.poisson(PER_DAY * _WEEKDAYS[(day + 3) % 7]))  # day 0 was a Thursday
    hour = rng.choice(24, n, p=_HOURS / _HOURS.sum())
    offset = hour * 3_600_000 + rng.integers(0, 3_600_000, n)
    parts = [(offset, rng.choice(len(scene.grids), n, p=scene.weight), rng.choice(len(ITEMS), n, p=scene.item_weight))]
    parts += [_burst(scene, rng, items, count) for items, count in _occasions(rng)]
    offset, grid, item = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(offset, kind="stable")
    return offset[order], grid[order], item[order]


def _left(rng: np.random.Generator, offset: Ints) -> NDArray[np.bool_]:
    """Which cases wait for a dispatcher."""
    hour = offset // 3_600_000
    return np.asarray(rng.random(len(offset)) < np.where((hour >= 22) | (hour < 6), _LEFT_AT_NIGHT, _LEFT))


def _occasions(rng: np.random.Generator) -> list[tuple[list[int], int]]:
    """What comes in bursts that day (items, reports): a storm on one day of six, and a few small local things."""
    out = [(NOISE, int(rng.integers(15, 40))), (WASTE, int(rng.integers(15, 50)))]
    if rng.random() < 1 / 6:
        out += [(WATER, int(rng.integers(60, 150))) for _ in range(4)]
    return out


def _burst(scene: Scene, rng: np.random.Generator, items: list[int], count: int) -> tuple[Ints, Ints, Ints]:
    """`count` reports within about an hour from a few neighbouring grids."""
    grids = scene.around(int(rng.choice(len(scene.grids), p=scene.weight)), 7)
    start = rng.integers(6 * 3_600_000, 21 * 3_600_000)
    offset = np.minimum(start + rng.gamma(2.0, 1_200_000, count).astype(np.int64), DAY - 1)
    return offset, rng.choice(grids, count), rng.choice(np.array(items), count)


def _totals(rng: np.random.Generator, item: Ints) -> Ints:
    """ms to the closing. Work fills the time that is given: many cases end in the last part of their limit."""
    hours = np.array([LIMIT_HOURS[category.code] or _NO_LIMIT_HOURS for category in ITEMS])[item]
    n = len(item)
    ratio = np.where(rng.random(n) < 0.5, rng.beta(2.0, 2.6, n), rng.beta(13.0, 1.3, n))
    late = rng.random(n) < _LATE
    ratio[late] = 1 + rng.exponential(0.4, int(late.sum()))
    return np.asarray(np.maximum(ratio, 0.08) * hours * 3_600_000, dtype=np.int64)


def _places(scene: Scene, rng: np.random.Generator, grid: Ints) -> tuple[Floats, NDArray[np.bool_]]:
    """Points; 1% lie outside the grid that they claim and 1.2% are GCJ-02, as real sources have them."""
    place = scene.points(grid, rng)
    odd = rng.random(len(grid))
    angle = rng.uniform(0, 2 * np.pi, len(grid))
    far = np.where(odd < 0.01, 0.03, 0.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    shifted = (odd >= 0.01) & (odd < 0.022)
    place = place + far
    place[shifted] = np.column_stack(wgs84_to_gcj02(place[shifted, 0], place[shifted, 1]))
    return np.round(place, 6), shifted
