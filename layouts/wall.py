"""The wall: read from six metres by people who have ten seconds. No scroll, no sidebar, nothing to click, no addresses.

The server draws the frame once; `live.js` and `wall.js` write the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.places.unit import Unit
from layouts import ids
from layouts.parts import feed, name
from layouts.parts.context import PageContext
from layouts.parts.map import city_map
from layouts.parts.state import skeleton
from layouts.parts.word import attributes, word

SLOTS = 5
"""At most this many cases ask for attention: more is a list, and a list is the desk's."""

DISTRICTS = 12
"""Rows that still can be read from six metres; a city with more shows the first of them and says how many are left out."""


@dataclass(frozen=True)
class Figure:
    """One of the five numbers with its target (one bound) or its normal band (two). Shares are 0-1; `per_grid` bounds are cases a grid."""

    key: str
    low: float | None = None
    high: float | None = None
    per_grid: bool = False
    from_hour: int = 0
    """City time from which the target counts: a share of the day's cases is low every morning, and that is no alarm."""


FIGURES = (
    Figure("open", low=0.1, high=1.5, per_grid=True),
    Figure("overdue", high=0.05),
    Figure("due_2h", high=0.10),
    Figure("rate", low=0.60, from_hour=20),
    Figure("video", low=0.95),
)
"""Targets of ours until they become settings; overdue and due_2h are shares of the open cases."""


def wall(context: PageContext, districts: Sequence[Unit], grids: int = 0, layout: str = "") -> Component:
    """`layout`: 16x9 or 32x9; empty lets the screen's shape decide.

    `districts`: the children of the visitor's unit; `grids`: how many grids lie in it.
    """
    parts = [_strip(context, grids), _map(context), _attention(context), _districts(context, districts)]
    return html.Div(parts, className="gc-wall", **attributes(data_layout=layout, data_gc_page="wall"))


def _strip(context: PageContext, grids: int) -> Component:
    city = name.unit(context.say, context.names, context.unit)
    title = [html.Div(city, className="gc-wall-city"), html.Div([feed.clock(), feed.chip()], className="gc-wall-time")]
    return html.Header(
        [html.Div(title, className="gc-wall-title"), *(_figure(context, f, grids) for f in FIGURES)], className="gc-wall-strip"
    )


def _figure(context: PageContext, figure: Figure, grids: int) -> Component:
    say = context.say
    value = [html.Span(className="gc-figure-glyph", **attributes(aria_hidden="true")), html.Span("—", className="gc-figure-value")]
    formula: dict[str, Any] = {"title": say(f"figure.{figure.key}.formula"), "data-word-title": f"figure.{figure.key}.formula"}
    return html.Section(
        [
            word(say, f"figure.{figure.key}", html.Div, "gc-figure-name"),
            html.Div(value, className="gc-figure-line"),
            html.Div(className="gc-figure-fraction"),
            html.Div(className="gc-figure-band"),
        ],
        className="gc-figure gc-panel",
        **attributes(data_figure=figure.key, data_state="none", data_from_hour=str(figure.from_hour)),
        **formula,
        **_bounds(figure, grids),
    )


def _bounds(figure: Figure, grids: int) -> dict[str, Any]:
    """Attributes for `wall.js`; a city without grids has no band by grid."""
    if figure.per_grid and not grids:
        return {}
    scale = grids if figure.per_grid else 1
    return {f"data-{k}": str(round(v * scale, 4)) for k, v in (("low", figure.low), ("high", figure.high)) if v is not None}


def _map(context: PageContext) -> Component:
    return html.Section(city_map(ids.WALL_MAP, "wall", context.unit), className="gc-wall-map gc-panel")


def _attention(context: PageContext) -> Component:
    say = context.say
    empty = [word(say, "wall.calm", html.Div, "gc-notice-why"), word(say, "wall.calm.why", html.Div, "gc-notice-then")]
    return html.Section(
        [
            html.Div(
                [word(say, "wall.attention", html.H2), html.Span(className="gc-wall-more", **attributes(data_gc="attention-more"))],
                className="gc-wall-head",
            ),
            html.Ol([_slot() for _ in range(SLOTS)], className="gc-attention"),
            html.Div(skeleton(SLOTS), className="gc-attention-wait"),
            html.Div(empty, className="gc-notice gc-attention-calm"),
        ],
        className="gc-wall-attention gc-panel",
        **attributes(data_state="wait"),
    )


def _slot() -> Component:
    line = [
        html.Span(className="gc-severity"),
        html.Span(className="gc-slot-category"),
        html.Span(className="gc-remain", **attributes(data_light="none")),
    ]
    return html.Li([html.Div(line, className="gc-slot-line"), html.Div(className="gc-slot-place")], className="gc-slot", hidden=True)


def _districts(context: PageContext, districts: Sequence[Unit]) -> Component:
    say, shown = context.say, districts[:DISTRICTS]
    legend = [
        word(say, k, html.Span, f"gc-legend gc-legend-{c}")
        for k, c in (("light.open", "open"), ("light.amber", "amber"), ("light.red", "red"))
    ]
    left = [word(say, "wall.districts.left", n=len(districts) - DISTRICTS)] if len(districts) > DISTRICTS else []
    return html.Section(
        [
            html.Div([word(say, "wall.districts", html.H2), *left, *legend], className="gc-wall-head"),
            html.Div(
                [_district(context, u) for u in shown],
                className="gc-districts",
                style={"--rows": -(-max(1, len(shown)) // 2), "--n": max(1, len(shown))},
            ),
        ],
        className="gc-wall-districts gc-panel",
    )


def _district(context: PageContext, unit: Unit) -> Component:
    title = html.Span(name.area(context.say, context.names, unit.code), className="gc-district-name")
    bar = html.Span([html.I(className=f"gc-bar-{light}") for light in ("red", "amber", "rest")], className="gc-district-bar")
    numbers = [html.B("—", **attributes(data_n=n)) for n in ("open", "amber", "red")]
    return html.Div([title, bar, *numbers], className="gc-district", **attributes(data_district=unit.code))
