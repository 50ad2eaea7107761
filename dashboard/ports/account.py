"""Accounts and their tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from dashboard.access.role import User


class Accounts(Protocol):
    def add_account(self, user: User, only: bool = False) -> str:
        """Makes or renews the account and gives it one more token; `only` ends its earlier ones. ValueError for an unknown role."""

    def add_token(self, account: str) -> str:
        """One more token of an account that there is."""

    def account(self, name: str) -> tuple[User, bool] | None:
        """(the account, whether it is disabled), None where there is none."""

    def accounts(self) -> list[dict[str, Any]]:
        """Every account: id, name, role, unit, made and disabled (ms)."""

    def disable_account(self, account: str) -> bool:
        """False when there is no such account."""

    def end_accounts(self, users: Iterable[User]) -> int:
        """Disables these accounts and ends their tokens and sessions; how many ended."""
