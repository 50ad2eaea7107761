"""What the simulated day needs to know of the city, as arrays: where reports come from, who serves them, what is said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.cases.category import Category
from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS
from dashboard.simulate.city import City
from dashboard.simulate.department import SUBCENTRE
from dashboard.simulate.name import names

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ITEMS: list[Category] = [category for code, category in CATEGORIES.items() if len(code) == 6]
WATER = [i for i, item in enumerate(ITEMS) if item.code in ("040101", "040102", "040103", "040201")]
NOISE = [i for i, item in enumerate(ITEMS) if item.code in ("070102", "090202")]
WASTE = [i for i, item in enumerate(ITEMS) if item.code in ("030101", "030102", "030103")]
_SHARE: dict[float | None, float] = {2: 0.022, 24: 0.665, 72: 0.09, 168: 0.19, 360: 0.021, None: 0.012}
"""Share of the reports by limit in hours; two thirds of a city's reports are small things settled within a day."""
_ROADS_PER_STREET = 12


class Scene:
    """`weight` (grids,) and `item_weight` (items,) sum to 1; coordinates are WGS-84 degrees."""

    def __init__(self, city: City, seed: int) -> None:
        rng = np.random.default_rng([seed, 1])
        self.grids = city.grids
        self._shapes()
        self.weight = self._weights(rng)
        self.item_weight = _item_weights(rng)
        self.name = {unit.code: unit.name for unit in city.units}
        self._served = {(route.area[:6], route.category): route.unit for route in city.routes if route.category}
        self._roads = _roads(rng, city)

    def _shapes(self) -> None:
        count = np.array([len(grid.rings[0]) - 1 for grid in self.grids])
        self.corners = np.array([point for grid in self.grids for point in grid.rings[0][:-1]])
        self.first, self.count = np.append(0, np.cumsum(count))[:-1], count
        self.middle = np.add.reduceat(self.corners, self.first) / count[:, None]

    def _weights(self, rng: np.random.Generator) -> Floats:
        """Reports follow people; dedicated grids (malls, stations) draw some without residents; some places draw many."""
        people = np.array([grid.households if grid.kind == "general" else 150 for grid in self.grids])
        weight = people * rng.gamma(2.0, 0.5, len(people))
        return np.asarray(weight / weight.sum(), dtype=np.float64)

    def department(self, grid: str, item: str) -> str:
        """The department of the district that serves an item category."""
        return next(self._served[grid[:6], item[:n]] for n in (6, 4, 2) if (grid[:6], item[:n]) in self._served)

    @staticmethod
    def subcentre(grid: str) -> str:
        return f"{grid[:9]}-{SUBCENTRE}"

    def road(self, grid: str, number: int) -> str:
        """An invented road of the grid's street."""
        return self._roads[grid[:9]][number % _ROADS_PER_STREET]

    def around(self, grid: int, count: int) -> Ints:
        """Numbers of the `count` grids nearest to grid number `grid`, itself first."""
        distance = ((self.middle - self.middle[grid]) ** 2).sum(axis=1)
        return np.argsort(distance, kind="stable")[:count]

    def points(self, grid: Ints, rng: np.random.Generator) -> Floats:
        """(n, 2) a point inside each grid: on the way from its middle to one of its corners."""
        corner = self.corners[self.first[grid] + (rng.random(len(grid)) * self.count[grid]).astype(np.int64)]
        part = 0.85 * np.sqrt(rng.random((len(grid), 1)))
        points: Floats = self.middle[grid] + part * (corner - self.middle[grid])
        return points


def _item_weights(rng: np.random.Generator) -> Floats:
    """Within one limit few items make most of the reports; waterlogging is rare but for storms."""
    weight = np.zeros(len(ITEMS))
    for hours, share in _SHARE.items():
        members = [i for i, item in enumerate(ITEMS) if LIMIT_HOURS[item.code] == hours]
        part = 1 / rng.permutation(np.arange(2.0, len(members) + 2))
        weight[members] = share * part / part.sum()
    weight[WATER] *= 0.2
    return np.asarray(weight / weight.sum(), dtype=np.float64)


def _roads(rng: np.random.Generator, city: City) -> dict[str, list[str]]:
    streets = [unit.code[:9] for unit in city.units if unit.level == "street"]
    drawn = names(rng, len(streets) * _ROADS_PER_STREET)
    words = rng.choice(["路", "路", "街", "大道", "巷"], len(drawn)).tolist()
    roads = [name.zh + word for name, word in zip(drawn, words, strict=True)]
    return {code: roads[i * _ROADS_PER_STREET : (i + 1) * _ROADS_PER_STREET] for i, code in enumerate(streets)}
