"""A file of units or grids as the change that it would make, and everything in it that somebody has to look at first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dashboard.places.finding import Finding
from dashboard.places.grid import Grid
from dashboard.places.grid_file import read_grids, settled
from dashboard.places.survey import TOLERANCE_M, survey, wrong_crs
from dashboard.places.unit import FRESH_ROOT, Unit, UnitTree
from dashboard.places.unit_file import circles, hung, read_units
from dashboard.places.version import Plan, common, plan_grids, plan_units


class ImportOptions(msgspec.Struct, frozen=True):
    """How a file is meant. `at`: from when it holds (ms); None = from now on, or since always where there was nothing before."""

    now: int
    at: int | None = None
    crs: str | None = None
    zone: str = "UTC"
    under: str | None = None
    """Units whose parent nobody knows are put under this one."""
    area: str | None = None
    """The file is the whole map of this unit; None = of the smallest one that holds all its grids."""
    tolerance_m: float = TOLERANCE_M


def draft_units(body: bytes, known: Sequence[Unit], options: ImportOptions) -> tuple[Plan, list[Finding]]:
    """`known`: the newest versions of all units, none in a fresh system, which then gets a root when the file has none."""
    units, findings = read_units(body, options.crs, options.zone)
    fresh = not known and not any(u.parent is None for u in units)
    before = {u.code: u for u in ([FRESH_ROOT] if fresh else known)}
    units, lost = hung(units, before, options.under or (FRESH_ROOT.code if fresh else None))
    plan, early = plan_units([FRESH_ROOT, *units] if fresh else units, {} if fresh else before, _from(options, bool(known)))
    return plan, [*findings, *lost, *circles(units), *early]


def draft_grids(body: bytes, known: Sequence[Unit], current: Sequence[Grid], options: ImportOptions) -> tuple[Plan, list[Finding]]:
    """`known` as above; `current`: the newest versions of grids that have not ended."""
    grids, findings = read_grids(body, options.crs)
    tree = UnitTree(known or [FRESH_ROOT])
    places = {u.code: u for u in tree.units}
    grids, lost = settled(grids, {c: u for c, u in places.items() if u.level != "grid" and u.valid_to is None})
    shifted = wrong_crs(grids, current)
    if options.area is not None and options.area not in tree:
        lost.append(Finding("unknown_parent", code="--area", other=options.area))
    if lost or shifted:
        return Plan(0, [], []), [*findings, *lost, *([shifted] if shifted else [])]
    area = options.area or common(tree, [g.community for g in grids])
    inside = [g for g in current if tree.within(g.code, area) or tree.within(g.community, area)]
    plan, early = plan_grids(grids, inside, places, _from(options, bool(inside)))
    outside = [Finding("outside_area", code=g.code, other=area) for g in grids if not tree.within(g.community, area)]
    beside = [g for g in current if not (tree.within(g.code, area) or tree.within(g.community, area))]
    return plan, [*findings, *outside, *early, *survey(grids, beside, options.tolerance_m)]


def _from(options: ImportOptions, before: bool) -> int:
    """The first map holds since always: reports that came before it have a grid too."""
    if options.at is not None:
        return options.at
    return options.now if before else 0
