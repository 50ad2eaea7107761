"""The wall as it hangs in the hall: right numbers, no scroll, nothing from outside, nothing of what a wall must not know."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System

ALL = "() => [...document.querySelectorAll('.gc-figure')]"
FIGURES = f"{ALL}.reduce((all, e) => ({{ ...all, [e.dataset.figure]: e.querySelector('.gc-figure-value').textContent }}), {{}})"
FRACTIONS = f"{ALL}.map(e => e.querySelector('.gc-figure-fraction').textContent)"


def test_five_figures_are_the_snapshots(system: System, visit: Visit) -> None:
    page = visit("wall", "wall")
    page.wait_for_timeout(2500)  # figures are told with the next beat, at most a second later
    counts = system.get("/api/v1/snapshot", "wall")[1]["counts"]
    figures, fractions = page.evaluate(FIGURES), page.evaluate(FRACTIONS)
    assert figures["open"] == f"{counts['open']:,}" and figures["overdue"] == f"{counts['overdue']:,}"
    assert figures["due_2h"] == f"{counts['due_2h']:,}" and counts["due_2h"] > 0
    assert f"{counts['closed_today']:,} / {counts['reported_today']:,}" in fractions
    assert f"{counts['video']['online']:,} / {counts['video']['active']:,}" in fractions


def test_no_scroll_no_stranger_no_error(system: System, visit: Visit) -> None:
    page = visit("wall", "wall")
    asked, said = _listened(page)
    page.reload()
    shown(page)
    page.wait_for_timeout(1500)  # the map's worker asks for its geometry after the figures
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [1920, 1080]
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("blob:", "data:"))} == {"localhost"} and len(asked) > 20
    assert said == []


def _listened(page: Page) -> tuple[list[str], list[str]]:
    """(every URL that is asked for, every complaint of the console) from now on."""
    asked: list[str] = []
    said: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return asked, said


EDGES = "(name) => document.querySelector(name).getBoundingClientRect().toJSON()"


def test_an_alarm_covers_nothing(system: System, visit: Visit) -> None:
    page, case = visit("wall", "wall"), system.danger()
    page.locator(".gc-alarm-danger").first.wait_for()
    alarm, city, strip, attention = (
        page.evaluate(EDGES, name) for name in (".gc-alarms", ".gc-map", ".gc-wall-strip", ".gc-wall-attention")
    )
    assert city["bottom"] <= alarm["top"] < alarm["bottom"] <= 1080, "the map gives way"
    assert strip["bottom"] < city["top"] and alarm["right"] < attention["left"]
    system.happen(case, "case.voided", reason="twice")
