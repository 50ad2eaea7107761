"""Indicators by grid, as the map colours them: a share per grid with its two numbers, never the share alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dashboard.places.unit import UnitTree


class Norm(msgspec.Struct, frozen=True):
    """When a share is abnormal. Ours until it becomes a setting."""

    bound: float
    """A grid below it is coloured."""
    least: float
    """A grid whose denominator is smaller is not judged (DOMAIN.md 7: suppress n < 5)."""


ON_TIME = Norm(0.90, 5)
"""Of cases due within the window."""
COVERAGE = Norm(0.01, 1)
"""Of square metres: suburbs are large, 7% of the demo's grids lie below it."""
WINDOW_DAYS = 30


def column(values: Mapping[str, tuple[float, float]], norm: Norm, tree: UnitTree, unit: str) -> dict[str, Any]:
    """{"bound", "least", "grid": [code], "n": [number or None], "d": [number]} of the grids inside `unit`, by code.

    A numerator over too small a denominator is None: nobody can work back to single cases.
    """
    grids = sorted(code for code in values if tree.within(code, unit))
    both = [values[code] for code in grids]
    return {
        "bound": norm.bound, "least": norm.least, "grid": grids,
        "n": [None if d < norm.least else round(n) for n, d in both], "d": [round(d) for _, d in both],
    }  # fmt: skip
