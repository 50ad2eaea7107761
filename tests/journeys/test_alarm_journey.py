"""Alarms as people meet them: at every seat at once, until somebody has acknowledged them, and back to the one who called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.conftest import Visit, crowded, shown
from tests.journeys.system import System, until


@pytest.fixture(autouse=True)
def quiet_again(system: System) -> Iterator[None]:
    """The other journeys find no alarm of these."""
    yield
    queue = system.get("/api/v1/cases?stage=reported&limit=500", "chief")[1]["items"]
    for row in queue:
        if row["severity"] == "danger":
            system.happen(row["case"], "case.voided", reason="twice")
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


TONES = """() => { window.tones = 0; window.AudioContext = class { constructor() { this.currentTime = 0; }
  createOscillator() { return { frequency: {}, connect: (x) => x, start() { window.tones++; }, stop() {} }; }
  createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (x) => x }; } }; }"""
FIRST = "gc.desk.api().getDisplayedRowAtIndex(0).data.case"
RED = """() => { const from = document.querySelector('.gc-map-canvas'), to = document.createElement('canvas');
  to.width = to.height = 60; const ctx = to.getContext('2d'); ctx.drawImage(from, 30 - from.width / 2, 30 - from.height / 2);
  const all = ctx.getImageData(0, 0, 60, 60).data; let red = 0;
  for (let i = 0; i < all.length; i += 4) red += all[i] > 230 && all[i + 1] < 110 && all[i + 2] < 130; return red; }"""
"""How much of the middle of the map has the colour of danger."""


def touched(page: Page) -> Page:
    """A browser makes no sound on a page that nobody has touched."""
    page.evaluate(TONES)
    page.mouse.click(2, 2)
    return page


@crowded
def test_a_new_danger_is_seen_and_heard_at_desk_commanders_desk_and_wall_before_anything_is_late(system: System, visit: Visit) -> None:
    desk, commander, wall = (touched(visit(*who)) for who in (("desk", "first"), ("desk", "commander"), ("wall", "wall")))
    desk.locator('.gc-tab[data-tab="to_dispatch"]').click()
    desk.wait_for_function("() => gc.query.asked.tab === 'to_dispatch' && gc.query.meta")
    older = system.danger("010201")
    expect(line(desk, older)).to_be_visible()
    assert system.send(older, "acknowledge", 1, {})["status"] == "accepted"
    expect(line(desk, older)).to_have_count(0)
    for seat in (desk, commander, wall):
        seat.evaluate("window.tones = 0")
    case = system.danger()
    for seat in (desk, commander, wall):
        expect(line(seat, case)).to_contain_text("新险情")
        seat.wait_for_function("() => window.tones > 0")
    expect(line(wall, case).locator("a, button")).to_have_count(0)
    assert "和平路" not in wall.locator(".gc-alarms").inner_text(), "a wall has no address"
    desk.wait_for_function(f"() => {FIRST} === '{case}'")
    place = system.case(case)["place"]
    for zoom in (10, 13):
        commander.evaluate(f"gc.map.fly({place['lon']}, {place['lat']}, {zoom})")
        commander.wait_for_function(f"() => ({RED})() > 40")
    line(commander, case).get_by_role("button", name="确认").click()
    for seat in (desk, commander, wall):
        expect(line(seat, case)).to_have_count(0)
    heard = desk.evaluate("window.tones")
    desk.wait_for_timeout(6500)
    assert desk.evaluate("window.tones") == heard, "one tone until it is acknowledged"


def test_a_flood_of_dangers_is_one_alarm_that_counts_them_and_none_is_lost(system: System, visit: Visit) -> None:
    page = visit("desk", "first", lang="en")
    cases = {system.danger("040103") for _ in range(60)}
    flood = page.locator(".gc-alarm", has_text="Alarm flood")
    expect(flood).to_contain_text("60 cases")
    assert {c for a in alarms(system) for c in a["cases"]} == cases  # type: ignore[attr-defined]
    flood.get_by_role("button", name="Acknowledge").click()
    expect(page.locator("#gc-sure")).to_contain_text("sixty cases")
    page.locator(".gc-sure-go").click()
    expect(flood).to_have_count(0)
    until(lambda: not alarms(system))
    assert all(system.happened(case, "case.acknowledged") for case in cases)


WORDS = [("en", "nobody has read it for 0 min", "read by chief at"), ("zh", "分钟无人查看", "已阅")]


@pytest.mark.parametrize(("lang", "unread", "read"), WORDS)
def test_an_escalation_reaches_whom_it_names_and_the_one_who_called_sees_who_read_it(
    system: System, visit: Visit, lang: str, unread: str, read: str
) -> None:
    case = system.report(34, severity="normal")
    system.settle()
    mine, other, chief = visit("desk", "first", lang=lang), visit("desk", "second", lang=lang), visit("desk", "chief", lang=lang)
    said = {"level": "duty_chief", "reason": "no_progress"}
    assert system.send(case, "escalate", system.case(case)["version"], said)["status"] == "accepted"
    expect(line(mine, case)).to_contain_text(unread)
    expect(line(mine, case).locator("button")).to_have_count(0)
    expect(line(chief, case)).to_be_visible()
    page = visit(f"case/{case}", "first", lang=lang)
    expect(page.locator(".gc-case-call")).to_contain_text(unread)
    expect(line(other, case)).to_have_count(0)
    chief.reload()
    shown(chief)
    line(chief, case).get_by_role("button").last.click()
    expect(line(chief, case)).to_have_count(0)
    expect(line(mine, case)).to_contain_text(read)
    expect(line(mine, case)).to_contain_text("chief")
    expect(page.locator(".gc-case-call")).to_contain_text(read)
