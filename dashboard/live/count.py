"""The figures of a scope, counted on the board (CONTRACT.md, /live `counts`; DOMAIN.md 7)."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from dashboard.cases.stage import Light, Stage
from dashboard.clock import HOUR
from dashboard.live.board import Board
from dashboard.video.count import Counts


class VideoFigures(TypedDict):
    """Points in service, and those of them that are online."""

    active: int
    online: int


class UnitFigures(TypedDict):
    """The open cases of one unit below the scope."""

    code: str
    open: int
    amber: int
    red: int


class Figures(TypedDict):
    """The figures of a scope; `video` is null until it is counted."""

    open: int
    green: int
    amber: int
    overdue: int
    paused: int
    unlimited: int
    due_2h: int
    reported_today: int
    closed_today: int
    video: VideoFigures | None
    stages: dict[str, int]
    units: list[UnitFigures]


def counts(board: Board, scope: str, now: int, video: Counts | None) -> Figures:
    """The figures of a scope: totals by place or owner; `units` are its children by place. `video` is None until it is counted."""
    slots = board.open_slots(scope)
    light, due = board.col["light"][slots], board.col["due"][slots]
    by_light = np.bincount(light, minlength=len(Light)).tolist()
    stages = np.bincount(board.col["stage"][slots], minlength=len(Stage)).tolist()
    reported, closed = _today(board, scope)
    running = light != Light.paused
    return {
        "open": len(slots), "green": by_light[Light.green], "amber": by_light[Light.amber], "overdue": by_light[Light.red],
        "paused": by_light[Light.paused], "unlimited": by_light[Light.none],
        "due_2h": int(np.count_nonzero(running & (due > now) & (due <= now + 2 * HOUR))),
        "reported_today": reported, "closed_today": closed, "video": _video(video, scope),
        "stages": dict(zip(Stage.__members__, stages, strict=True)), "units": _children(board, scope),
    }  # fmt: skip


def _video(found: Counts | None, scope: str) -> VideoFigures | None:
    if not found:
        return None
    active, online = found.of(scope)
    return {"active": active, "online": online}


def _today(board: Board, scope: str) -> tuple[int, int]:
    """Cohort of the day: (reported today and not void, closed of those). DOMAIN.md 7, resolution_rate."""
    col = board.col
    slots = np.flatnonzero(col["used"][: len(board.ids)] & (col["reported"][: len(board.ids)] >= board.today))
    slots = slots[board.in_scope(scope, slots)]
    stage = col["stage"][slots]
    return int(np.count_nonzero(stage != Stage.VOIDED)), int(np.count_nonzero(stage == Stage.CLOSED))


def _children(board: Board, scope: str) -> list[UnitFigures]:
    out: list[UnitFigures] = []
    for unit in board.tree.children(scope) if scope in board.tree else ():
        if unit.level in ("grid", "department"):
            continue
        first, last = board.tree.span(unit.code)
        n = board.counts[first:last, : Stage.CLOSED].sum(axis=(0, 1)).tolist()
        out.append({"code": unit.code, "open": sum(n), "amber": n[Light.amber], "red": n[Light.red]})
    return out
