"""The four states of a panel: loading, empty, error and stale. Each says why and what next."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts.parts.word import attributes, word


def skeleton(rows: int = 6) -> Component:
    """Grey bars where the content will be; never over old data."""
    return html.Div([html.Div(className="gc-bone") for _ in range(rows)], className="gc-skeleton", **attributes(aria_hidden="true"))


def notice(say: Say, why: str, then: str, kind: str = "empty") -> Component:
    """`kind`: empty or error. `why` and `then` are word keys."""
    glyph = {"empty": "○", "error": "▼"}[kind]
    parts = [
        html.Div(glyph, className="gc-notice-glyph"),
        word(say, why, html.Div, "gc-notice-why"),
        word(say, then, html.Div, "gc-notice-then"),
    ]
    return html.Div(parts, className=f"gc-notice gc-notice-{kind}", role="status")
