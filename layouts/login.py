"""The login page: paste a token; in a demo, one big button for each account, and the scenarios that it can play."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.access.page import opened
from dashboard.words import Say
from layouts.parts.word import attributes, maybe, word


class Demo(NamedTuple):
    """`accounts`: {name, role, token}. `plays`: the scenario that plays now, and for how many seconds more."""

    accounts: Sequence[dict[str, Any]]
    scenarios: Sequence[str] = ()
    plays: tuple[str, int] | None = None


def login(say: Say, demo: Demo | None = None, why: str = "") -> Component:
    """`why`: the last token did not open because it was refused or the database was away; "" for nothing."""
    form = html.Form(
        [
            word(say, "login.token", html.Label),
            html.Div(
                dcc.Input(
                    id="login-token", name="token", type="password", required=True, autoComplete="off", className="gc-input gc-input-big"
                )
            ),
            *([word(say, f"login.{why}", html.P, "gc-login-refused")] if why else []),
            html.Button(word(say, "login.enter"), type="submit", className="gc-button gc-primary gc-big"),
            word(say, "login.how", html.P, "gc-quiet"),
        ],
        action="/session/token",
        method="POST",
        className="gc-login-form",
    )
    langs = html.Div(
        [html.Button(t, className="gc-lang", type="button", **attributes(data_lang=c)) for c, t in (("zh", "中文"), ("en", "English"))],
        className="gc-controls",
    )
    head = html.Div([word(say, "app.name", html.H1), langs], className="gc-login-head")
    accounts = [_accounts(say, demo.accounts)] if demo and demo.accounts else []
    scenarios = [_scenarios(say, demo)] if demo and demo.scenarios else []
    doors = html.Div([*accounts, form], className="gc-login-doors")
    return html.Main(
        [head, doors, *scenarios], className="gc-login" + (" gc-login-demo" if scenarios else ""), **attributes(data_gc_page="login")
    )


def _scenarios(say: Say, demo: Demo) -> Component:
    """One button each; assets/login/login.js asks the server and counts down what plays."""
    name, seconds = demo.plays or ("", 0)
    buttons = [_scenario(say, s, seconds if s == name else 0, bool(name)) for s in demo.scenarios]
    lines = [word(say, "scenario.head", html.H2), word(say, "scenario.how", html.P, "gc-quiet")]
    return html.Section([*lines, html.Div(buttons, className="gc-scenarios")])


def _scenario(say: Say, name: str, seconds: int, busy: bool) -> Component:
    state = word(say, "scenario.plays", className="gc-scenario-state", n=seconds) if seconds else html.Span(className="gc-scenario-state")
    parts = [word(say, f"scenario.{name}", html.B), word(say, f"scenario.{name}.see", className="gc-scenario-see"), state]
    plays = attributes(data_scenario=name, data_plays=str(seconds) if seconds else None, aria_live="polite")
    return html.Button(parts, className="gc-button gc-scenario", type="button", disabled=busy, **plays)


def _accounts(say: Say, accounts: Sequence[dict[str, Any]]) -> Component:
    buttons = [
        html.A([html.B(maybe(say, "role", a["role"])), html.Span(a["name"])], href=_href(a), className="gc-button gc-account")
        for a in accounts
    ]
    return html.Section([word(say, "login.demo", html.H2), html.Div(buttons, className="gc-accounts")])


def _href(account: dict[str, Any]) -> str:
    return f"/{opened(account['role'], '')}?token={quote(account['token'])}"
