"""What accounts keep, in memory; the contract's suite holds it to the port."""

from __future__ import annotations

from dashboard.desk.account_item import KINDS, AccountItem


class FakeAccountItems:
    """Port `AccountItems`."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str, str], AccountItem] = {}

    def all(self, account: str) -> list[AccountItem]:
        mine = [item for (whose, _, _), item in self._items.items() if whose == account]
        return sorted(mine, key=lambda item: (item.kind, -item.at, item.key))

    def put(self, account: str, item: AccountItem) -> None:
        self._items[account, item.kind, item.key] = item
        same = [one for one in self.all(account) if one.kind == item.kind]
        for old in same[KINDS[item.kind].most :]:
            self.drop(account, old.kind, old.key)

    def drop(self, account: str, kind: str, key: str) -> None:
        self._items.pop((account, kind, key), None)
