"""What the screens of a scope are told of alarms (CONTRACT.md, alarm frames): each of its own, many of one kind as one, never too many."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypedDict

import numpy as np
from msgspec import Meta

from dashboard.cases.alarm import Acknowledged, Alarm
from dashboard.cases.scalar import Instant, LevelName, SeverityName
from dashboard.cases.stage import Level, Severity
from dashboard.clocks.ladder import FLOOD_SIZE, FLOOD_WITHIN
from dashboard.live.board import Board

MOST = 200
"""Alarms of a scope that are told one by one; older ones are told as one flood."""
READ = 50
"""Acknowledged ones that are told, the newest."""
NAMED = 500
"""Cases that a flood names, the oldest: when they are acknowledged, it names the next."""


class AlarmTold(TypedDict):
    """One alarm, or `n` of them as one (`flood`). `to`: levels or units that are named; nobody: everybody who sees the case."""

    alarm: str
    case: str
    kind: Literal["new_danger", "escalated", "breached", "flood"]
    level: LevelName
    at: Instant
    to: list[str]
    by: Annotated[str | None, Meta(description="`mark_of` the account that raised it.")]
    acknowledged: Acknowledged | None
    severity: SeverityName
    category: str | None
    unit: str | None
    grid: str | None
    n: int
    cases: list[str]


def mark_of(account: str) -> str:
    """By which who raised an alarm knows it again; the name of an account is not for walls."""
    return hashlib.blake2b(account.encode(), digest_size=8).hexdigest()


Group = list[tuple[Alarm, int]]
"""Alarms with the slots of their cases."""


def told(board: Board, alarms: Sequence[Alarm], scope: str) -> list[AlarmTold]:
    """The alarms of a scope, oldest first: those that nobody has acknowledged, and the last that somebody did. A case that is on no board,
    or outside the scope by now, has none. `alarms`: oldest first.
    """
    known = [(a, slot) for a in alarms if (slot := board.slot.get(a.case)) is not None]
    if not known:
        return []
    here = board.in_scope(scope, np.array([slot for _, slot in known], dtype=np.intp)).tolist()
    mine = [pair for pair, inside in zip(known, here, strict=True) if inside]
    read = sorted((p for p in mine if p[0].acknowledged is not None), key=lambda p: p[0].acknowledged or 0)[-READ:]
    groups = list(_groups(board, [p for p in mine if p[0].ended is None]))
    rest = [pair for group in groups[:-MOST] for pair in group]
    return [_told(board, group) for group in [*([rest] if rest else []), *groups[-MOST:], *([p] for p in read)]]


def _groups(board: Board, alarms: Group) -> Iterator[Group]:
    """Many new dangers of one unit and category within ten minutes together, all else alone; in the order of their first."""
    runs: dict[tuple[int, int], Group] = {}
    floods: list[Group] = []
    for pair in alarms:
        alarm, slot = pair
        key = (int(board.col["owner"][slot]), int(board.col["category"][slot]))
        run = runs.get(key)
        if alarm.kind != "new_danger" or run is None or alarm.at > run[0][0].at + FLOOD_WITHIN:
            floods.append(run := [])
            if alarm.kind == "new_danger":
                runs[key] = run
        run.append(pair)
    ordered = [g for run in floods for g in ([run] if len(run) > FLOOD_SIZE else [[pair] for pair in run])]
    return iter(sorted(ordered, key=lambda g: g[0][0].at))


def _told(board: Board, group: Group) -> AlarmTold:
    (alarm, slot), many = group[0], len(group) > 1
    codes, categories = board.codes.words, board.categories.words
    owners, kinds = ({int(board.col[name][s]) for _, s in group} for name in ("owner", "category"))
    return {
        "alarm": alarm.id, "case": alarm.case, "kind": "flood" if many else alarm.kind, "level": Level(max(a.level for a, _ in group)).name,
        "at": alarm.at, "to": [] if many else list(alarm.to), "by": None if many or alarm.by is None else mark_of(alarm.by),
        "acknowledged": alarm.read,
        "severity": Severity(int(board.col["severity"][slot])).name, "category": categories[kinds.pop()] if len(kinds) == 1 else None,
        "unit": codes[owners.pop()] if len(owners) == 1 else None, "grid": None if many else codes[int(board.col["grid"][slot])],
        "n": len(group), "cases": [a.case for a, _ in group[:NAMED]] if many else [],
    }  # fmt: skip
