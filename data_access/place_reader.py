"""Units, grids, routes and the catalogue (port PlaceReader). Every method is one consistent read."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Engine, and_, or_, select, true, union

from dashboard.cases.category import Catalogue, Category
from dashboard.places.grid import Grid
from dashboard.places.route import Route
from dashboard.places.unit import FRESH_ROOT, Unit
from data_access import table as t
from data_access.stamp import stamp_of

c = t.cases.c


class SqlPlaceReader:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def units(self) -> list[Unit]:
        with self._engine.begin() as db:
            newest = {r.code: _dated(r) for r in db.execute(select(t.unit).order_by(t.unit.c.code, t.unit.c.valid_from))}
        return [Unit(**r) for r in newest.values()] or [FRESH_ROOT]

    def grids(self, at: int | None = None) -> list[Grid]:
        g = t.grid.c
        valid = true() if at is None else and_(g.valid_from <= at, or_(g.valid_to.is_(None), g.valid_to > at))
        with self._engine.begin() as db:
            rows = db.execute(select(t.grid).where(valid).order_by(g.code, g.valid_from))
            return [Grid(**_dated(r) | {"rings": msgspec.msgpack.decode(r.rings)}) for r in rows]

    def map_times(self) -> list[int]:
        g = t.grid.c
        with self._engine.begin() as db:
            found = db.execute(union(select(g.valid_from), select(g.valid_to).where(g.valid_to.is_not(None)))).scalars()
            return sorted(found)

    def routes(self) -> list[Route]:
        with self._engine.begin() as db:
            return [Route(*r) for r in db.execute(select(t.route))]

    def catalogue(self) -> Catalogue:
        with self._engine.begin() as db:
            return Catalogue(Category(r.code, r.name, r.name_en, r.severity, bool(r.dispute)) for r in db.execute(select(t.category)))

    def categories(self) -> set[str]:
        with self._engine.begin() as db:
            return set(db.execute(union(select(t.category.c.code), select(c.category))).scalars())

    def stamp(self) -> str:
        return stamp_of(self._engine, "places")


def _dated(row: Any) -> dict[str, Any]:
    """A stored version; 0 says that it holds since always."""
    return dict(row._mapping) | {"valid_from": row.valid_from or None}
