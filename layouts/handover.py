"""Handovers: the note of a shift on one sheet, which prints; and the earlier ones, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from dash import html
from dash.development.base_component import Component

from dashboard.desk.shift import Handover, HandoverLine, Note, ShiftNow
from layouts.parts import name
from layouts.parts.context import PageContext
from layouts.parts.handover import sheet
from layouts.parts.instant import day, hour
from layouts.parts.state import notice
from layouts.parts.word import attributes, word
from layouts.shell import top


@dataclass(frozen=True)
class Sheet:
    """What is opened. `mine`: the shift that lasts, whose note is not signed; `takes`: the visitor may take it over; nothing: no shift."""

    note: Note | None = None
    signed: Handover | None = None
    mine: bool = False
    takes: bool = False
    unknown: bool = False


def handover(context: PageContext, earlier: Sequence[HandoverLine], more: bool, now: ShiftNow, opened: Sheet) -> Component:
    """`earlier`: the newest first; `more`: there are older ones."""
    shown = html.Section(_opened(context, now, opened), className="gc-handover-opened gc-panel")
    main = html.Main([_aside(context, earlier, more, now), shown])
    return html.Div([top(context, "handover"), main], className="gc-handover", **attributes(data_gc_page="handover"))


def _opened(context: PageContext, now: ShiftNow, opened: Sheet) -> Component:
    if opened.unknown:
        return notice(context.say, "handover.unknown", "handover.unknown.then", "error")
    if opened.note is None:
        return _idle(context, now)
    return sheet(context, opened.note, opened.signed, opened.takes)


def _idle(context: PageContext, now: ShiftNow) -> Component:
    """No shift: what waits is taken over, or a shift starts with nobody before it."""
    waiting = now["waiting"]
    parts = [word(context.say, "shift.none", html.P, "gc-notice-why")]
    parts.append(word(context.say, "shift.none.waiting" if waiting else "shift.none.then", html.P, "gc-notice-then"))
    if waiting:
        parts.append(html.A(word(context.say, "shift.look"), href=f"/handover/{waiting[0]['handover']}", className="gc-button gc-primary"))
    look = "gc-button" if waiting else "gc-button gc-primary"
    parts.append(html.Button(word(context.say, "shift.start"), className=look, **attributes(data_shift="start")))
    return html.Div([html.Div("○", className="gc-notice-glyph"), *parts], className="gc-notice")


def _aside(context: PageContext, earlier: Sequence[HandoverLine], more: bool, now: ShiftNow) -> Component:
    waiting = {line["handover"] for line in now["waiting"]}
    parts: list[Component] = []
    if now["started"] is not None:
        own = html.A([word(context.say, "handover.own", html.B), html.Span(hour(now["started"], context.zone))], href="/handover")
        parts.append(html.Div(own, className="gc-handover-line", **attributes(data_on="0" if context.path else "1")))
    if now["waiting"]:
        parts += [word(context.say, "handover.waiting", html.H2), *(_line(context, line, "take") for line in now["waiting"])]
    parts.append(word(context.say, "handover.earlier", html.H2))
    rest = [line for line in earlier if line["handover"] not in waiting]
    for date, lines in groupby(rest, lambda line: day(line["left"]["at"], context.zone)):
        parts += [html.H3(date), *(_line(context, line) for line in lines)]
    if not rest:
        parts.append(word(context.say, "handover.earlier.none", html.P, "gc-quiet"))
    if more:
        before = earlier[-1]["left"]["at"]
        parts.append(html.A(word(context.say, "handover.older"), href=f"/handover?before={before}", className="gc-quiet"))
    return html.Aside(parts, className="gc-handover-list gc-panel")


def _line(context: PageContext, line: HandoverLine, kind: str = "") -> Component:
    """From when to when, who left, who came; the unit, since a chief sees those of many."""
    span = f"{hour(line['started'], context.zone)}–{hour(line['left']['at'], context.zone)}"
    came = html.Span(line["came"]["name"]) if line["came"] else word(context.say, "handover.open", html.Span, "gc-handover-wait")
    who = html.Span([line["left"]["name"], " → ", came])
    link = html.A([html.B(span), who, name.unit(context.say, context.names, line["unit"])], href=f"/handover/{line['handover']}")
    on = "1" if line["handover"] == context.path else "0"
    return html.Div(link, className="gc-handover-line", **attributes(data_on=on, data_kind=kind or None))
