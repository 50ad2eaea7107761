"""The login page: a form that posts a token, demo accounts only when there are some."""

from __future__ import annotations

from dash import html
from drawn import marked, text, visit, walk

from layouts.login import Demo, login


def test_the_form_posts_a_token() -> None:
    form = next(x for x in walk(login(visit().say)) if isinstance(x, html.Form))
    assert (form.action, form.method) == ("/session/token", "POST")
    assert marked(form, "name") == ["token"]


def test_demo_accounts_lead_to_the_page_of_their_role() -> None:
    accounts = [{"name": "大厅", "role": "wall", "token": "a b"}, {"name": "甲", "role": "dispatcher", "token": "t"}]
    assert marked(login(visit().say, Demo(accounts)), "href") == ["/wall?token=a%20b", "/desk?token=t"]
    assert marked(login(visit().say), "href") == []


def test_a_refused_token_is_said() -> None:
    assert "令牌无效" in text(login(visit().say, why="refused")) and "令牌无效" not in text(login(visit().say))
    assert "数据库暂不可用" in text(login(visit().say, why="away"))


def test_scenarios_are_offered_in_a_demo_only() -> None:
    shown = login(visit().say, Demo([], ["storm", "gas_leak"]))
    assert marked(shown, "data-scenario") == ["storm", "gas_leak"] and "暴雨来袭" in text(shown) and "登录为派遣员" in text(shown)
    assert marked(login(visit().say), "data-scenario") == []


def test_a_scenario_that_plays_is_said_and_no_other_can_be_asked_for() -> None:
    shown = login(visit().say, Demo([], ["storm", "gas_leak"], ("storm", 42)))
    assert "已开始，约 42 秒" in text(shown) and marked(shown, "data-plays") == ["42"]
    assert [b.disabled for b in walk(shown) if isinstance(b, html.Button) and "gc-scenario" in b.className] == [True, True]
