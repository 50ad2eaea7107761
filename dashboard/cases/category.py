"""The catalogue of a city: what its cases can be about, in three levels 大类 / 小类 / 细项 (DOMAIN.md 2).

A code has 2 digits for a major, 4 for a sub and 6 for an item category, each a prefix of the next. Codes are text, never numbers; a code
that is not in the catalogue is kept as it came (DOMAIN.md 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

Severity = Literal["danger", "urgent", "normal"]


class Category(msgspec.Struct, frozen=True):
    """One category of any level."""

    code: str
    zh: str
    en: str
    severity: Severity = "normal"
    """Of a case whose report names none."""
    dispute: bool = False
    """Disputes between residents: small counts of them are suppressed outside the dispatch desk (DOMAIN.md 8)."""


class Catalogue(Mapping[str, Category]):
    """Categories by code, in the order of the codes; empty in a city that has imported none."""

    def __init__(self, categories: Iterable[Category] = ()) -> None:
        self._by_code = {c.code: c for c in sorted(categories, key=lambda c: c.code)}

    def __getitem__(self, code: str) -> Category:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    def severity(self, code: str) -> Severity:
        """What a report of this category has that names no severity."""
        category = self._by_code.get(code)
        return category.severity if category else "normal"
