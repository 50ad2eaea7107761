"""What accounts keep (port AccountItems)."""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine, and_, delete, select

from dashboard.desk.account_item import KINDS, AccountItem
from data_access import table as t
from data_access.account import WAIT_MS
from data_access.database import write_many

i = t.account_item.c


class SqlAccountItems:
    def __init__(self, engine: Engine) -> None:
        self._read = engine
        self._write = engine.execution_options(write=True, wait_ms=WAIT_MS)

    def all(self, account: str) -> list[AccountItem]:
        wanted = select(i.kind, i.key, i.value, i.at).where(i.account == account).order_by(i.kind, i.at.desc(), i.key)
        with self._read.begin() as c:
            return [AccountItem(r.kind, r.key, msgspec.json.decode(r.value), r.at) for r in c.execute(wanted)]

    def put(self, account: str, item: AccountItem) -> None:
        same = and_(i.account == account, i.kind == item.kind)
        newest = select(i.key).where(same).order_by(i.at.desc(), i.key).limit(KINDS[item.kind].most)
        row = (account, item.kind, item.key, msgspec.json.encode(item.value).decode(), item.at)
        with self._write.begin() as c:
            write_many(c, t.account_item, [row], "account,kind,key", update=True)
            c.execute(delete(t.account_item).where(same, i.key.not_in(list(c.execute(newest).scalars()))))

    def drop(self, account: str, kind: str, key: str) -> None:
        with self._write.begin() as c:
            c.execute(delete(t.account_item).where(i.account == account, i.kind == kind, i.key == key))
