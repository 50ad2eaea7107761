# ruff: noqa: E501
"""What the desk's callbacks make of what the page asks for: never more than the session allows."""

from __future__ import annotations

import gzip
from types import SimpleNamespace
from typing import Any, cast

import pytest

from callbacks import case as cases
from callbacks.row import FIELDS, ROWS, answer, columns, order_of, query_of
from callbacks.services import Services
from callbacks.wall import districts_of, grids_of
from dashboard.access.page import opened
from dashboard.access.role import User
from dashboard.places.unit import Unit, UnitTree

TREE = UnitTree(
    [
        Unit("99", "市", "city"), Unit("9901", "甲区", "district", "99"), Unit("9902", "乙区", "district", "99"),
        Unit("9901g", "001", "grid", "9901"), Unit("99-d", "市环卫", "department", "99"),
    ]
)  # fmt: skip
CASE = {"case": "a~1", "owner": None, "place": {"grid": "9901g"}}


def services() -> Services:
    reader = SimpleNamespace(cases=SimpleNamespace(case=lambda case, now, user: CASE if case == "a~1" else None))
    return cast("Services", SimpleNamespace(now=lambda: 5, tree=lambda: TREE, reader=reader))


def user(role: str = "dispatcher", unit: str = "9901") -> User:
    return User("u1", "王敏", role, unit)


def test_a_unit_outside_the_jurisdiction_falls_back_to_the_whole_of_it() -> None:
    assert query_of(services(), user(), {"unit": "9902"}).unit == "9901"
    assert query_of(services(), user(unit="99"), {"unit": "9902"}).unit == "9902"
    assert query_of(services(), user(), {}).unit == "9901"


@pytest.mark.parametrize("asked", [{"tab": "nonsense", "severity": "nonsense"}, {"tab": None, "severity": ""}, {}])
def test_nonsense_from_the_page_is_the_default_question(asked: dict[str, Any]) -> None:
    query = query_of(services(), user(), asked)
    assert (query.tab, query.severity, query.category, query.q) == ("savable", None, None, None)


def test_who_asks_comes_from_the_session() -> None:
    assert query_of(services(), user(), {"user_id": "boss"}).user_id == "u1"


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (user(), True),
        (user(unit="9902"), False),
        (user("wall", "99"), False),
        (user("leader", "99"), False),
        (user("nobody", "99"), False),
        (None, False),
    ],
)
def test_a_case_outside_looks_like_no_case(who: User | None, sees: bool) -> None:
    assert (cases.read(services(), who, "a~1") == CASE) == sees
    assert cases.read(services(), who, "a~2") is None


@pytest.mark.parametrize(
    ("asked", "role", "page"),
    [
        ("desk", "dispatcher", "desk"), ("wall", "dispatcher", "wall"), ("case", "dispatcher", "case"), ("", "dispatcher", "desk"), ("login", "commander", "desk"),
        ("desk", "wall", "wall"), ("case", "wall", "wall"), ("case", "leader", "wall"), ("kpis", "wall", "wall"),
    ],
)  # fmt: skip
def test_pages_by_role(asked: str, role: str, page: str) -> None:
    assert opened(role, asked) == page


def test_districts_are_places_and_grids_are_counted() -> None:
    assert [u.code for u in districts_of(services(), "99")] == ["9901", "9902"]
    assert (grids_of(services(), "99"), grids_of(services(), "9902"), grids_of(services(), "?")) == (1, 0, 0)
    assert districts_of(services(), "?") == []


def test_rows_carry_what_the_desk_shows_and_no_more() -> None:
    made = columns([dict.fromkeys(FIELDS, 1) | {"case": "a~1", "lon": 1.0, "flags": [], "allowed": ["escalate", "recalculate", "urge"]}])
    assert made["case"] == ["a~1"] and made["allowed"] == ["escalate urge"] and not {"lon", "flags"} & set(made)


def test_rows_are_compressed_for_who_can_read_it() -> None:
    item = dict.fromkeys(FIELDS, "x" * 40) | {"allowed": ["note"]}
    given = services()
    pages = SimpleNamespace(page=lambda query: {"total": 1, "as_of": 5, "items": [item] * query.limit})
    given.reader = cast("Any", SimpleNamespace(cases=pages))
    query = query_of(given, user(), {})
    plain, packed = answer(given, query, False), answer(given, query, True)
    assert query.limit == ROWS == 10_000 and gzip.decompress(packed) == plain and len(packed) < len(plain) / 20


@pytest.mark.parametrize(
    ("tab", "sort", "order"),
    [
        ("savable", "", "due"), ("overdue", "", "-due"), ("overdue", "due.asc", "due"), ("savable", "due.desc", "-due"),
        ("savable", "severity.desc", "severity"), ("savable", "severity.asc", "-severity"), ("savable", "place.asc", "due"), ("", "nonsense", "due"),
    ],
)  # fmt: skip
def test_where_there_are_more_rows_than_fit_the_order_decides_which(tab: str, sort: str, order: str) -> None:
    assert order_of(tab, sort) == order
