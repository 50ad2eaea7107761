"""Who may take a shift over, and what of a person may be kept."""

from __future__ import annotations

import msgspec
import pytest

from dashboard.access.role import ROLES, User
from dashboard.desk.account_item import KINDS, checked, named
from dashboard.desk.shift import Shift, may_read, may_take, works, written
from tests.made import CITY

LEFT = Shift(id="s", account="anna", name="Anna", role="dispatcher", unit="d1", started=1, ended=9)


@pytest.mark.parametrize(
    ("user", "reads", "takes"),
    [
        (User("ben", "", "dispatcher", "d1"), True, True),
        (User("chen", "", "duty_chief", "c"), True, True),
        (User("anna", "", "dispatcher", "d1"), True, False),
        (User("anna", "", "duty_chief", "c"), True, False),
        (User("ben", "", "dispatcher", "d2"), False, False),
        (User("ben", "", "dispatcher", "u1"), False, False),
        (User("hall", "", "wall", "c"), False, False),
        (User("feed", "", "api", "c"), False, False),
        (User("leader", "", "leader", "c"), False, False),
    ],
)
def test_another_account_with_a_desk_in_the_unit_or_above(user: User, reads: bool, takes: bool) -> None:
    assert (may_read(LEFT, user, CITY), may_take(LEFT, user, CITY)) == (reads, takes)


@pytest.mark.parametrize("change", [{"ended": None}, {"taken": 10, "taken_id": "chen"}])
def test_only_what_is_signed_and_waits(change: dict[str, object]) -> None:
    assert not may_take(msgspec.structs.replace(LEFT, **change), User("ben", "", "dispatcher", "d1"), CITY)


def test_shifts_are_those_of_desks() -> None:
    assert {role for role in ROLES if works(User("x", "", role, "c"))} == {"commander", "duty_chief", "dispatcher", "supervisor"}


def test_a_text_is_masked_and_bounded() -> None:
    assert written("  王先生 13912345678 来电\n看泵站 ") == "王先生 ■■■ 来电\n看泵站"
    assert written("长" * 3413)
    for wrong in ("长" * 3414, "a\0b"):
        with pytest.raises(ValueError, match="10240"):
            written(wrong)


def test_an_item_is_masked_and_bounded() -> None:
    assert checked("draft", {"text": "打 13912345678", "to": ["苏A12345"]}) == {"text": "打 ■■■", "to": ["■■■"]}
    assert (named("view", "13912345678"), named("pin", "12345~13912345678")) == ("■■■", "12345~13912345678")
    for kind, bound in KINDS.items():
        assert checked(kind, "x" * (bound.size - 2))
        with pytest.raises(ValueError, match=str(bound.size)):
            checked(kind, "x" * (bound.size - 1))
