"""The two dialogs of the desk. Native `<dialog>`: the browser keeps the focus inside and gives it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts import ids
from layouts.parts.state import notice, skeleton
from layouts.parts.word import attributes, kbd, marks, word

LEVELS = ("unit_head", "duty_chief", "commander")
REASONS = ("better_fit", "wrong_unit", "jurisdiction", "overload")
"""Why a case is moved; the first is the default, so that `R 1` is enough."""

DIGITS = 9
"""Candidates that a digit picks."""


def reassign(say: Say) -> Component:
    find = html.Div(
        dcc.Input(id=ids.DIALOG_FIND, type="text", placeholder=say("reassign.find"), autoComplete="off", className="gc-input gc-input-big"),
        **attributes(data_word_placeholder="reassign.find"),
    )
    reasons = [html.Option(say(f"reason.{r}"), value=r, **marks(f"reason.{r}")) for r in REASONS]
    foot = [
        html.Label(
            [word(say, "reassign.reason"), html.Select(reasons, className="gc-select gc-reassign-reason")], className="gc-field-inline"
        ),
        html.Div(className="gc-gap"),
        _cancel(say),
    ]
    candidates_ = html.Div(skeleton(5), id=ids.DIALOG_CANDIDATES, className="gc-candidates", role="listbox")
    none = word(say, "reassign.none", html.Div, "gc-notice-then gc-candidates-none")
    body = [
        _head(say, "reassign.title"),
        find,
        candidates_,
        none,
        word(say, "reassign.keys", html.P, "gc-quiet"),
        html.Div(foot, className="gc-dialog-foot"),
    ]
    return html.Dialog(html.Div(body, className="gc-dialog-body"), id="gc-reassign", className="gc-dialog")


def _head(say: Say, key: str) -> Component:
    return html.H2([word(say, key), html.Span(className="gc-dialog-cases")])


def _cancel(say: Say) -> Component:
    return html.Button([word(say, "dialog.cancel"), kbd("Esc")], className="gc-button", **attributes(data_close="1"))


def candidates(say: Say, found: Mapping[str, Any]) -> Component:
    """Ranked units, the best first, each with its reasons. `found` as `Services.candidates` gives it."""
    if not found["candidates"]:
        return notice(say, "reassign.empty", "reassign.empty.then")
    return html.Div([_candidate(say, i, c) for i, c in enumerate(found["candidates"])])


def _candidate(say: Say, i: int, candidate: dict[str, Any]) -> Component:
    name, other = candidate["name"], candidate.get("name_en") or candidate["name"]
    reasons = [html.Span(_reason(say, r)) for r in candidate.get("reasons", ()) if r.get("value") is not None]
    digit = [kbd(str(i + 1))] if i < DIGITS else []
    return html.Div(
        [html.B(other if say.lang == "en" else name), html.Span(reasons, className="gc-reasons"), html.Span(className="gc-gap"), *digit],
        className="gc-candidate",
        role="option",
        **attributes(data_to=candidate["unit"], data_find=f"{candidate.get('initials', '')} {name} {other}".lower()),
    )


def _reason(say: Say, reason: dict[str, Any]) -> Component:
    key, value = f"because.{reason['key']}", reason.get("value")
    if not say.words.has(key):
        return html.Span(f"{reason['key']} {value}" if value is not None else reason["key"])
    return word(say, key) if value is None or value is True else word(say, key, value=_figure(reason["key"], value))


def _figure(key: str, value: Any) -> Any:
    """Shares (0-1) as whole percents, distances with one digit; counts as they are."""
    if key == "on_time":
        return f"{100 * value:.0f}%"
    return f"{value:.1f}" if key == "distance_km" else value


def escalate(say: Say) -> Component:
    levels = [
        html.Button(
            [kbd(str(i + 1)), word(say, f"level.{lv}")],
            className="gc-level",
            role="radio",
            **attributes(data_level=lv, aria_checked="false"),
        )
        for i, lv in enumerate(LEVELS)
    ]
    reason = html.Div(
        dcc.Textarea(id=ids.DIALOG_REASON, placeholder=say("escalate.reason"), className="gc-input gc-textarea", rows=3, maxLength=300),
        **attributes(data_word_placeholder="escalate.reason"),
    )
    send = html.Button([word(say, "action.escalate"), kbd("Enter")], className="gc-button gc-primary", **attributes(data_send="1"))
    foot = html.Div([html.Div(className="gc-gap"), _cancel(say), send], className="gc-dialog-foot")
    body = [
        _head(say, "escalate.title"),
        html.Div(levels, className="gc-levels", role="radiogroup"),
        reason,
        word(say, "escalate.keys", html.P, "gc-quiet"),
        foot,
    ]
    return html.Dialog(html.Div(body, className="gc-dialog-body"), id="gc-escalate", className="gc-dialog")
