"""What a scenario needs to know of the city that is in the database: places, who serves them, who works there, its video points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from dashboard.access.role import User
from dashboard.places.grid import Grid
from dashboard.places.route import Route, Routing
from dashboard.places.unit import Unit, UnitTree
from dashboard.ports.account import Accounts
from dashboard.ports.reader import Reader
from dashboard.video.point import VideoPoint


class Spot(NamedTuple):
    """A grid, or in a city without grids a unit. `lon` and `lat` of its middle; `reach`: degrees from there that are still inside."""

    code: str
    address: str
    lon: float | None = None
    lat: float | None = None
    reach: float = 0.0


class Town:
    """`spots` by code; `people` are the dispatchers of the whole city; `points` gives the active video points as they are now."""

    def __init__(
        self, units: Sequence[Unit], grids: Sequence[Grid], routes: Iterable[Route], people: Sequence[User],
        points: Callable[[], Sequence[VideoPoint]],
    ) -> None:  # fmt: skip
        self._tree = UnitTree(units)
        self._routing = Routing(routes, self._tree)
        self.people = [user for user in people if user.role == "dispatcher" and user.unit == self._tree.root.code]
        self.points = points
        self.spots = [self._of_grid(grid) for grid in grids] or [_of_unit(unit) for unit in units if unit.parent and _is_place(unit)]

    def _of_grid(self, grid: Grid) -> Spot:
        corners = grid.rings[0][:-1]
        lon, lat = (sum(axis) / len(corners) for axis in zip(*corners, strict=True))
        reach = min(((x - lon) ** 2 + (y - lat) ** 2) ** 0.5 for x, y in corners) / 2
        names = [unit.name for unit in self._tree.path(grid.community) if unit.level in ("district", "street")]
        return Spot(grid.code, "".join(names) + grid.name, lon, lat, reach)

    def near(self, spot: Spot, count: int) -> list[Spot]:
        """The `count` spots nearest to this one, itself first; where nobody knows where they are, its neighbours in the list."""
        if spot.lon is None or spot.lat is None:
            first = self.spots.index(spot)
            return (self.spots[first:] + self.spots[:first])[:count]
        lon, lat = spot.lon, spot.lat
        known = ((s.lon - lon) ** 2 + (s.lat - lat) ** 2 for s in self.spots if s.lon is not None and s.lat is not None)
        placed = [s for s in self.spots if s.lon is not None and s.lat is not None]
        return [s for _, s in sorted(zip(known, placed, strict=True))[:count]]

    def serving(self, category: str, spot: Spot) -> list[str]:
        """Units that can be given such a case there; any department where there is no routing table."""
        if self._routing.empty:
            return [unit.code for unit in self._tree.units if unit.level == "department"]
        return self._routing.serving(category, spot.code)


def _of_unit(unit: Unit) -> Spot:
    return Spot(unit.code, unit.name, unit.lon, unit.lat)


def _is_place(unit: Unit) -> bool:
    return unit.level not in ("city", "department")


def town_of(reader: Reader, accounts: Accounts, now: int) -> Town:
    """The city as it is now. Reads SQL."""
    people = [User(a["id"], a["name"], a["role"], a["unit"]) for a in accounts.accounts() if not a["disabled"]]
    places = reader.places
    return Town(places.units(), places.grids(now), places.routes(), people, reader.video.points)
