"""Units of the city and their tree (DOMAIN.md 1): city > district > street > community > grid, and departments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

ROOT_CODE = "000000000000"
"""Code of the one unit that a fresh system has, until units are imported."""


class Unit(msgspec.Struct, frozen=True):
    """One node of the tree; `code` is text, never a number. Times are ms since 1970 UTC, None = open-ended."""

    code: str
    name: str
    level: str
    """city, district, street, community, grid or department; the names of levels are data."""
    parent: str | None = None
    name_en: str = ""
    initials: str = ""
    """Pinyin initials, for finding a unit by keyboard."""
    valid_from: int | None = None
    valid_to: int | None = None
    lon: float | None = None
    lat: float | None = None

    def valid_at(self, at: int) -> bool:
        """Whether this version holds at an instant (ms)."""
        return (self.valid_from or 0) <= at and (self.valid_to is None or at < self.valid_to)


FRESH_ROOT = Unit(ROOT_CODE, "全市", "city", name_en="Whole city", initials="qs")


class UnitTree:
    """Units numbered in preorder, so that a subtree is one slice `[first, last)` of the numbers.

    The number of a unit is its index in `units`; index 0 is the root. A code that is not known has the
    index `unknown` (= len(units)), which lies in no subtree but the root's.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        by_parent: dict[str | None, list[Unit]] = {}
        for unit in units:
            by_parent.setdefault(unit.parent, []).append(unit)
        roots = by_parent.get(None, [])
        if len(roots) != 1:
            raise ValueError(f"a city has exactly one root unit, found {len(roots)}: {[u.code for u in roots][:5]}")
        self.root = roots[0]
        self.units: list[Unit] = []
        self.index: dict[str, int] = {}
        self.last: list[int] = []
        self.depth: list[int] = []
        self._number(by_parent)
        self.unknown = len(self.units)

    def _number(self, by_parent: dict[str | None, list[Unit]]) -> None:
        stack: list[tuple[Unit | None, int]] = [(self.root, 0)]
        open_: list[int] = []
        while stack:
            unit, depth = stack.pop()
            if unit is None:
                self.last[open_.pop()] = len(self.units)
                continue
            self.index[unit.code] = number = len(self.units)
            self.units.append(unit)
            self.last.append(number)
            self.depth.append(depth)
            open_.append(number)
            stack.append((None, depth))
            children = sorted(by_parent.get(unit.code, []), key=lambda u: u.code, reverse=True)
            stack.extend((child, depth + 1) for child in children)

    def __len__(self) -> int:
        return len(self.units)

    def __contains__(self, code: str) -> bool:
        return code in self.index

    def number(self, code: str | None) -> int:
        """Preorder number of a code; `unknown` for a code that the tree does not have (yet)."""
        return self.unknown if code is None else self.index.get(code, self.unknown)

    def get(self, code: str | None) -> Unit | None:
        i = self.number(code)
        return None if i == self.unknown else self.units[i]

    def span(self, code: str) -> tuple[int, int]:
        """The slice of numbers of the subtree of `code`; the root's also holds `unknown`. KeyError if not known."""
        first = self.index[code]
        return first, (self.unknown + 1 if first == 0 else self.last[first])

    def within(self, code: str | None, ancestor: str) -> bool:
        """Whether `code` lies in the subtree of `ancestor` (a unit lies in its own)."""
        if ancestor not in self.index:
            return False
        first, last = self.span(ancestor)
        return first <= self.number(code) < last

    def path(self, code: str) -> list[Unit]:
        """Root first, the unit itself last; empty for an unknown code."""
        by_code, out, unit = self.index, [], self.get(code)
        while unit is not None:
            out.append(unit)
            unit = self.units[by_code[unit.parent]] if unit.parent else None
        return out[::-1]

    def children(self, code: str) -> Iterator[Unit]:
        i, last = self.index[code] + 1, self.last[self.index[code]]
        while i < last:
            yield self.units[i]
            i = self.last[i]
