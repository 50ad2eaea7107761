"""The login page: paste a token; in a demo, one big button for each account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.access.page import opened
from dashboard.words import Say
from layouts.parts.word import attributes, maybe, word


def login(say: Say, accounts: Sequence[dict[str, Any]] = (), why: str = "") -> Component:
    """`accounts`: demo accounts {name, role, token}, empty outside a demo. `why`: the last token did not open
    because it was refused or the database was away; "" for nothing.
    """
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
    demo = [_demo(say, accounts)] if accounts else []
    return html.Main(
        [html.Div([word(say, "app.name", html.H1), langs], className="gc-login-head"), *demo, form],
        className="gc-login",
        **attributes(data_gc_page="login"),
    )


def _demo(say: Say, accounts: Sequence[dict[str, Any]]) -> Component:
    buttons = [
        html.A([html.B(maybe(say, "role", a["role"])), html.Span(a["name"])], href=_href(a), className="gc-button gc-account")
        for a in accounts
    ]
    return html.Section([word(say, "login.demo", html.H2), html.Div(buttons, className="gc-accounts")])


def _href(account: dict[str, Any]) -> str:
    return f"/{opened(account['role'], '')}?token={quote(account['token'])}"
