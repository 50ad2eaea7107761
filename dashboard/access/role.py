"""Who may do what: role x jurisdiction subtree (DOMAIN.md 6). An unknown role sees nothing."""

from __future__ import annotations

import msgspec

from dashboard.places.unit import UnitTree


class User(msgspec.Struct, frozen=True):
    """Who is asking; always from the session or token, never from the page. `unit` is the top of the jurisdiction."""

    id: str
    name: str
    role: str
    unit: str


ROLES = ("commander", "duty_chief", "dispatcher", "supervisor", "leader", "wall", "api", "operator")
"""`api` reads for other systems and commands nothing; `operator` is the command line on the server. Which commands a role may give:
dashboard/cases/verb.py.
"""
ACCOUNTS = tuple(role for role in ROLES if role != "operator")
"""Roles that an account may have."""
READS_CASES = frozenset({"commander", "duty_chief", "dispatcher", "supervisor", "api"})
"""Roles that see single cases with their addresses; walls and leaders see points and aggregates."""

SEES_SECRET = frozenset({"commander", "duty_chief", "dispatcher"})
"""Roles that are shown video points marked secret, next to a case; walls never are (DOMAIN.md 8)."""


def reads_cases(user: User) -> bool:
    return user.role in READS_CASES


def in_jurisdiction(user: User, tree: UnitTree, grid: str | None, owner: str | None) -> bool:
    """A case is in one's jurisdiction by its place or by its owner. The root's holder also sees unknown codes."""
    return tree.within(grid, user.unit) or tree.within(owner, user.unit)
