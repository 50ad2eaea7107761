"""What accounts keep."""

from __future__ import annotations

from typing import Protocol

from dashboard.desk.account_item import AccountItem


class AccountItems(Protocol):
    """Synchronous: call it off the event loop. Every method raises Away."""

    def all(self, account: str) -> list[AccountItem]:
        """By kind, within one the newest first."""

    def put(self, account: str, item: AccountItem) -> None:
        """Takes the place of what has the same kind and key; the oldest of the kind beyond its number (`KINDS`) go."""

    def drop(self, account: str, kind: str, key: str) -> None:
        """Nothing happens where there is none."""
