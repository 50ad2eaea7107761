"""The demo city: invented, deterministic, with the counts of a real one (DOMAIN.md 1)."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from dashboard.places.grid import Grid, Ring
from dashboard.places.route import Route
from dashboard.places.unit import Unit
from dashboard.simulate.camera import cameras
from dashboard.simulate.cell import CENTRE, Cells, cells, to_degrees
from dashboard.simulate.cluster import Floats, Ints, grouped, lifted, means
from dashboard.simulate.department import DEPARTMENTS_PER_DISTRICT, departments, subcentre, support
from dashboard.simulate.name import Name, names
from dashboard.video.point import VideoPoint

CITY_CODE = "990100000000"
SEED = 7
"""Of the demo's city and of its first day."""
DISTRICTS, STREETS, COMMUNITIES, GRIDS, DEDICATED = 11, 100, 1_200, 12_583, 2_538
_TOWN_FROM_KM = 16.0
"""Streets further out are towns 镇 and their communities villages 村."""


class City(msgspec.Struct):
    """`units` root first, parents before children, grids included; `grids` by code; `outline` = border of the whole."""

    units: list[Unit]
    grids: list[Grid]
    routes: list[Route]
    video: list[VideoPoint]
    outline: list[Ring]


class _Level(NamedTuple):
    """One level of the hierarchy: `xy` (k, 2) km, `parent` (k,) numbers of the level above, `codes` k texts."""

    xy: Floats
    parent: Ints
    codes: list[str]


def city(seed: int = SEED) -> City:
    """1 city, 11 districts, 100 streets, 1,200 communities, 12,583 grids (2,538 dedicated), 42,000 video points.

    Takes about 2 s. The same seed gives the same city, to the byte.
    """
    rng = np.random.default_rng(seed)
    ground = cells(rng, GRIDS)
    districts, streets, communities, places = _hierarchy(rng, ground)
    units = _units(rng, districts, streets, communities)
    staff, routes = _staff(rng, units, places)
    grids = _grids(rng, ground, places, {unit.code: unit for unit in units})
    units += staff + [_grid_unit(grid, at) for grid, at in zip(grids, _in_order(places, to_degrees(places.xy)), strict=True)]
    return City(units, grids, routes, cameras(rng, grids), _outline(ground))


def _hierarchy(rng: np.random.Generator, ground: Cells) -> tuple[_Level, _Level, _Level, _Level]:
    """Districts, streets, communities and grids: each level groups neighbours of the level below."""
    xy, pairs, groups = ground.sites, ground.pairs, []
    for count in (COMMUNITIES, STREETS, DISTRICTS):
        group = grouped(rng, xy, pairs, count)
        groups.append((xy, group))
        xy, pairs = means(xy, group), lifted(pairs, group)
    levels = [_Level(xy, np.zeros(DISTRICTS, dtype=np.int64), _codes(xy, np.zeros(DISTRICTS, dtype=np.int64), ["9901"], 2))]
    for width, (xy, group) in zip((3, 3, 3), reversed(groups), strict=True):
        levels.append(_Level(xy, group, _codes(xy, group, levels[-1].codes, width)))
    return levels[0], levels[1], levels[2], levels[3]


def _codes(xy: Floats, parent: Ints, above: list[str], width: int) -> list[str]:
    """Code prefixes: numbered from 1 within each parent, from north to south."""
    out, order = [""] * len(xy), np.lexsort((-xy[:, 1], parent))
    number = dict.fromkeys(range(len(above)), 0)
    for i in order.tolist():
        p = int(parent[i])
        number[p] += 1
        out[i] = f"{above[p]}{number[p]:0{width}d}"
    return out


def _units(rng: np.random.Generator, districts: _Level, streets: _Level, communities: _Level) -> list[Unit]:
    root = Unit(CITY_CODE, "宁川市", "city", None, "Ningchuan City", "ncs", lon=CENTRE[0], lat=CENTRE[1])
    units = [root]
    rural = np.hypot(streets.xy[:, 0], streets.xy[:, 1]) > _TOWN_FROM_KM
    street_words = [("镇", "Town", "z") if far else ("街道", "Subdistrict", "jd") for far in rural.tolist()]
    village = rural[communities.parent] & (rng.random(COMMUNITIES) < 0.7)
    community_words = [("村", "Village", "c") if far else ("社区", "Community", "sq") for far in village.tolist()]
    parents = [[root.code] * DISTRICTS, _full(districts, streets), _full(streets, communities)]
    words = [[("区", "District", "q")] * DISTRICTS, street_words, community_words]
    # districts and streets share one draw, so that no street is called like a district
    drawn = names(rng, DISTRICTS + STREETS)
    named = [drawn[:DISTRICTS], drawn[DISTRICTS:], names(rng, COMMUNITIES)]
    for kind, level, parent, word, name in zip(
        ("district", "street", "community"), (districts, streets, communities), parents, words, named, strict=True
    ):
        rows = zip(level.codes, parent, name, word, to_degrees(level.xy).tolist(), strict=True)
        made = [_unit(kind, *row) for row in rows]
        units += sorted(made, key=lambda unit: unit.code)
    return units


