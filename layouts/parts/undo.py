"""What may be undone: the bar with the last command, its case and the time left, and a case's own way back (assets/desk/undo_bar.js)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.cases.verb import UNDO, UNDO_OTHERS, VERBS
from layouts.parts.context import PageContext
from layouts.parts.word import attributes, kbd


def bar(context: PageContext) -> list[Component]:
    """Shown as long as there is something to undo; a click opens the whole stack."""
    if UNDO not in context.can:
        return []
    parts = [kbd(VERBS[UNDO].key), html.Span(className="gc-undo-what"), html.Span(className="gc-undo-time")]
    return [html.Button(parts, className="gc-undo gc-undo-last", hidden=True)]


def way_back(context: PageContext, case: Mapping[str, Any]) -> list[Component]:
    """Of the last command of this case, for whoever may take it: the one who gave it, and the chiefs."""
    last = case.get("undo")
    if not last or (last["who"] != context.account and context.role not in UNDO_OTHERS):
        return []
    told = attributes(data_undo=last["command"], data_undo_verb=last["verb"], data_undo_by=last["name"], data_undo_until=str(last["until"]))
    return [html.Button(className="gc-button gc-undo-case", hidden=True, **told)]
