"""The line of the shift, above the desk's queue: whether the person is in one, what it began with, what waits to be taken over."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say
from layouts import ids
from layouts.parts.word import attributes, titled, word

LED_TO = ("mine", "changed", "alarm")
"""Queues that the line counts and opens."""


def shift_line(say: Say) -> Component:
    """Since when, and what waits: assets/handover/shift.js; the counts come with those of the tabs."""
    links = [
        html.Button(
            [word(say, f"shift.{queue}"), html.B("—", id=ids.shift_count(queue))],
            className="gc-shift-link",
            **titled(say, f"tab.{queue}.why"),
            **attributes(data_tab=queue),
        )
        for queue in LED_TO
    ]
    start = html.Button(word(say, "shift.start"), className="gc-button gc-primary", hidden=True, **attributes(data_shift="start"))
    end = html.A(word(say, "shift.end"), href="/handover", className="gc-button gc-shift-end", hidden=True)
    waiting = html.A(href="/handover", className="gc-shift-waiting", hidden=True)
    parts = [html.Span(className="gc-shift-now", role="status"), start, end, waiting, *links]
    return html.Section(parts, className="gc-shift", **attributes(data_shift_line="1"))
