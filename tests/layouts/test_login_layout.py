"""The login page: a form that posts a token, demo accounts only when there are some."""

from __future__ import annotations

from dash import html
from drawn import marked, text, visit, walk

from layouts.login import login


def test_the_form_posts_a_token() -> None:
    form = next(x for x in walk(login(visit().say)) if isinstance(x, html.Form))
    assert (form.action, form.method) == ("/session/token", "POST")
    assert marked(form, "name") == ["token"]


def test_demo_accounts_lead_to_the_page_of_their_role() -> None:
    accounts = [{"name": "大厅", "role": "wall", "token": "a b"}, {"name": "甲", "role": "dispatcher", "token": "t"}]
    assert marked(login(visit().say, accounts), "href") == ["/wall?token=a%20b", "/desk?token=t"]
    assert marked(login(visit().say), "href") == []


def test_a_refused_token_is_said() -> None:
    assert "令牌无效" in text(login(visit().say, why="refused")) and "令牌无效" not in text(login(visit().say))
    assert "数据库暂不可用" in text(login(visit().say, why="away"))
