"""How many video points a unit has, and how many of them are online: by the ground they stand on, like everything of a unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.places.unit import UnitTree
from dashboard.video.point import VideoPoint

ByGrid = Mapping[str | None, tuple[int, int]]
"""(active, online) points by the grid that they stand in; None: outside of every grid."""


def by_grid(points: Sequence[VideoPoint], grids: Sequence[str | None]) -> ByGrid:
    """Counts active points; `grids` says where each of them stands."""
    found: dict[str | None, tuple[int, int]] = {}
    for point, grid in zip(points, grids, strict=True):
        active, online = found.get(grid, (0, 0))
        found[grid] = (active + 1, online + (point.status == "ON"))
    return found


class Counts:
    """The same for every unit of a tree. Units are numbered so that a subtree is a slice: its sum is one subtraction, whoever asks."""

    def __init__(self, tree: UnitTree, found: ByGrid) -> None:
        """What stands in no unit of the tree counts for the root alone."""
        self._tree = tree
        own = np.zeros((tree.unknown + 2, 2), dtype=np.int64)
        for grid, pair in found.items():
            own[tree.number(grid) + 1] += pair
        self._until = own.cumsum(axis=0)

    def of(self, unit: str) -> tuple[int, int]:
        """(active, online) points in the unit's subtree; (0, 0) for a unit that is not known."""
        if unit not in self._tree:
            return 0, 0
        first, last = self._tree.span(unit)
        active, online = (self._until[last] - self._until[first]).tolist()
        return active, online
