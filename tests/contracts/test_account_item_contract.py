"""What accounts keep: the fake, SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.desk.account_item import KINDS, AccountItem
from dashboard.ports.account_item import AccountItems
from data_access.account_item import SqlAccountItems
from data_access.database import connect, migrate, url_of
from tests.fakes.account_item import FakeAccountItems

ITEMS = [AccountItem("draft", "note.12345~A", {"text": "半句话 🚨 \"'\\"}, 1), AccountItem("pin", "12345~A", True, 2)]


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def items(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountItems]:
    if request.param == "fake":
        yield FakeAccountItems()
        return
    url = url_of("", tmp_path) if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")()
    migrate(url)
    engine = connect(url)
    yield SqlAccountItems(engine)
    engine.dispose()


def test_each_account_has_its_own(items: AccountItems) -> None:
    for item in ITEMS:
        items.put("one", item)
    items.put("two", AccountItem("pin", "12345~B", True, 3))
    assert items.all("one") == ITEMS and [i.key for i in items.all("two")] == ["12345~B"] and items.all("nobody") == []
    items.drop("two", "pin", "12345~A")
    assert items.all("one") == ITEMS, "what is dropped is one's own"


def test_the_later_write_of_a_key_wins_and_what_is_dropped_is_gone(items: AccountItems) -> None:
    for value, at in (("a", 1), ("b", 2)):
        items.put("one", AccountItem("draft", "handover", value, at))
    assert [(i.value, i.at) for i in items.all("one")] == [("b", 2)]
    items.drop("one", "draft", "handover")
    items.drop("one", "draft", "handover")
    assert items.all("one") == []


def test_the_oldest_of_a_kind_go_and_no_other_kind_s(items: AccountItems) -> None:
    items.put("one", AccountItem("pin", "stays", True, 0))
    most = KINDS["view"].most
    for n in range(most + 2):
        items.put("one", AccountItem("view", f"v{n}", n, n))
    assert [i.value for i in items.all("one") if i.kind == "view"] == list(range(most + 1, 1, -1))
    assert [i.key for i in items.all("one") if i.kind == "pin"] == ["stays"]
