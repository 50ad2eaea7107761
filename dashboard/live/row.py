"""The hot row: what every screen needs of a case, in one order for the engine, the SQL readers, the stream and the board."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.cases.case import Case


class Row(NamedTuple):
    """Instants in ms UTC, None where there is none; stage, severity and level by number (dashboard/cases/stage.py)."""

    case: str
    version: int
    pos: int
    stage: int
    severity: int
    category: str
    owner: str | None
    grid: str | None
    lon: float | None
    lat: float | None
    reported: int
    amber: int | None
    due: int | None
    paused: int
    closed: int | None
    level: int


def row_of(case: Case) -> Row:
    """The row of a case as it now stands."""
    return Row(
        case.case, case.version, case.pos, case.stage, case.severity, case.category, case.owner, case.grid, case.lon, case.lat,
        case.reported, case.amber, case.due, int(case.suspended is not None), case.closed, case.level,
    )  # fmt: skip
