"""The desk's frame: who sees which actions, which filters, and that no name becomes markup."""

from __future__ import annotations

import dash_ag_grid as dag
import pytest
from drawn import CITY, TREE, marked, text, visit, walk

from dashboard.access.role import ROLES
from dashboard.cases.verb import VERBS, may
from dashboard.desk.query import TABS
from layouts.desk import desk
from layouts.parts.act import table
from layouts.parts.shift import LED_TO
from layouts.shell import shell

DISTRICTS = [u for u in TREE.children(CITY) if u.level == "district"]


@pytest.mark.parametrize("role", [*ROLES, "somebody"])
def test_everybody_sees_the_buttons_of_what_the_role_may_do(role: str) -> None:
    drawn = marked(desk(visit(role), DISTRICTS), "data-act")
    assert drawn == [verb for verb, told in VERBS.items() if told.key and may(role, verb) and verb != "undo"]
    assert set(table(visit(role).can)) == {verb for verb, told in VERBS.items() if told.key and may(role, verb)}


def test_every_command_of_a_person_has_a_key_and_those_that_share_one_exclude_each_other() -> None:
    keys = {name: verb.key for name, verb in VERBS.items() if verb.key}
    assert set(VERBS) - set(keys) == {name for name, verb in VERBS.items() if verb.roles == {"operator"}}
    shared = [{name for name, other in keys.items() if other == key} for key in keys.values()]
    assert all(verbs in ({"suspend", "resume"}, {"merge", "unmerge"}, {"reassign", "designate"}) for verbs in shared if len(verbs) > 1)
    assert not set(keys.values()) & set("JKI"), "keys that move and pin"


def test_savable_is_the_first_of_the_tabs() -> None:
    assert marked(desk(visit(), DISTRICTS), "data-tab") == [*LED_TO, *TABS], "the line of the shift, then the tabs"
    assert TABS[0] == "savable"


def test_the_grid_never_moves_rows_by_itself() -> None:
    grid = next(x for x in walk(desk(visit(), DISTRICTS)) if isinstance(x, dag.AgGrid))
    assert grid.getRowId == "params.data.id"
    assert grid.dashGridOptions["suppressScrollOnNewData"] and not grid.dashGridOptions["animateRows"]
    assert not getattr(grid, "enableEnterpriseModules", False) and not getattr(grid, "dangerously_allow_code", False)


def test_the_shell_holds_the_banner_and_the_keys() -> None:
    drawn = text(shell(visit().say))
    assert "数据已停更" in drawn and "命令面板" in drawn
