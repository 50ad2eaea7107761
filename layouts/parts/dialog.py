"""The dialogs of the desk. Native `<dialog>`: the browser keeps the focus inside and gives it back.

Only the frame for the choice of a unit is drawn here (its list: assets/desk/candidate.js); what the other commands ask is a table
(layouts/parts/act.py) that form.js draws.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts import ids
from layouts.parts.word import attributes, kbd, word

LEVELS = ("unit_head", "duty_chief", "commander")
EMPTY = ("gc-form", "gc-palette", "gc-undo", "gc-sure")
"""Dialogs whose content the browser makes when they open."""


def dialogs(say: Say) -> list[Component]:
    return [reassign(say), *(html.Dialog(id=id_, className="gc-dialog") for id_ in EMPTY)]


def reassign(say: Say) -> Component:
    candidates = html.Div(id=ids.DIALOG_CANDIDATES, className="gc-candidates", role="listbox")
    body = [
        html.H2([word(say, "action.reassign"), html.Span(className="gc-dialog-cases")]),
        html.P(className="gc-dialog-presence", role="status"),
        _find(say),
        candidates,
        word(say, "reassign.none", html.Div, "gc-notice-then gc-candidates-none"),
        word(say, "reassign.keys", html.P, "gc-quiet"),
        html.Div([*_why(say), html.Div(className="gc-gap"), _cancel(say)], className="gc-dialog-foot"),
    ]
    return html.Dialog(html.Div(body, className="gc-dialog-body"), id="gc-reassign", className="gc-dialog")


def _find(say: Say) -> Component:
    look = "gc-input gc-input-big"
    field = dcc.Input(id=ids.DIALOG_FIND, type="text", placeholder=say("reassign.find"), autoComplete="off", className=look)
    return html.Div(field, **attributes(data_word_placeholder="reassign.find"))


def _why(say: Say) -> list[Component]:
    """The reason in a word (dialog.js fills in those of the verb), and in a sentence for who wants to write one."""
    extra: dict[str, Any] = {"data-word-placeholder": "field.text"}
    text = html.Textarea(placeholder=say("field.text"), className="gc-input gc-reassign-text", rows=1)
    select = html.Select([], className="gc-select gc-reassign-reason")
    label = html.Label([word(say, "field.reason"), select], className="gc-field-inline")
    return [label, html.Div(text, className="gc-reassign-more", **extra)]


def _cancel(say: Say) -> Component:
    return html.Button([word(say, "dialog.cancel"), kbd("Esc")], className="gc-button", **attributes(data_close="1"))
