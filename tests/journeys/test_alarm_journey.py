"""Alarms as people meet them: at every seat at once, until somebody has acknowledged them, and back to the one who called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, until


@pytest.fixture(autouse=True)
def quiet_again(system: System) -> Iterator[None]:
    """The other journeys find no alarm of these."""
    yield
    for alarm in alarms(system):
        for case in alarm["cases"] or [alarm["case"]]:
            system.happen(case, "case.voided", reason="twice")
    until(lambda: not alarms(system))


def alarms(system: System) -> list[dict[str, object]]:
    """What nobody has acknowledged, as the server tells it."""
    found = system.get("/api/v1/snapshot", "chief")[1]["alarms"]
    return [a for a in found if a["acknowledged"] is None]


def line(page: Page, case: str) -> Locator:
    return page.locator(f'.gc-alarm[data-case="{case}"]')


def test_an_alarm_that_nobody_acknowledged_is_there_after_a_reload_on_another_page_and_for_who_logs_in(
    system: System, visit: Visit, browser: Browser
) -> None:
    case = system.danger()
    page = visit("desk", "first")
    expect(line(page, case)).to_be_visible()
    page.reload()
    shown(page)
    expect(line(page, case)).to_be_visible()
    page.goto(f"{system.url}/case/{case}")
    shown(page)
    expect(line(page, case)).to_be_visible()
    somebody = browser.new_context(locale="zh-CN")
    try:
        other = somebody.new_page()
        other.goto(f"{system.url}/desk?token={system.tokens['second']}")
        shown(other)
        expect(line(other, case)).to_contain_text("新险情")
        line(other, case).get_by_role("button", name="确认").click()
        for seat in (page, other):
            expect(line(seat, case)).to_have_count(0)
    finally:
        somebody.close()
    page.reload()
    shown(page)
    page.wait_for_timeout(500)
    expect(line(page, case)).to_have_count(0)


def test_an_alarm_of_a_case_that_ends_leaves_every_seat(system: System, visit: Visit) -> None:
    case = system.danger()
    page, wall = visit("desk", "first"), visit("wall", "wall")
    for seat in (page, wall):
        expect(line(seat, case)).to_be_visible()
    system.happen(case, "case.voided", reason="twice")
    for seat in (page, wall):
        expect(line(seat, case)).to_have_count(0)
