"""The note for the next shift: what is about to break, what happened since one looked, what must not be lost. One sheet of paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from layouts.parts import light, name
from layouts.parts.context import PageContext
from layouts.parts.instant import moment
from layouts.parts.word import attributes, kbd, maybe, titled, word

TOLD = ("escalations", "breaches", "returns")


def handover(context: PageContext, note: Mapping[str, Any], pinned: Sequence[Mapping[str, Any]]) -> Component:
    """`note` as the reader's `handover` gives it; `pinned`: cases as their detail shows them."""
    say, promises = context.say, note["promises"]
    due = {"hours": promises["within_ms"] // 3_600_000, "n": promises["total"], "shown": len(promises["items"])}
    span = {"since": moment(note["since"], context.zone), "now": moment(note["as_of"], context.zone)}
    parts = [
        _head(context),
        word(say, "handover.span", html.P, "gc-quiet", **span),
        word(say, "handover.promises", html.H3, **due),
        _cases(context, promises["items"], "handover.promises.none"),
        word(say, "handover.pinned", html.H3, n=len(pinned)),
        _cases(context, pinned, "handover.pinned.none"),
        word(say, "handover.pinned.here", html.P, "gc-quiet"),
        word(say, "handover.changed", html.H3),
        *(_told(context, kind, note[kind]) for kind in TOLD),
        html.P(_counts(context, note["events"]), className="gc-handover-counts"),
        word(say, "handover.sign", html.P, "gc-handover-sign"),
    ]
    return html.Div(parts, className="gc-handover-sheet")


def _head(context: PageContext) -> Component:
    copy = html.Button(word(context.say, "case.print"), className="gc-button gc-print")
    close = html.Button(["✕ ", kbd("Esc")], className="gc-button", **attributes(data_close="1"), **titled(context.say, "dialog.close"))
    who = html.Span([maybe(context.say, "role", context.role), f" · {context.name}"], className="gc-quiet")
    return html.Header([word(context.say, "handover.title", html.H2), who, html.Span(className="gc-gap"), copy, close])


def _cases(context: PageContext, cases: Sequence[Mapping[str, Any]], none: str) -> Component:
    if not cases:
        return word(context.say, none, html.P, "gc-quiet")
    return html.Table(html.Tbody([_case(context, case) for case in cases]))


def _case(context: PageContext, case: Mapping[str, Any]) -> Component:
    grid = case.get("grid") or (case.get("place") or {}).get("grid")
    cells = [
        html.Td(light.severity(context.say, case.get("severity"))),
        html.Td([light.remaining(dict(case)), html.Br(), html.Span(moment(case["due"], context.zone) if case.get("due") else "")]),
        html.Td(html.A(case["case"], href=f"/case/{case['case']}")),
        html.Td([name.category(context.say, context.names, case.get("category")), html.Br(), name.place(context.say, context.names, grid)]),
        html.Td([name.unit(context.say, context.names, case.get("owner")), html.Br(), maybe(context.say, "stage", case.get("stage"))]),
    ]
    return html.Tr(cells)


def _told(context: PageContext, kind: str, told: Mapping[str, Any]) -> Component:
    """How many, and the newest of them by their ids."""
    links: list[Component | str] = []
    for case in told["cases"]:
        links += [html.A(case, href=f"/case/{case}"), " "]
    return html.P([word(context.say, f"handover.{kind}", html.B, n=told["count"]), " ", *links])


def _counts(context: PageContext, events: Mapping[str, int]) -> list[Component]:
    return [html.Span([maybe(context.say, "event", type_), f" {n:,}"]) for type_, n in sorted(events.items(), key=lambda e: -e[1])]
