"""The registry of pages: the first word of the address, and who may see it. A new page is one entry here and one file of its name in
callbacks/, layouts/ and assets/ (docs/how-to/add-a-page.md).
"""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    roles: frozenset[str]
    in_bar: bool = True
    """It has a place in the bar of pages; who opens no page is shown the first of them."""


_DESK = frozenset({"commander", "duty_chief", "dispatcher", "supervisor"})
PAGES: dict[str, Page] = {
    "desk": Page(_DESK),
    "wall": Page(_DESK | {"leader", "wall"}),
    "handover": Page(_DESK),
    "admin": Page(frozenset({"commander", "duty_chief"})),
    "case": Page(_DESK, in_bar=False),
}
"""In the order of the bar."""


def pages_of(role: str) -> list[str]:
    """The pages that this role has in its bar; none for who sees no page at all."""
    return [name for name, page in PAGES.items() if page.in_bar and role in page.roles]


def may_open(role: str, page: str) -> bool:
    return page in PAGES and role in PAGES[page].roles


def opened(role: str, page: str) -> str:
    """The page that this role is shown for the one it asks for. IndexError for a role without pages."""
    return page if may_open(role, page) else pages_of(role)[0]
