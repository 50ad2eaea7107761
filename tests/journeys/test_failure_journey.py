"""What a person sees when something breaks under the page, and that nothing happens twice because of it."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page, Request, expect

from tests.journeys.conftest import LIVE, Visit, crowded
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import ask, pick

FEED = "document.documentElement.dataset.gcFeed"
MODEL = "() => Object.fromEntries([...gc.model.rows.values()].map(r => [r.case, r.version]))"


@crowded
def test_a_killed_worker_is_missed_for_a_moment_only(system: System, visit: Visit) -> None:
    case = system.report(38)
    system.settle()
    page = visit("desk", "first")
    pick(page, case)
    ask(page)
    with system.frozen_engine():  # so that the worker surely dies between the command and its answer
        with page.expect_request(lambda r: "command.reassign" in (r.post_data or ""), timeout=15000) as sent:
            page.keyboard.press("1")
        page.wait_for_timeout(300)
        system.kill_worker()
    until(lambda: _answers(system), 20, system.log)
    page.wait_for_function(f"() => {LIVE}", timeout=10000)
    until(lambda: len(system.happened(case, "case.reassigned")) == 1)
    _learns_what_became_of_it(page)
    command = _command(sent.value)
    again = system.send(case, "reassign", command["expected_version"], command["data"], "first", command["id"])
    assert again["status"] == "accepted" and [e["cause"] for e in system.happened(case, "case.reassigned")] == [command["id"]]
    _same_as_the_snapshot(system, page)


def _learns_what_became_of_it(page: Page) -> None:
    """Chromium itself asks again where a used connection broke; where it does not, the page says so and offers it."""
    expect(page.locator(".gc-toast-ok, .gc-toast-unsure").first).to_be_visible(timeout=12000)
    retry = page.locator(".gc-toast-unsure .gc-toast-buttons button")
    if retry.count():
        retry.click()
    expect(page.locator(".gc-toast-ok")).to_be_visible()


def _command(request: Request) -> dict[str, Any]:
    """The one command in a request of the page."""
    return dict(json.loads(request.post_data or "")["commands"][0])


@crowded
def test_a_silent_engine_shows_everywhere(system: System, visit: Visit) -> None:
    desk, wall = visit("desk", "first"), visit("wall", "wall")
    desk.keyboard.press("j")
    expect(desk.locator(".gc-case .gc-act[data-act=note]")).to_be_enabled()
    place = wall.locator(".gc-wall-map").bounding_box()
    for page in (desk, wall):
        page.evaluate("() => Object.assign(gc.feedLimits, { late: 3500, stale: 6000 })")
    with system.frozen_engine():
        for page in (desk, wall):
            page.wait_for_function(f"() => {FEED} === 'late'", timeout=15000)
        for page in (desk, wall):
            page.wait_for_function(f"() => {FEED} === 'stale'", timeout=15000)
            expect(page.locator(".gc-banner")).to_be_visible()
            assert "grayscale(1)" in page.locator(".gc-page").evaluate("e => getComputedStyle(e).filter")
            assert set(page.locator(".gc-remain[data-due]").all_inner_texts()) == {"? 未知"}
        assert wall.locator(".gc-wall-map").bounding_box() == place, "the banner moves the picture"
        assert _enabled(desk) == 0
        desk.keyboard.press("r")
        expect(desk.locator("#gc-reassign")).not_to_be_visible()
    for page in (desk, wall):
        page.wait_for_function(f"() => {FEED} === 'live'", timeout=15000)
        expect(page.locator(".gc-banner")).not_to_be_visible()
    assert _enabled(desk) > 0


def _enabled(page: Page) -> int:
    return page.locator(".gc-act:not(:disabled)").count()


def _answers(system: System) -> bool:
    try:
        return system.get("/readyz")[0] == 200
    except OSError:
        return False


def _same_as_the_snapshot(system: System, page: Page) -> None:
    def same() -> bool:
        cases = system.get("/api/v1/snapshot", "first")[1]["cases"]
        return bool(page.evaluate(MODEL) == dict(zip(cases["case"], cases["version"], strict=True)))

    until(same)