def _full(above: _Level, level: _Level) -> list[str]:
    """12-digit codes of the parents."""
    return [above.codes[p].ljust(12, "0") for p in level.parent.tolist()]


def _unit(kind: str, code: str, parent: str, name: Name, word: tuple[str, str, str], at: list[float]) -> Unit:
    zh, en, initials = word
    return Unit(code.ljust(12, "0"), name.zh + zh, kind, parent, f"{name.en} {en}", name.initials + initials, lon=at[0], lat=at[1])


def _staff(rng: np.random.Generator, units: list[Unit], places: _Level) -> tuple[list[Unit], list[Route]]:
    """Departments and sub-centres with their routes; a department stands in some grid of its district."""
    at = to_degrees(places.xy).tolist()
    where: dict[str, list[int]] = {}
    for i, code in enumerate(places.codes):
        where.setdefault(code[:6], []).append(i)
    staff: list[Unit] = []
    routes: list[Route] = []
    for unit in units:
        if unit.level == "district":
            picks = rng.choice(where[unit.code[:6]], DEPARTMENTS_PER_DISTRICT, replace=False).tolist()
            made, served = departments(unit, [(at[i][0], at[i][1]) for i in picks])
            staff, routes = staff + made, routes + served
        elif unit.level == "street":
            centre, route = subcentre(unit)
            staff.append(centre)
            routes.append(route)
    return staff, routes + support([unit for unit in units if unit.level == "street"])


def _in_order(places: _Level, values: Floats) -> list[list[float]]:
    """Rows of the grids' `values` in the order of their codes."""
    order = sorted(range(len(places.codes)), key=places.codes.__getitem__)
    out: list[list[float]] = values[order].tolist()
    return out


def _grids(rng: np.random.Generator, ground: Cells, places: _Level, units: dict[str, Unit]) -> list[Grid]:
    """Grids by code. Dedicated ones (malls, campuses, works) are likelier near the core and have few households."""
    centrality = np.exp(-np.hypot(places.xy[:, 0], places.xy[:, 1]) / 20)
    dedicated = np.zeros(GRIDS, dtype=bool)
    dedicated[rng.choice(GRIDS, DEDICATED, replace=False, p=centrality / centrality.sum())] = True
    people = _people(rng, dedicated).tolist()
    xy, start = shapely.get_coordinates(ground.polygons), np.append(0, np.cumsum(shapely.get_num_coordinates(ground.polygons)))
    points, bounds = xy.tolist(), start.tolist()
    out = []
    for i in sorted(range(GRIDS), key=places.codes.__getitem__):
        code = places.codes[i]
        kind: Literal["general", "dedicated"] = "dedicated" if dedicated[i] else "general"
        name = f"{units[code[:12]].name}第{int(code[12:])}{'专属' if dedicated[i] else ''}网格"
        out.append(Grid(code, name, code[:12], kind, [points[bounds[i] : bounds[i + 1]]], *people[i]))
    return out


def _people(rng: np.random.Generator, dedicated: NDArray[np.bool_]) -> Ints:
    """(n, 5): households, residents reported and verified, full-time and part-time staff. The norm is 300 households."""
    n = len(dedicated)
    households = np.where(dedicated, rng.poisson(8, n), rng.lognormal(np.log(262), 0.16, n).astype(np.int64))
    reported = np.round(households * rng.normal(2.75, 0.25, n)).astype(np.int64)
    verified = np.round(reported * np.clip(rng.normal(0.97, 0.03, n), 0.8, 1.05)).astype(np.int64)
    return np.column_stack([households, reported, verified, np.ones(n, dtype=np.int64), rng.integers(0, 4, n)])


def _grid_unit(grid: Grid, at: list[float]) -> Unit:
    english = f"Grid {grid.code[12:]}" + (" (dedicated)" if grid.kind == "dedicated" else "")
    return Unit(grid.code, grid.name, "grid", grid.community, english, "", lon=at[0], lat=at[1])


def _outline(ground: Cells) -> list[Ring]:
    border = shapely.orient_polygons(shapely.coverage_union_all(ground.polygons))
    parts = shapely.get_parts(border)
    return [np.asarray(ring.coords).tolist() for part in parts for ring in (part.exterior, *part.interiors)]
