"""Cases of the board as columns of a frame (CONTRACT.md, /live)."""

from __future__ import annotations

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from dashboard.cases.envelope import split_id
from dashboard.cases.scalar import Instant, LevelName, LightName, SeverityName, StageName
from dashboard.cases.stage import Level, Light, Severity, Stage
from dashboard.live.board import NEVER, Board

_STAGE, _SEVERITY, _LIGHT, _LEVEL = ([m.name for m in kind] for kind in (Stage, Severity, Light, Level))


class Columns(TypedDict):
    """Cases column by column: the values at one place of all lists are one case."""

    case: list[str]
    subject: list[str]
    version: list[int]
    lon: list[float | None]
    lat: list[float | None]
    stage: list[StageName]
    severity: list[SeverityName]
    light: list[LightName]
    amber: list[Instant | None]
    due: list[Instant | None]
    unit: list[str | None]
    grid: list[str | None]
    category: list[str]
    reported: list[Instant]
    level: list[LevelName]


def columns(board: Board, slots: NDArray[np.intp]) -> Columns:
    """The cases in these slots, column by column; instants in ms or None."""
    col = board.col
    ids = [board.ids[i] for i in slots.tolist()]
    return {
        "case": ids,
        "subject": [split_id(i)[1] for i in ids],
        "version": col["version"][slots].tolist(),
        "lon": _degrees(col["lon"][slots]),
        "lat": _degrees(col["lat"][slots]),
        "stage": [_STAGE[i] for i in col["stage"][slots].tolist()],
        "severity": [_SEVERITY[i] for i in col["severity"][slots].tolist()],
        "light": [_LIGHT[i] for i in col["light"][slots].tolist()],
        "amber": _instants(col["amber"][slots]),
        "due": _instants(col["due"][slots]),
        "unit": [board.codes.words[i] for i in col["owner"][slots].tolist()],
        "grid": [board.codes.words[i] for i in col["grid"][slots].tolist()],
        "category": [board.categories.words[i] for i in col["category"][slots].tolist()],
        "reported": col["reported"][slots].tolist(),
        "level": [_LEVEL[i] for i in col["level"][slots].tolist()],
    }


def _instants(values: NDArray[np.int64]) -> list[int | None]:
    return [None if v == NEVER else v for v in values.tolist()]


def _degrees(values: NDArray[np.float64]) -> list[float | None]:
    return [None if v != v else v for v in np.round(values, 6).tolist()]
