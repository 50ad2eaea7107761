"""Severity and remaining time. Both are shape + text + colour; `clock.js` paints the time, so that it never ticks over a dead feed."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts.parts.word import attributes, maybe


def severity(say: Say, code: str | None) -> Component:
    return html.Span(maybe(say, "severity", code), className="gc-severity", **attributes(data_severity=code or "normal"))


def remaining(case: dict[str, Any]) -> Component:
    """The element that counts down; `due` and `amber` are instants (ms), or absent for a case without a limit."""
    instants: dict[str, Any] = {f"data-{k}": str(case[k]) for k in ("due", "amber") if case.get(k) is not None}
    return html.Span(className="gc-remain", **attributes(data_light=case.get("light") or "none"), **instants)
