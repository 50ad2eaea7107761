"""The desk's frame: who sees which actions, which filters, and that no name becomes markup."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import pytest
from drawn import CITY, TREE, marked, text, visit, walk

from dashboard.cases.query import TABS
from layouts.desk import desk
from layouts.parts.dialog import candidates
from layouts.shell import shell

DISTRICTS = [u for u in TREE.children(CITY) if u.level == "district"]


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        ("dispatcher", ["reassign", "escalate"]), ("duty_chief", ["reassign", "escalate"]), ("commander", ["escalate"]),
        ("supervisor", []), ("leader", []), ("wall", []), ("api", []), ("somebody", []),
    ],
)  # fmt: skip
def test_actions_by_role(role: str, acts: list[str]) -> None:
    assert marked(desk(visit(role), DISTRICTS), "data-act") == acts


def test_savable_is_the_first_of_the_tabs() -> None:
    assert marked(desk(visit(), DISTRICTS), "data-tab") == list(TABS)
    assert TABS[0] == "savable"


def test_the_grid_never_moves_rows_by_itself() -> None:
    grid = next(x for x in walk(desk(visit(), DISTRICTS)) if isinstance(x, dag.AgGrid))
    assert grid.getRowId == "params.data.id"
    assert grid.dashGridOptions["suppressScrollOnNewData"] and not grid.dashGridOptions["animateRows"]
    assert not getattr(grid, "enableEnterpriseModules", False) and not getattr(grid, "dangerously_allow_code", False)


def offered(*candidates: dict[str, Any]) -> dict[str, Any]:
    return {"candidates": candidates, "rejected": [], "effects": [], "arbitration": False}


def test_candidates_carry_reasons_and_what_finds_them() -> None:
    reasons = [
        {"key": "serves", "value": True},
        {"key": "load", "value": 12},
        {"key": "distance_km", "value": 0.84},
        {"key": "on_time", "value": 0.97, "n": 97, "d": 100},
    ]
    unit = {"unit": "u1", "name": "环卫所", "name_en": "Sanitation", "initials": "hws"}
    drawn = candidates(visit().say, offered(unit | {"reasons": reasons}))
    assert marked(drawn, "data-to") == ["u1"] and marked(drawn, "data-find") == ["hws 环卫所 sanitation"]
    assert all(part in text(drawn) for part in ("承办此类", "在管 12 件", "距现场 0.8 km", "按期 97%"))


def test_an_unknown_reason_still_shows_and_no_candidate_says_what_next() -> None:
    found = {"unit": "u", "name": "甲", "name_en": "", "initials": "j", "reasons": [{"key": "new", "value": 3}]}
    assert "new 3" in text(candidates(visit().say, offered(found)))
    assert "请升级给值班长指定" in text(candidates(visit().say, offered()))


def test_the_shell_holds_the_banner_and_the_keys() -> None:
    drawn = text(shell(visit().say))
    assert "数据已停更" in drawn and "改派" in drawn
