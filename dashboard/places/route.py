"""The routing table: which unit serves which category where (DOMAIN.md 5)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dashboard.places.unit import UnitTree


class Route(msgspec.Struct, frozen=True):
    """`unit` serves every category whose code begins with `category`, in the subtree of `area`."""

    unit: str
    category: str
    area: str


class Routing:
    """Answers from the table; a city without a table lets every known unit serve (a fresh system must work)."""

    def __init__(self, routes: Iterable[Route], tree: UnitTree) -> None:
        self._tree = tree
        self._by_area: dict[str, list[Route]] = {}
        for route in routes:
            self._by_area.setdefault(route.area, []).append(route)

    @property
    def empty(self) -> bool:
        return not self._by_area

    def serving(self, category: str, grid: str | None) -> list[str]:
        """Units that serve this category at this place, the narrowest area first, without repeats."""
        path = self._tree.path(grid) if grid else []
        areas = [unit.code for unit in reversed(path)] or [self._tree.root.code]
        found = [r.unit for area in areas for r in self._by_area.get(area, ()) if category.startswith(r.category)]
        return list(dict.fromkeys(found))

    def serves(self, unit: str, category: str, grid: str | None) -> bool:
        return self.empty or unit in self.serving(category, grid)
