"""The desk's frame: who sees which actions, which filters, and that no name becomes markup."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import pytest
from drawn import CITY, TREE, marked, text, visit, walk

from dashboard.cases.query import TABS
from dashboard.roles import COMMANDS, may
from layouts.desk import desk
from layouts.parts.act import ACTS, table
from layouts.parts.candidate import candidates
from layouts.shell import shell

DISTRICTS = [u for u in TREE.children(CITY) if u.level == "district"]


@pytest.mark.parametrize("role", [*COMMANDS, "somebody"])
def test_everybody_sees_the_buttons_of_what_the_role_may_do(role: str) -> None:
    drawn = marked(desk(visit(role), DISTRICTS), "data-act")
    assert drawn == [verb for verb in ACTS if may(role, verb) and verb != "undo"]
    assert set(table(visit(role).can)) == {verb for verb in ACTS if may(role, verb)}


def test_every_command_of_a_person_has_a_key_and_those_that_share_one_exclude_each_other() -> None:
    persons = set().union(*(commands for role, commands in COMMANDS.items() if role != "operator"))
    assert persons <= set(ACTS)
    shared = [{verb for verb, other in ACTS.items() if other.key == act.key} for act in ACTS.values()]
    assert all(verbs in ({"suspend", "resume"}, {"merge", "unmerge"}, {"reassign", "designate"}) for verbs in shared if len(verbs) > 1)
    assert not {act.key for act in ACTS.values()} & set("JKI"), "keys that move and pin"


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


def test_candidates_are_a_table_of_figures_with_what_finds_them() -> None:
    reasons = [
        {"key": "serves", "value": True},
        {"key": "load", "value": 12},
        {"key": "distance_km", "value": 0.84},
        {"key": "on_time", "value": 0.97, "n": 97, "d": 100},
    ]
    unit = {"unit": "u1", "name": "环卫所", "name_en": "Sanitation", "initials": "hws"}
    drawn = candidates(visit(), offered(unit | {"reasons": reasons}))
    assert marked(drawn, "data-to") == ["u1"] and marked(drawn, "data-find") == ["hws 环卫所 sanitation"]
    figures = [text(x) for x in walk(drawn) if hasattr(x, "data-reason")]
    assert figures == ["12", "0.8 km", "97% 97/100", "—"]


def test_no_candidate_says_what_next() -> None:
    assert "请升级给值班长指定" in text(candidates(visit(), offered()))


def test_the_rejected_say_why_and_the_clocks_what_the_move_does() -> None:
    away = {"unit": "u", "name": "甲", "name_en": "A", "why": "returned_before", "value": 2}
    effects = [
        {"clock": "total", "before": 9, "after": 9, "kept": True},
        {"clock": "stage:sign", "before": None, "after": 7, "kept": False},
    ]
    drawn = candidates(visit(), offered() | {"rejected": [away], "effects": effects, "arbitration": True})
    assert all(part in text(drawn) for part in ("曾退回", "2 次", "不变", "未启动", "仲裁")) and marked(drawn, "data-due") == ["9", "7"]
    assert marked(drawn, "data-kept") == ["1", "0"]


def test_the_shell_holds_the_banner_and_the_keys() -> None:
    drawn = text(shell(visit().say))
    assert "数据已停更" in drawn and "命令面板" in drawn
