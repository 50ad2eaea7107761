"""Admin: what in the data somebody should look at, as a list and on the map, and the imports of units and grids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.places.finding import QUALITY, Finding
from layouts import ids
from layouts.parts import name
from layouts.parts.context import PageContext
from layouts.parts.instant import moment
from layouts.parts.map import city_map
from layouts.parts.state import notice, skeleton
from layouts.parts.word import attributes, titled, word
from layouts.shell import top

CASES = frozenset({"outside_city", "outside_claimed_grid", "no_place", "unknown_grid", "duplicate"})
"""Kinds whose finding is an open case."""


def admin(context: PageContext, imports: Component) -> Component:
    found = html.Div(skeleton(10), id=ids.ADMIN_LIST, className="gc-findings")
    lists = html.Section([_kinds(context), found, imports], className="gc-quality")
    side = html.Aside(html.Div(city_map(ids.ADMIN_MAP, "desk", context.unit), className="gc-desk-map"), className="gc-admin-side gc-panel")
    main = html.Main([lists, side], className="gc-admin-main")
    return html.Div([top(context, "admin"), dcc.Store(id=ids.ADMIN_ASK), main], className="gc-admin", **attributes(data_gc_page="admin"))


def _kinds(context: PageContext) -> Component:
    buttons = [
        html.Button(
            [word(context.say, f"finding.{kind}"), html.Span("…", id=ids.quality_count(kind), className="gc-tab-count")],
            className="gc-kind",
            **titled(context.say, f"finding.{kind}.why"),
            **attributes(data_kind=kind),
        )
        for kind in QUALITY
    ]
    return html.Div([word(context.say, "admin.quality", html.H2), html.Div(buttons, className="gc-kinds")], className="gc-admin-head")


def finding_list(context: PageContext, shown: Sequence[Finding], total: int) -> Component:
    """The findings of one kind or one import; each row carries its place, which `admin.js` marks on the map."""
    if not shown:
        return notice(context.say, "admin.none", "admin.none.then")
    kinds = sorted({f.kind for f in shown})
    why = [word(context.say, f"finding.{kind}.why", html.P, "gc-finding-why") for kind in kinds]
    left = word(context.say, "admin.shown", html.P, "gc-quiet", n=f"{len(shown):,}", total=f"{total:,}")
    return html.Div([*why, html.Ol([_finding(context, f) for f in shown], className="gc-finding-list"), left])


def _finding(context: PageContext, f: Finding) -> Component:
    place = attributes(data_lon=_text(f.lon), data_lat=_text(f.lat), data_kind=f.kind)
    parts = [word(context.say, f"finding.{f.kind}", html.Span, "gc-finding-kind"), _subject(context, f), _told(context, f)]
    return html.Li([p for p in parts if p is not None], className="gc-finding", tabIndex=0, **place)


def _text(number: float | None) -> str | None:
    return None if number is None else f"{number:.6f}"


def _subject(context: PageContext, f: Finding) -> Component:
    if f.kind in CASES:
        return html.A(f.code.rpartition("~")[2], href=f"/case/{f.code}", className="gc-finding-subject")
    if not f.code:
        return html.Span(f.where, className="gc-finding-subject")
    known = name.place(context.say, context.names, f.code)
    return html.Span([known, html.Code(f.code, className="gc-finding-code")], className="gc-finding-subject")


def _told(context: PageContext, f: Finding) -> Component | None:
    """The kind's own numbers in words; the mistakes of a file as they came."""
    key = f"finding.{f.kind}.told"
    if context.say.words.has(key):
        values = {"value": f"{f.value or 0:,.0f}", "detail": f.detail, "other": f.other.rpartition("~")[2]}
        return word(context.say, key, html.Span, "gc-finding-told", **values)
    told = " · ".join(part for part in (f.where, f.other, f.detail) if part)
    return html.Span(told, className="gc-finding-told") if told else None


def import_list(context: PageContext, imports: Sequence[Mapping[str, Any]]) -> Component:
    """The last imports, the refused ones too; a click shows what was found in the file."""
    if not imports:
        body: Component = notice(context.say, "admin.imports.none", "admin.imports.none.then")
    else:
        body = html.Ol([_import(context, i) for i in imports], className="gc-imports")
    return html.Section([word(context.say, "admin.imports", html.H2), body], className="gc-admin-imports")


def _import(context: PageContext, i: Mapping[str, Any]) -> Component:
    state = "done" if i["done"] else "refused"
    counts: dict[str, Any] = {k: f"{i[k]:,}" for k in ("begun", "ended", "kept")}
    parts = [
        word(context.say, f"import.{state}", html.Span, f"gc-import-{state}"),
        word(context.say, f"import.{i['what']}"),
        html.Code(i["file"], className="gc-import-file"),
        html.Time(moment(i["made"], context.zone)),
        word(context.say, "import.counts", **counts) if i["done"] else html.Span(),
    ]
    if i["found"]:
        found = word(context.say, "import.found", n=f"{i['found']:,}")
        parts.append(html.Button(found, className="gc-button", **attributes(data_import=i["id"])))
    return html.Li(parts, className="gc-import")
