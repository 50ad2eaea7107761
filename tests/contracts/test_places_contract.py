"""Units and grids in versions on both databases: what was drawn anew does not touch what was before (DOMAIN.md 1)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from dashboard.clock import DAY
from dashboard.desk.query import CaseQuery
from dashboard.engine.intake import Intake
from dashboard.places.draft import ImportOptions
from dashboard.places.grid import Grid
from dashboard.places.locate import Maps
from dashboard.places.register import register
from dashboard.places.unit import UnitTree
from dashboard.places.version import PlaceImport
from dashboard.simulate.category import CATEGORIES
from data_access.quality import SqlQuality
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.dashboard.places.drawn import COMMUNITY, STREET, UNITS, geojson, grid
from tests.made import SLA, T0, event

BEFORE, AFTER = 1700, 622
"""Luqiao's grids before and after (../shared/golden)."""
CHANGE = T0 + DAY


class Office:
    """Who imports, on an empty database."""

    def __init__(self, db: Engine, folder: Path) -> None:
        self.reader, self.registry, self.quality, self._folder = SqlReader(db), SqlRegistry(db), SqlQuality(db), folder

    def take(self, what: str, body: bytes, at: int | None = None, preview: bool = False, **options: object) -> PlaceImport:
        file = self._folder / f"{what}.file"
        file.write_bytes(body)
        return register(what, file, self.reader.places, self.registry, ImportOptions(T0, at, **options), preview)  # type: ignore[arg-type]


@pytest.fixture
def office(database: Engine, tmp_path: Path) -> Office:
    made = Office(database, tmp_path)
    assert made.take("units", UNITS).done
    return made


def mesh(n: int, columns: int, size: float, first: int) -> list[Grid]:
    """n grids side by side; the last row may be short."""
    found = [grid(first + i, i % columns * size, i // columns * size, size) for i in range(n)]
    return [Grid(f"{COMMUNITY}{first + i:04d}", g.name, COMMUNITY, "general", g.rings) for i, g in enumerate(found)]


def test_a_regridding_keeps_history_where_it_was(office: Office) -> None:
    old, new = mesh(BEFORE, 34, 0.5, 0), mesh(AFTER, 20, 0.85, 5000)
    first, second = office.take("grids", geojson(old)), office.take("grids", geojson(new), CHANGE)
    assert (first.begun, first.ended, first.valid_from) == (BEFORE, 0, 0), "the first map holds since always"
    assert (second.begun, second.ended, second.kept) == (AFTER, BEFORE, 0)
    assert len(office.reader.places.grids(CHANGE - 1)) == BEFORE and len(office.reader.places.grids(CHANGE)) == AFTER
    assert len(office.reader.places.grids()) == BEFORE + AFTER and office.reader.places.map_times() == [0, CHANGE]
    tree = UnitTree(office.reader.places.units())
    assert tree.within(old[7].code, STREET) and tree.within(new[7].code, STREET), "an old grid's cases stay in its street"
    assert not tree.get(old[7].code).valid_at(CHANGE) and tree.get(new[7].code).valid_at(CHANGE)  # type: ignore[union-attr]

    intake = Intake(SLA, Maps(office.reader.places.grids()), CATEGORIES)
    place = {"lon": 118.8 + 0.002, "lat": 32.0 + 0.002}
    reports = [event("case.reported", at, place=place) for at in (CHANGE, CHANGE - 1)]
    taken = intake.take(reports, CHANGE + DAY)
    assert [r.data.intake.grid for r in taken] == [new[0].code, old[0].code], "also a late report of the time before"


def test_the_same_file_again_changes_nothing(office: Office) -> None:
    body = geojson([grid(1, 0, 0), grid(2, 1, 0)])
    office.take("grids", body)
    stored = office.reader.places.grids()
    again = office.take("grids", body, CHANGE)
    assert (again.begun, again.ended, again.kept) == (0, 0, 2) and office.reader.places.grids() == stored
    assert office.take("units", UNITS, CHANGE).begun == 0


def test_only_what_differs_gets_a_new_version_and_only_inside_the_file_s_area(office: Office) -> None:
    other = Grid(f"{STREET[:9]}002001", "Elsewhere", f"{STREET[:9]}002", "general", grid(9, 5, 5).rings)
    office.take("units", f"code,parent,name,level\n{other.community},{STREET},Other,community\n".encode())
    office.take("grids", geojson([grid(1, 0, 0), grid(2, 1, 0), other]))
    done = office.take("grids", geojson([grid(1, 0, 0), grid(2, 1, 0, residents_reported=7)]), CHANGE)
    assert (done.begun, done.ended, done.kept) == (1, 0, 1)
    assert [(g.code, g.valid_from, g.valid_to) for g in office.reader.places.grids() if g.code == grid(2, 1, 0).code] == [
        (grid(2, 1, 0).code, None, CHANGE), (grid(2, 1, 0).code, CHANGE, None),
    ]  # fmt: skip
    assert other in office.reader.places.grids(CHANGE)
    assert "outside_area" in [f.kind for f in office.take("grids", geojson([grid(1, 0, 0)]), CHANGE, area=other.community).findings]


def test_a_version_cannot_begin_before_the_one_that_it_ends(office: Office) -> None:
    office.take("grids", geojson([grid(1, 0, 0)]), CHANGE)
    done = office.take("grids", geojson([grid(1, 0, 0, residents_reported=1)]), CHANGE - 1)
    assert [f.kind for f in done.findings] == ["too_early"] and not done.done
    assert office.take("grids", geojson([grid(1, 0, 0, residents_reported=1)]), CHANGE).done, "the same day mends the same version"
    assert [g.residents_reported for g in office.reader.places.grids()] == [1]


def test_a_unit_that_moves_is_found_only_under_its_new_parent(office: Office) -> None:
    office.take("units", f"code,parent,name,level\n320104000000,{UNITS.split(b',')[3].split()[1].decode()},秦淮区,district\n".encode())
    before = UnitTree(office.reader.places.units())
    office.take("units", f"code,parent,name,level\n{STREET},320104000000,新街口街道,street\n".encode(), CHANGE)
    tree = UnitTree(office.reader.places.units())
    assert before.within(COMMUNITY, "320102000000") and not tree.within(COMMUNITY, "320102000000")
    assert tree.within(COMMUNITY, "320104000000")
    assert office.reader.cases.page(CaseQuery(now=T0, unit="320102000000"))["total"] == 0


def test_nothing_is_changed_by_a_file_with_a_mistake_or_by_a_preview_and_refusals_are_remembered(office: Office) -> None:
    crossing = geojson([grid(1, 0, 0), grid(2, 0.5, 0)])
    stamp = office.reader.places.stamp()
    refused = office.take("grids", crossing)
    shown = office.take("grids", geojson([grid(1, 0, 0)]), preview=True)
    assert (refused.done, shown.done, shown.begun) == (False, True, 1)
    assert office.reader.places.grids() == [] and office.reader.places.stamp() == stamp
    newest, _ = office.quality.imports()
    assert (newest["what"], newest["done"], newest["found"]) == ("grids", 0, 1)
    assert [f.kind for f in office.quality.findings(newest["id"])] == ["overlap"] and office.quality.findings("nobody") == []
    assert office.take("grids", crossing, tolerance_m=2000.0).done, "who knows what they do may say so"
