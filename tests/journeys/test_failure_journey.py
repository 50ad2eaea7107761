"""What a person sees when something breaks under the page, and that nothing happens twice because of it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import LIVE, Visit
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import ask, pick

FEED = "document.documentElement.dataset.gcFeed"
MODEL = "() => Object.fromEntries([...gc.model.rows.values()].map(r => [r.case, r.version]))"


def test_a_killed_worker_is_missed_for_a_moment_only(system: System, visit: Visit) -> None:
    case = system.report(38)
    system.settle()
    page = visit("desk", "first")
    pick(page, case)
    ask(page)
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.post_data or "") if "command.reassign" in (r.post_data or "") else None)
    page.keyboard.press("1")
    page.wait_for_function("() => true")
    system.kill_worker()
    until(lambda: _answers(system), 20, system.log)
    page.wait_for_function(f"() => {LIVE}", timeout=10000)
    _say_again(page)
    until(lambda: len(system.happened(case, "case.reassigned")) == 1, 5)
    again = page.evaluate("() => gc.model.pos")
    assert again is not None and len(sent) >= 1
    _same_as_the_snapshot(system, page)


def _answers(system: System) -> bool:
    try:
        return system.get("/readyz")[0] == 200
    except OSError:
        return False


def _say_again(page: Page) -> None:
    """A click whose answer was lost says so after some seconds and offers to send the same id again."""
    done = page.locator(".gc-toast-ok, .gc-toast-unsure").first
    expect(done).to_be_visible(timeout=12000)
    retry = page.locator(".gc-toast-unsure .gc-toast-buttons button")
    if retry.count():
        retry.click()
        expect(page.locator(".gc-toast-ok")).to_be_visible(timeout=8000)


def _same_as_the_snapshot(system: System, page: Page) -> None:
    def same() -> bool:
        cases = system.get("/api/v1/snapshot", "first")[1]["cases"]
        return bool(page.evaluate(MODEL) == dict(zip(cases["case"], cases["version"], strict=True)))

    until(same, 5)
