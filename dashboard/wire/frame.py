"""Frames: what the board tells a scope's screens, encoded once for all of them (CONTRACT.md, /live)."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dashboard.cases.event import split_id
from dashboard.cases.stage import Level, Light, Severity, Stage
from dashboard.clock import HOUR
from dashboard.live.board import NEVER, Board
from dashboard.video.count import Counts

DEFLATE_FROM = 512
"""Bytes from which deflating pays for itself."""
LEFT_OUT = ("subject", "reported")
"""Columns that only `format=json` has; the subject is the end of the case's id."""
_STAGE, _SEVERITY, _LIGHT, _LEVEL = ([m.name for m in kind] for kind in (Stage, Severity, Light, Level))
_encode = msgspec.json.Encoder().encode


class Frame:
    """One message for all sockets of a scope: `from_` and `to` are positions (0 where it moves none); bytes are made once per format."""

    __slots__ = ("_lean", "_packed", "_wire", "from_", "text", "to")

    def __init__(self, content: dict[str, Any]) -> None:
        self.from_, self.to = content.get("from", 0), content.get("to", 0)
        self.text: bytes = _encode(content)
        self._lean: bytes = _encode(_lean(content))  # the content itself is not kept: a snapshot's lists are ten times its bytes
        self._packed: tuple[bool, bytes] | None = None
        self._wire: dict[str, bytes] = {}

    def payload(self, format_: str) -> tuple[bool, bytes]:
        """(binary?, bytes): `json` is all of it as text; `z` is what our pages need, as raw deflate when that is smaller."""
        if format_ == "json":
            return False, self.text
        if self._packed is None:
            self._packed, self._lean = _packed(self._lean), b""
        return self._packed

    def wire(self, format_: str) -> bytes:
        """The whole WebSocket frame (RFC 6455, unmasked, final), framed once."""
        made = self._wire.get(format_)
        if made is None:
            binary, body = self.payload(format_)
            made = self._wire[format_] = _head(0x82 if binary else 0x81, len(body)) + body
        return made


def _packed(text: bytes) -> tuple[bool, bytes]:
    if len(text) < DEFLATE_FROM:
        return False, text
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -15)
    return True, squeeze.compress(text) + squeeze.flush()


def _lean(content: dict[str, Any]) -> dict[str, Any]:
    """Without what our own pages can tell from the rest or do not show: a quarter of a large snapshot."""
    cases = content.get("cases")
    return content | {"cases": {k: v for k, v in cases.items() if k not in LEFT_OUT}} if cases else content


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 65536:
        return bytes((first, 126)) + length.to_bytes(2, "big")
    return bytes((first, 127)) + length.to_bytes(8, "big")


def columns(board: Board, slots: NDArray[np.intp]) -> dict[str, list[Any]]:
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


def counts(board: Board, scope: str, now: int, video: Counts | None) -> dict[str, Any]:
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
        "stages": dict(zip(_STAGE, stages, strict=True)), "units": _children(board, scope),
    }  # fmt: skip


def _video(found: Counts | None, scope: str) -> dict[str, int] | None:
    return dict(zip(("active", "online"), found.of(scope), strict=True)) if found else None


def _today(board: Board, scope: str) -> tuple[int, int]:
    """Cohort of the day: (reported today and not void, closed of those). DOMAIN.md 7, resolution_rate."""
    col = board.col
    slots = np.flatnonzero(col["used"][: len(board.ids)] & (col["reported"][: len(board.ids)] >= board.today))
    slots = slots[board.in_scope(scope, slots)]
    stage = col["stage"][slots]
    return int(np.count_nonzero(stage != Stage.VOIDED)), int(np.count_nonzero(stage == Stage.CLOSED))


def _children(board: Board, scope: str) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for unit in board.tree.children(scope) if scope in board.tree else ():
        if unit.level in ("grid", "department"):
            continue
        first, last = board.tree.span(unit.code)
        n = board.counts[first:last, : Stage.CLOSED].sum(axis=(0, 1)).tolist()
        out.append({"code": unit.code, "open": sum(n), "amber": n[Light.amber], "red": n[Light.red]})
    return out
