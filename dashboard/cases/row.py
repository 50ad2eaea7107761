"""The hot row: what every screen needs of a case, in one order for the engine, the SQL readers, the stream and the board."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

from dashboard.cases.case import Case
from dashboard.cases.stage import Level, Severity, Stage

# What a message claims to be one is judged when it is decoded: a number that fits no column would spoil the whole board.
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Position = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Instant = Annotated[int, msgspec.Meta(gt=-(2**53), lt=2**53)]


class Row(NamedTuple):
    """Instants in ms UTC, None where there is none; stage, severity and level by number (dashboard/cases/stage.py)."""

    case: str
    version: Count
    pos: Position
    stage: Annotated[int, msgspec.Meta(ge=0, lt=len(Stage))]
    severity: Annotated[int, msgspec.Meta(ge=0, lt=len(Severity))]
    category: str
    owner: str | None
    grid: str | None
    lon: float | None
    lat: float | None
    reported: Instant
    amber: Instant | None
    due: Instant | None
    paused: Annotated[int, msgspec.Meta(ge=0, le=1)]
    closed: Instant | None
    level: Annotated[int, msgspec.Meta(ge=0, lt=len(Level))]


def row_of(case: Case) -> Row:
    """The row of a case as it now stands."""
    return Row(
        case.case, case.version, case.pos, case.stage, case.severity, case.category, case.owner, case.grid, case.lon, case.lat,
        case.reported, case.amber, case.due, int(case.suspended is not None), case.closed, case.level,
    )  # fmt: skip
