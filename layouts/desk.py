"""The desk: eight hours a day, keyboard first. Queue on the left, the case or the city on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.query import TABS
from dashboard.places.unit import Unit
from dashboard.words import Say
from layouts import ids
from layouts.case import strip
from layouts.parts.act import buttons
from layouts.parts.context import PageContext
from layouts.parts.dialog import dialogs
from layouts.parts.map import city_map
from layouts.parts.shift import shift_line
from layouts.parts.state import skeleton
from layouts.parts.undo import bar
from layouts.parts.word import attributes, kbd, marks, titled, word
from layouts.shell import top

SEVERITIES = ("danger", "urgent", "normal")


def desk(context: PageContext, districts: Sequence[Unit]) -> Component:
    """`districts`: the children of the visitor's unit, for the filter. State comes from the URL, read by `desk.js`."""
    stores = [dcc.Store(id=i) for i in (ids.DESK_PULSE, ids.DESK_CASE)]
    main = html.Main([_queue(context, districts), _side(context)], className="gc-desk-main")
    return html.Div(
        [top(context, "desk"), *stores, shift_line(context.say), main, _strip(context.say), *dialogs(context.say)],
        className="gc-desk",
        **attributes(data_gc_page="desk"),
    )


def _queue(context: PageContext, districts: Sequence[Unit]) -> Component:
    parts = [_tabs(context), _filters(context, districts), _bar(context), _rows(context), _foot(context)]
    return html.Section(parts, className="gc-queue", **attributes(data_state="wait"))


def _tabs(context: PageContext) -> Component:
    return html.Div(
        [
            html.Button(
                [word(context.say, f"tab.{tab}"), html.Span("—", id=ids.tab_count(tab), className="gc-tab-count")],
                className="gc-tab",
                role="tab",
                **titled(context.say, f"tab.{tab}.why"),
                **attributes(data_tab=tab),
            )
            for tab in TABS
        ],
        className="gc-tabs",
        role="tablist",
    )


def _filters(context: PageContext, districts: Sequence[Unit]) -> Component:
    say = context.say
    find = html.Div(
        [dcc.Input(id=ids.DESK_SEARCH, type="search", placeholder=say("filter.q"), autoComplete="off", className="gc-input"), kbd("/")],
        className="gc-find",
        **attributes(data_word_placeholder="filter.q"),
    )
    units = [_option(u.code, u.name_en if say.lang == "en" and u.name_en else u.name, {"data-unit": u.code}) for u in districts]
    kinds = [_option(c, n[say.lang == "en"], {"data-category": c}) for c, n in context.names.categories.items()]
    grades = [_option(s, say(f"severity.{s}"), {"data-word": f"severity.{s}"}) for s in SEVERITIES]
    selects = [_select(context, name, options) for name, options in (("unit", units), ("category", kinds), ("severity", grades))]
    clear = html.Button(word(say, "filter.clear"), className="gc-button gc-filter-clear", hidden=True)
    pill = html.Button(className="gc-pill", id="gc-pill", hidden=True, **titled(say, "desk.pill.why"))
    owner = html.Button(className="gc-owner-filter", hidden=True, **titled(say, "filter.owner.clear"))
    menus = [_menu(say, name) for name in ("view", "column")]
    return html.Div([find, *selects, owner, clear, html.Div(className="gc-gap"), pill, *menus], className="gc-filters")


def _menu(say: Say, name: str) -> Component:
    """A small menu whose content is the person's own, so that the browser draws it."""
    content = html.Div(className="gc-menu-body", **attributes(data_menu=name))
    return html.Details([word(say, f"{name}.menu", html.Summary, "gc-button"), content], className="gc-menu")


def _bar(context: PageContext) -> Component:
    """What may be done with the chosen cases, and how many these are."""
    return html.Div([html.Span(className="gc-picked", role="status"), *buttons(context.say, context.can)], className="gc-bar")


def _option(value: str, label: str, marks: dict[str, Any]) -> Component:
    return html.Option(label, value=value, **marks)


def _select(context: PageContext, name: str, options: list[Component]) -> Component:
    every = html.Option(context.say(f"filter.{name}.all"), value="", **marks(f"filter.{name}.all"))
    return html.Select([every, *options], className="gc-select", **attributes(data_filter=name), **titled(context.say, f"filter.{name}"))


