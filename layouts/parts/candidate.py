"""Who could take the case: a table that is read at a glance; who could not, and why; what the move does to every clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.parts import light
from layouts.parts.state import notice
from layouts.parts.visit import Visit
from layouts.parts.word import attributes, kbd, maybe, word

DIGITS = 9
"""Candidates that a digit picks."""
COLUMNS = ("load", "distance_km", "on_time", "returns")
"""Reasons that are figures, in the order in which they are weighed; what serves the place is in the table at all."""
UNITS = {"load": "{}", "distance_km": "{:.1f} km", "returns": "{}"}


def candidates(visit: Visit, found: Mapping[str, Any]) -> Component:
    """`found` as `Services.candidates` gives it: candidates (the best first), rejected, effects, arbitration."""
    chosen, rejected = found.get("candidates") or (), found.get("rejected") or ()
    parts = [
        *([word(visit.say, "reassign.arbitration", html.P, "gc-arbitration")] if found.get("arbitration") else []),
        _effects(visit, found.get("effects") or ()),
        _table(visit, chosen) if chosen else notice(visit.say, "reassign.empty", "reassign.empty.then"),
        *([_rejected(visit, rejected)] if rejected else []),
    ]
    return html.Div([p for p in parts if p is not None])


def _table(visit: Visit, chosen: Sequence[Mapping[str, Any]]) -> Component:
    head = [html.Span(), word(visit.say, "reassign.unit"), *(word(visit.say, f"because.{c}") for c in COLUMNS)]
    return html.Div([html.Div(head, className="gc-candidate-head"), *(_candidate(visit, i, c) for i, c in enumerate(chosen))])


def _candidate(visit: Visit, i: int, candidate: Mapping[str, Any]) -> Component:
    """One line; `data-find` is what is typed to find it: initials, then both names."""
    zh, en = candidate["name"], candidate.get("name_en") or candidate["name"]
    reasons = {r["key"]: r for r in candidate.get("reasons") or ()}
    digit = kbd(str(i + 1)) if i < DIGITS else html.Span()
    figures = [html.Span(_figure(key, reasons.get(key)), **attributes(data_reason=key)) for key in COLUMNS]
    marks = attributes(data_to=candidate["unit"], data_find=f"{candidate.get('initials', '')} {zh} {en}".lower())
    return html.Div([digit, html.B(_named(visit, candidate)), *figures], className="gc-candidate", role="option", **marks)


def _named(visit: Visit, unit: Mapping[str, Any]) -> str:
    return str((unit.get("name_en") if visit.say.lang == "en" else None) or unit["name"])


def _figure(key: str, reason: Mapping[str, Any] | None) -> str:
    """A share with what it was counted from (`97% 32/33`), a way with one digit; a dash where nothing is known."""
    if reason is None or reason.get("value") is None:
        return "—"
    if key != "on_time":
        return UNITS[key].format(reason["value"])
    of = f" {reason['n']}/{reason['d']}" if reason.get("d") else ""
    return f"{100 * reason['value']:.0f}%{of}"


def _rejected(visit: Visit, rejected: Sequence[Mapping[str, Any]]) -> Component:
    """Closed until somebody asks: most never do, and they must not push the candidates off the screen."""
    rows = [html.Li([html.Span(_named(visit, r)), maybe(visit.say, "rejected", r["why"]), _value(visit, r)]) for r in rejected]
    return html.Details([word(visit.say, "reassign.rejected", html.Summary, n=len(rows)), html.Ul(rows)], className="gc-rejected")


def _value(visit: Visit, rejected: Mapping[str, Any]) -> Component:
    """How often it returned the case, or how far away it is (km)."""
    value = rejected.get("value")
    if value is None:
        return html.Span()
    return word(visit.say, "rejected.times" if rejected["why"] == "returned_before" else "rejected.far", html.Span, "gc-quiet", value=value)


def _effects(visit: Visit, effects: Sequence[Mapping[str, Any]]) -> Component | None:
    if not effects:
        return None
    rows = [_effect(visit, e) for e in effects]
    return html.Div([word(visit.say, "reassign.effects", html.H3), html.Div(rows, className="gc-effect-rows")], className="gc-effects")


def _effect(visit: Visit, effect: Mapping[str, Any]) -> Component:
    """A clock before and after; one that is kept says so, because that is what a move must not do to a promise."""
    head, _, rest = str(effect["clock"]).partition(":")
    title = [word(visit.say, f"clock.{head}"), *([" ", maybe(visit.say, "stageclock", rest)] if head == "stage" else [])]
    before, after = (_left(visit, effect.get(key)) for key in ("before", "after"))
    change = [before, word(visit.say, "effect.kept")] if effect.get("kept") else [before, html.B("→"), after]
    return html.Div([html.Span(title, className="gc-effect-clock"), *change], **attributes(data_kept=str(int(bool(effect.get("kept"))))))


def _left(visit: Visit, due: int | None) -> Component:
    """Counts down like every other clock; a clock that does not run has none."""
    return word(visit.say, "effect.none") if due is None else light.remaining({"due": due, "light": "green"})
