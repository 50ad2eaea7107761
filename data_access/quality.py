"""What the data-quality list is made of (port QualityReader): doubtful places of open cases, and what imports found."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Engine, select

from dashboard.cases.stage import ENDED
from dashboard.places.finding import Finding
from dashboard.places.quality import Sighting
from data_access import table as t
from data_access.ledger import case_of

c, i = t.cases.c, t.place_import.c


class SqlQuality:
    """Port `QualityReader`. Every method is one consistent read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sightings(self) -> list[Sighting]:
        wanted = select(c.case_id, c.category, c.reported, c.grid, c.lon, c.lat, c.state).where(c.stage.not_in([int(s) for s in ENDED]))
        with self._engine.begin() as db:
            return [Sighting(*row[:-1], case_of(row.state).flags) for row in db.execute(wanted)]

    def imports(self, limit: int = 20) -> list[dict[str, Any]]:
        columns = [column for column in i if column.name != "findings"]
        with self._engine.begin() as db:
            return [dict(r) for r in db.execute(select(*columns).order_by(i.made.desc()).limit(limit)).mappings()]

    def findings(self, import_id: str) -> list[Finding]:
        with self._engine.begin() as db:
            body = db.execute(select(i.findings).where(i.id == import_id)).scalar()
        return msgspec.json.decode(body, type=list[Finding]) if body else []