def _rows(context: PageContext) -> Component:
    empty = [html.Div("○", className="gc-notice-glyph"), html.Div(className="gc-notice-why"), html.Div(className="gc-notice-then")]
    error = [
        html.Div("▼", className="gc-notice-glyph"),
        word(context.say, "desk.error", html.Div, "gc-notice-why"),
        word(context.say, "desk.error.then", html.Div, "gc-notice-then"),
        html.Button(word(context.say, "desk.retry"), className="gc-button", **attributes(data_retry="1")),
    ]
    return html.Div(
        [
            html.Button(className="gc-old", hidden=True),
            grid(context.can),
            html.Div(skeleton(14), className="gc-queue-wait"),
            html.Div(empty, className="gc-notice gc-queue-empty", role="status"),
            html.Div(error, className="gc-notice gc-notice-error gc-queue-error", role="alert"),
        ],
        className="gc-rows",
    )


def grid(can: Sequence[str]) -> Component:
    """Community edition. Rows are never refreshed by timers: `clock.js` paints the text of the mounted cells."""
    made: Component = dag.AgGrid(
        id=ids.DESK_GRID,
        columnDefs=_columns(),
        rowData=[],
        getRowId="params.data.id",  # not `.case`: the grid parses the last word as an expression, and `case` is reserved
        className="gc-grid",
        defaultColDef={"sortable": True, "resizable": True, "headerValueGetter": {"function": "gcHead(params)"}},
        rowClassRules={"gc-row-gone": "params.data.gone", "gc-row-pending": "params.data.sent"},
        dashGridOptions={
            "rowSelection": {"mode": "multiRow", "enableClickSelection": True, "checkboxes": bool(can), "headerCheckbox": False},
            "selectionColumnDef": {"width": 34, "resizable": False},
            "getLocaleText": {"function": "gcLocale(params)"},
            "rowHeight": 44,
            "headerHeight": 32,
            "animateRows": False,
            "suppressCellFocus": True,
            "suppressScrollOnNewData": True,
            "suppressNoRowsOverlay": True,
            "enableCellTextSelection": True,
        },
        style={"height": "100%", "width": "100%"},
    )
    return made


def _columns() -> list[dict[str, Any]]:
    return [
        {"colId": "severity", "field": "severity", "width": 84, "cellRenderer": "GcSeverity", "comparator": {"function": "gcBySeverity"}},
        {"colId": "due", "field": "due", "width": 146, "cellRenderer": "GcRemain", "comparator": {"function": "gcByDue"}},
        {"colId": "category", "field": "category", "width": 138, "valueFormatter": {"function": "gcCategory(params)"}},
        {
            "colId": "place",
            "field": "grid",
            "flex": 1,
            "minWidth": 200,
            "cellRenderer": "GcPlace",
            "tooltipValueGetter": {"function": "gcAddress(params)"},
        },
        {"colId": "owner", "field": "owner", "width": 168, "cellRenderer": "GcOwner"},
        {"colId": "stage", "field": "stage", "width": 116, "cellRenderer": "GcStage"},
    ]


def _foot(context: PageContext) -> Component:
    say = context.say
    tools = list(bar(context))
    keys = (("J", "K", "desk.hint.move"), ("Ctrl K", "desk.hint.palette"), ("?", "desk.hint.help"))
    hint = [part for *names, key in keys for part in (*map(kbd, names), word(say, key))]
    return html.Footer(
        [html.Span(className="gc-total", role="status"), html.Div(className="gc-gap"), *tools, html.Span(hint, className="gc-hints")],
        className="gc-foot",
    )


def _side(context: PageContext) -> Component:
    """The drawer covers the map when a case is open; the map stays mounted, so that it does not start anew."""
    wait = html.Div(skeleton(9), className="gc-drawer-wait")
    return html.Aside(
        [
            html.Div(city_map(ids.DESK_MAP, "desk", context.unit), className="gc-desk-map"),
            html.Div([strip(), wait, html.Div(id=ids.DESK_DRAWER, className="gc-drawer-body")], className="gc-drawer"),
        ],
        className="gc-side gc-panel",
        **attributes(data_open="0"),
    )


def _strip(say: Say) -> Component:
    """The load of the units that have most to do; a click shows their cases (assets/desk/load.js)."""
    return html.Section([word(say, "load.title", html.H2), html.Div(className="gc-load-units")], className="gc-load gc-panel")
