"""The age of the data: a chip on every page, and the banner that nobody can overlook."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts.parts.word import attributes, word


def chip() -> Component:
    """`live.js` writes state and age into it."""
    parts = [html.Span(className="gc-feed-glyph", **attributes(aria_hidden="true")), html.Span("…", **attributes(data_gc="age"))]
    return html.Span(parts, className="gc-feed", role="status")


def banner(say: Say) -> Component:
    """Shown by CSS when the feed is stale."""
    parts = [
        html.Span("▼", **attributes(aria_hidden="true")),
        word(say, "feed.stopped", html.Strong),
        html.Span(className="gc-banner-age", **attributes(data_gc="stale-age")),
        html.Span(className="gc-banner-why", **attributes(data_gc="stale-why")),
    ]
    return html.Div(parts, className="gc-banner", role="alert")


def clock() -> Component:
    """The server's clock in the city's zone; it says unknown when the feed is dead."""
    return html.Span("--:--:--", className="gc-clock", **attributes(data_gc="clock"))
