"""The board: all open cases (and those reported today) of one web worker as columns, kept by applying hot rows.

A unit is its preorder number in the tree, so that a scope is a slice; a code the tree does not know counts in the root only.
Counts per place unit x stage x light are kept incrementally; a light changes by a row or by time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dashboard.cases.light import lights_at
from dashboard.cases.row import Row
from dashboard.cases.stage import ENDED, Light, Stage
from dashboard.places.unit import UnitTree

NEVER = np.iinfo(np.int64).max
"""Stands for an instant that never comes."""
STAGES, LIGHTS = len(Stage), len(Light)
UNITS = ("place", "owner_unit")
_INSTANTS = ("amber", "due", "closed")

DTYPES: dict[str, Any] = {
    "version": np.int32, "pos": np.int64, "stage": np.int8, "severity": np.int8, "category": np.int32, "owner": np.int32,
    "grid": np.int32, "lon": np.float64, "lat": np.float64, "reported": np.int64, "amber": np.int64, "due": np.int64,
    "paused": np.bool_, "closed": np.int64, "level": np.int8, "light": np.int8, "place": np.int32, "owner_unit": np.int32, "used": np.bool_,
}  # fmt: skip
"""`category`, `owner`, `grid` number the words seen; `place`, `owner_unit` are unit numbers of grid and owner."""


class Left(NamedTuple):
    """A case that is no longer open, or no longer where it was: its units (numbers) before the change."""

    case: str
    place: int
    owner_unit: int


class Words:
    """Codes <-> small numbers, in order of first sight; 0 is None."""

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words: list[str | None] = [None, *words]
        self._number: dict[str | None, int] = {w: i for i, w in enumerate(self.words)}

    def number(self, word: str | None) -> int:
        n = self._number.get(word)
        if n is None:
            n = self._number[word] = len(self.words)
            self.words.append(word)
        return n


class Board:
    """Columns of capacity n in `self.col`; `slot[case]` is a case's place in them. `today` = first instant of the local day."""

    def __init__(self, tree: UnitTree, today: int) -> None:
        self.today = today
        self.pos = 0
        self.slot: dict[str, int] = {}
        self.ids: list[str] = []
        self._free: list[int] = []
        self.categories, self.codes = Words(), Words()
        self.col: dict[str, NDArray[Any]] = {name: np.zeros(1024, dtype) for name, dtype in DTYPES.items()}
        self._lights_at = 0
        self.tree = tree
        self._take_tree(tree)

    def _take_tree(self, tree: UnitTree) -> None:
        self.tree = tree
        self._unit_of = np.array([tree.number(code) for code in self.codes.words], dtype=np.int32)
        self.counts = np.zeros((len(tree) + 1, STAGES, LIGHTS), dtype=np.int32)

    def set_tree(self, tree: UnitTree) -> None:
        """Another tree (an import): numbers and counts are made anew."""
        self._take_tree(tree)
        used = self.col["used"]
        self.col["place"][used] = self._unit_of[self.col["grid"][used]]
        self.col["owner_unit"][used] = self._unit_of[self.col["owner"][used]]
        self._count(np.flatnonzero(used), 1)

    def __len__(self) -> int:
        return len(self.slot)

    def apply(self, rows: Iterable[Row], pos: int) -> tuple[NDArray[np.intp], list[Left]]:
        """Takes newer versions of cases; returns (slots that changed, cases that left). Repeats change nothing.

        Rows come in order of pos, so one at or below the board's that is not here is a repeat of a case that has left.
        """
        newest: dict[str, Row] = {}
        version, slot = self.col["version"], self.slot
        for row in rows:
            i = slot.get(row.case)
            if i is None and row.pos <= self.pos:
                continue
            known = newest[row.case].version if row.case in newest else int(version[i]) if i is not None else 0
            if row.version > known:
                newest[row.case] = row
        self.pos = max(self.pos, pos)
        return self._take(list(newest.values())) if newest else (np.empty(0, np.intp), [])

    def _take(self, rows: list[Row]) -> tuple[NDArray[np.intp], list[Left]]:
        before = np.array([self.slot[r.case] for r in rows if r.case in self.slot], dtype=np.intp)
        was = [Left(*w) for w in zip([self.ids[i] for i in before.tolist()], *(self.col[n][before].tolist() for n in UNITS), strict=True)]
        self._count(before, -1)
        stay = [r for r in rows if r.stage not in ENDED or r.reported >= self.today]
        staying = {r.case for r in stay}
        for case in [w.case for w in was if w.case not in staying]:
            self._drop(case)
        slots = np.array([self._slot(r.case) for r in stay], dtype=np.intp)
        self._write(slots, stay)
        self._count(slots, 1)
        return slots, [w for w in was if self._has_left(w)]

    def _has_left(self, was: Left) -> bool:
        i = self.slot.get(was.case)
        return i is None or self.col["stage"][i] >= Stage.CLOSED or any(self.col[n][i] != v for n, v in zip(UNITS, was[1:], strict=True))

    def _slot(self, case: str) -> int:
        i = self.slot.get(case)
        if i is None:
            i = self._free.pop() if self._free else self._grow()
            self.slot[case] = i
            self.ids[i] = case
        return i

    def _grow(self) -> int:
        i = len(self.ids)
        self.ids.append("")
        if i >= len(self.col["used"]):
            for name, column in self.col.items():
                self.col[name] = np.concatenate([column, np.zeros(len(column), column.dtype)])
        return i

    def _drop(self, case: str) -> None:
        i = self.slot.pop(case)
        self.col["used"][i] = False
        self.col["version"][i] = 0
        self.ids[i] = ""
        self._free.append(i)

    def _write(self, slots: NDArray[np.intp], rows: list[Row]) -> None:
        if not rows:
            return
        columns = dict(zip(Row._fields, zip(*rows, strict=True), strict=True))
        for name in ("version", "pos", "stage", "severity", "reported", "paused", "level"):
            self.col[name][slots] = columns[name]
        for name in ("lon", "lat"):
            self.col[name][slots] = [np.nan if v is None else v for v in columns[name]]
        for name in _INSTANTS:
            self.col[name][slots] = [NEVER if v is None else v for v in columns[name]]
        self.col["category"][slots] = [self.categories.number(v) for v in columns["category"]]
        self._write_units(slots, columns)
        self.col["used"][slots] = True
        self.col["light"][slots] = self._lights(slots, self._lights_at)

    def _write_units(self, slots: NDArray[np.intp], columns: dict[str, Any]) -> None:
        grid, owner = ([self.codes.number(v) for v in columns[name]] for name in ("grid", "owner"))
        if len(self.codes.words) > len(self._unit_of):
            fresh = [self.tree.number(code) for code in self.codes.words[len(self._unit_of) :]]
            self._unit_of = np.concatenate([self._unit_of, np.array(fresh, dtype=np.int32)])
        self.col["grid"][slots], self.col["owner"][slots] = grid, owner
        self.col["place"][slots], self.col["owner_unit"][slots] = self._unit_of[grid], self._unit_of[owner]

    def _lights(self, slots: NDArray[np.intp], now: int) -> NDArray[np.int8]:
        col = self.col
        return lights_at(col["due"][slots], col["amber"][slots], col["closed"][slots], col["paused"][slots], now, NEVER)

    def _count(self, slots: NDArray[np.intp], sign: int) -> None:
        col = self.col
        np.add.at(self.counts, (col["place"][slots], col["stage"][slots], col["light"][slots]), sign)

    def turn(self, now: int) -> NDArray[np.intp]:
        """Lets time pass: lights that change at or before `now` change; returns their slots."""
        used = np.flatnonzero(self.col["used"][: len(self.ids)])
        fresh = self._lights(used, now)
        self._lights_at = now
        changed = fresh != self.col["light"][used]
        slots: NDArray[np.intp] = used[changed]
        if len(slots):
            self._count(slots, -1)
            self.col["light"][slots] = fresh[changed]
            self._count(slots, 1)
        return slots

    def new_day(self, today: int) -> None:
        """Drops ended cases of earlier days."""
        self.today = today
        col = self.col
        old = np.flatnonzero(col["used"] & (col["stage"] >= Stage.CLOSED) & (col["reported"] < today))
        self._count(old, -1)
        for i in old.tolist():
            self._drop(self.ids[i])

    def open_slots(self, scope: str, among: NDArray[np.intp] | None = None) -> NDArray[np.intp]:
        """Slots of open cases in the scope's subtree, by place or by owner."""
        slots = np.flatnonzero(self.col["used"][: len(self.ids)]) if among is None else among
        slots = slots[self.col["stage"][slots] < Stage.CLOSED]
        found: NDArray[np.intp] = slots[self.in_scope(scope, slots)]
        return found

    def loads(self) -> dict[str, dict[str, int]]:
        """By owner: `open` cases, and how many of them are `amber` and `red` now."""
        slots = self.open_slots(self.tree.root.code)
        owner, light = self.col["owner"][slots], self.col["light"][slots]
        n = len(self.codes.words)
        lit = {name: np.bincount(owner[light == Light[name]], minlength=n).tolist() for name in ("amber", "red")}
        held = np.bincount(owner, minlength=n).tolist()
        return {
            word: {"open": held[i], "amber": lit["amber"][i], "red": lit["red"][i]}
            for i, word in enumerate(self.codes.words) if word is not None and held[i]
        }  # fmt: skip

    def in_scope(self, scope: str, slots: NDArray[np.intp]) -> NDArray[np.bool_]:
        first, last = self.span(scope)
        place, held = self.col["place"][slots], self.col["owner_unit"][slots]
        return ((place >= first) & (place < last)) | ((held >= first) & (held < last))

    def span(self, scope: str) -> tuple[int, int]:
        """The slice of unit numbers of a scope; empty for a unit that an import has taken away."""
        return self.tree.span(scope) if scope in self.tree else (0, 0)
