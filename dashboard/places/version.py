"""What an import of units or grids changes, as versions with validity: history stays where it was (DOMAIN.md 1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from dashboard.clock import iso
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid
from dashboard.places.unit import Unit, UnitTree


class Plan(msgspec.Struct):
    """One import: versions that begin at `at` (ms, 0 = since always), codes that end then, and how many stay as they are.

    `units` are the units that begin; for an import of grids they are the grids' own places in the tree.
    """

    at: int
    units: list[Unit]
    ended: list[str]
    grids: list[Grid] = []
    kept: int = 0


class PlaceImport(msgspec.Struct):
    """What came of one import: done, or refused for what was found in the file."""

    what: str
    """units or grids."""
    file: str
    valid_from: int | None
    done: bool
    begun: int = 0
    ended: int = 0
    kept: int = 0
    findings: list[Finding] = []


def plan_units(new: Sequence[Unit], known: Mapping[str, Unit], at: int) -> tuple[Plan, list[Finding]]:
    """Units of a file beside the newest versions that are known. A unit that the file does not have goes on.

    A row with valid_to ends its unit then; one whose content is the same as before stays the version it is.
    """
    begun = [u for u in new if u.code not in known or not _same(u, known[u.code])]
    dated = [msgspec.structs.replace(u, valid_from=at or None) for u in begun]
    return Plan(at, dated, [], kept=len(new) - len(begun)), list(_early(begun, known, at))


def plan_grids(new: Sequence[Grid], inside: Sequence[Grid], units: Mapping[str, Unit], at: int) -> tuple[Plan, list[Finding]]:
    """The file's grids are all that its area has from `at` on: what runs `inside` it and is not in the file ends.

    `units`: the newest versions by code; a grid is a unit too, so that the tree knows its name and its community.
    """
    running = {g.code: g for g in inside}
    begun = [g for g in new if g.code not in running or not _same(g, running[g.code])]
    ended = sorted(set(running) - {g.code for g in new})
    findings = list(_early([*begun, *(running[code] for code in ended)], running, at))
    dated = [msgspec.structs.replace(g, valid_from=at or None) for g in begun]
    places = [_place(g, units.get(g.code)) for g in dated if g.community != g.code]
    changed = [p for p in places if p.code not in units or not _same(p, units[p.code])]
    return Plan(at, changed, ended, dated, len(new) - len(begun)), findings


def common(tree: UnitTree, codes: Sequence[str]) -> str:
    """The smallest unit that holds all of these; the root when there is nothing smaller."""
    paths = [tree.path(code) for code in set(codes) if code in tree]
    shared = tree.root.code
    for level in zip(*paths, strict=False) if paths else ():
        if len({unit.code for unit in level}) > 1:
            break
        shared = level[0].code
    return shared


def _place(grid: Grid, known: Unit | None) -> Unit:
    """A grid as a unit of the tree, at a point of its border; names in other languages stay."""
    lon, lat = grid.rings[0][0]
    place = Unit(grid.code, grid.name, "grid", grid.community, valid_from=grid.valid_from, lon=lon, lat=lat)
    if known is None or known.name != grid.name:
        return place
    return msgspec.structs.replace(place, name_en=known.name_en, initials=known.initials, lon=known.lon, lat=known.lat)


def _same(new: Unit | Grid, old: Unit | Grid) -> bool:
    return msgspec.structs.replace(new, valid_from=old.valid_from) == old


def _early(changed: Sequence[Unit] | Sequence[Grid], known: Mapping[str, Unit] | Mapping[str, Grid], at: int) -> Iterator[Finding]:
    for one in changed:
        before = known.get(one.code)
        if before is not None and (before.valid_from or 0) > at:
            yield Finding("too_early", code=one.code, detail=iso(before.valid_from or 0))
