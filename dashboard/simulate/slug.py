"""Codes made from names, for files that have names only."""

from __future__ import annotations

import re

LONGEST = 64
"""Codes of units and categories have at most 64 characters (CONTRACT.md)."""


class Slugs:
    """One code per name: `prefix` + the name in a-z, 0-9 and "-". Names that would share a code get -2, -3 ..."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._codes: dict[str, str] = {}
        self._taken: set[str] = set()

    def code(self, name: str) -> str:
        """The code of `name`, the same for every call; depends on the names asked for before only when they collide."""
        code = self._codes.get(name)
        if code is None:
            code = self._codes[name] = self._free(name)
            self._taken.add(code)
        return code

    def items(self) -> list[tuple[str, str]]:
        """(name, code) by code."""
        return sorted(self._codes.items(), key=lambda item: item[1])

    def _free(self, name: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"
        code = (self._prefix + slug)[:LONGEST]
        number = 2
        while code in self._taken:
            end = f"-{number}"
            code = (self._prefix + slug)[: LONGEST - len(end)] + end
            number += 1
        return code
