"""What every page stands in: the URL, the session's facts for the browser, the stale banner, toasts; and the top bar of desk-like pages."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.access.page import pages_of
from dashboard.words import Say
from layouts import ids
from layouts.parts import feed
from layouts.parts.context import PageContext
from layouts.parts.state import skeleton
from layouts.parts.word import attributes, kbd, maybe, titled, word

KEYS = ("JK", "pick", "digits", "slash", "palette", "pin", "Enter", "Esc", "question")
"""Keys that are nobody's command; those of the visitor's commands are added by keys.js."""


def shell(say: Say) -> Component:
    """The app's layout, in the city's language: `words.js` paints it anew for a visitor who chose another one.

    Pages are put into `ids.PAGE` by the routing callback."""
    stores = [dcc.Store(id=i) for i in (ids.SESSION, ids.NAMES)]
    return html.Div(
        [
            dcc.Location(id=ids.URL, refresh="callback-nav"),
            *stores,
            feed.banner(say),
            html.Div(skeleton(), id=ids.PAGE, className="gc-page"),
            html.Div(className="gc-toasts", id="gc-toasts", role="log", **attributes(aria_live="polite")),
            help_sheet(say),
        ],
        className="gc-shell",
        **attributes(data_drawn=say.lang),
    )


def top(context: PageContext, page: str) -> Component:
    """The bar above every page but the wall and the login."""
    say = context.say
    return html.Header(
        [
            word(say, "app.name", html.Div, "gc-brand"),
            _nav(context, page),
            html.Div(className="gc-gap"),
            feed.chip(),
            feed.clock(),
            _controls(say),
            html.Span([maybe(say, "role", context.role), f" · {context.name}"], className="gc-who"),
            _leave(say),
        ],
        className="gc-top",
    )


def _leave(say: Say) -> Component:
    """Logging out: a form, for a link of another site must not do it (callbacks/auth/middleware.py)."""
    button = html.Button(word(say, "control.leave"), className="gc-button", type="submit")
    return html.Form(button, action="/session/end", method="POST", className="gc-leave")


def _nav(context: PageContext, page: str) -> Component:
    names = pages_of(context.role)
    links = [html.A(word(context.say, f"page.{p}"), href=f"/{p}", className="gc-nav-on" if p == page else None) for p in names]
    return html.Nav(links, className="gc-nav")


def _controls(say: Say) -> Component:
    return html.Div(
        [
            html.Button("中", className="gc-lang", **titled(say, "control.zh"), **attributes(data_lang="zh")),
            html.Button("EN", className="gc-lang", **titled(say, "control.en"), **attributes(data_lang="en")),
            html.Button("◑", className="gc-theme", **titled(say, "control.theme")),
            html.Button("?", className="gc-help-open", **titled(say, "control.help")),
        ],
        className="gc-controls",
    )


def help_sheet(say: Say) -> Component:
    """The keys; opened with `?`."""
    rows = [html.Div([word(say, f"help.{k}.keys", html.Kbd, "gc-kbd"), word(say, f"help.{k}")], className="gc-help-row") for k in KEYS]
    close = html.Button([word(say, "dialog.close"), kbd("Esc")], className="gc-button", **attributes(data_close="1"))
    columns = html.Div([html.Div(rows), html.Div(id="gc-help-acts")], className="gc-help-columns")
    body = [word(say, "help.title", html.H2), columns, word(say, "help.note", html.P, "gc-quiet"), close]
    return html.Dialog(html.Div(body, className="gc-dialog-body"), id="gc-help", className="gc-dialog")
