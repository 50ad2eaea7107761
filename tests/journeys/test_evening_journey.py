"""An evening at the desk, by keyboard: every kind of command, twenty at once, two who want the same twenty, and ways back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import ask, pick

GOES = {
    "e": ("case.escalated", "迟迟没有进展"),
    "u": ("case.urged", "即将超时"),
    "x": ("case.extended", "天气原因"),
    "p": ("case.suspended", "等待资金"),
}
"""Keys whose dialog needs nothing but Enter: what happens, and the reason that is the first of its list."""


@pytest.fixture
def case(system: System) -> str:
    made = system.report(34, severity="normal")  # a case in danger is never suspended
    system.settle()
    return made


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def happened(system: System, case: str, type_: str, times: int = 1) -> None:
    until(lambda: len(system.happened(case, type_)) == times)


def done(page: Page) -> Locator:
    """The newest toast that says it is done."""
    return page.locator(".gc-toast-ok").last


@pytest.mark.parametrize("key", GOES)
def test_a_key_and_enter_do_it_and_the_event_says_why(system: System, visit: Visit, case: str, key: str) -> None:
    page = visit("desk", "first")
    pick(page, case)
    press(page, key)
    expect(page.locator("#gc-form")).to_be_visible()
    press(page, "Enter")
    type_, reason = GOES[key]
    happened(system, case, type_)
    expect(page.locator(".gc-hop-note").first).to_contain_text(reason)


def test_what_is_suspended_is_resumed_by_the_same_key(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    pick(page, case)
    press(page, "p", "Enter")
    happened(system, case, "case.suspended")
    expect(page.locator('.gc-case .gc-act[data-act="resume"]')).to_be_enabled()
    press(page, "p", "Enter")
    happened(system, case, "case.resumed")


def test_undo_puts_owner_and_clocks_back(system: System, visit: Visit, case: str) -> None:
    before = system.case(case)
    page = visit("desk", "first")
    pick(page, case)
    ask(page)
    press(page, "1")
    happened(system, case, "case.reassigned")
    expect(done(page).locator("button", has_text="撤销 Z")).to_be_visible()
    press(page, "z")
    happened(system, case, "case.corrected")
    after = system.case(case)
    kept = ("owner", "stage", "due", "amber")
    assert {k: after[k] for k in kept} == {k: before[k] for k in kept}
    assert [c["due"] for c in after["clocks"] if c["state"] == "running"] == [c["due"] for c in before["clocks"] if c["state"] == "running"]


def test_a_draft_survives_a_reload_and_hostile_text_is_text(system: System, visit: Visit, case: str) -> None:
    text = '<img src=x onerror="window.ran=1"> 🚨'
    page = visit("desk", "first")
    pick(page, case)
    press(page, "n")
    page.locator(".gc-field-text").fill(text)
    page.reload()  # a moment after the last key
    shown(page)
    pick(page, case)
    press(page, "n")
    expect(page.locator(".gc-field-text")).to_have_value(text)
    page.locator(".gc-field-text").fill("长" * 4000)
    expect(page.locator(".gc-field-wrong").last).to_contain_text("1,760")
    expect(page.locator("#gc-form .gc-primary")).to_be_disabled()
    page.locator(".gc-field-text").fill(text)
    press(page, "Enter")
    happened(system, case, "case.noted")
    expect(page.locator(".gc-hop-note").first).to_have_text(text)
    assert page.evaluate("window.ran ?? null") is None
    press(page, "n")
    expect(page.locator(".gc-field-text")).to_have_value("")


def test_a_wish_is_seen_at_once_and_marked_as_one(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    pick(page, case)
    ask(page)
    to = system.candidates(case)[0]
    with system.frozen_engine():
        press(page, "1")
        row = page.locator(f'.ag-row[row-id="{case}"]')
        expect(row.locator('[col-id="owner"]')).to_contain_text(f"→ {page.evaluate('code => gc.unit(code)', to)}", timeout=5000)
        expect(page.locator(".gc-strip-pending")).to_contain_text("待确认")
    happened(system, case, "case.reassigned")
    expect(row.locator("[data-sent]")).to_have_count(0)
    expect(page.locator(".gc-strip-pending")).to_be_hidden()


def choose(page: Page, cases: list[str]) -> None:
    page.wait_for_function("ids => ids.every(id => gc.rows.node(id))", arg=cases)
    page.evaluate("ids => gc.desk.select(ids)", cases)
    expect(page.locator(".gc-picked")).to_contain_text(str(len(cases)))


def sure(page: Page) -> None:
    """Says yes where it is asked: not all of many rows are on the screen."""
    page.wait_for_function("() => document.getElementById('gc-sure').open || document.getElementById('gc-batch')")
    if page.locator("#gc-sure").is_visible():
        page.locator(".gc-sure-go").click()


def test_twenty_at_once_each_with_its_result_and_two_who_want_the_same(system: System, visit: Visit) -> None:
    cases = [system.report(35 + n / 100) for n in range(20)]
    system.settle()
    mine, other = visit("desk", "first"), visit("desk", "second")
    for page in (mine, other):
        choose(page, cases)
        press(page, "u")
        expect(page.locator("#gc-form")).to_contain_text("20 件")
    press(mine, "Enter")
    sure(mine)
    expect(mine.locator(".gc-batch-accepted")).to_have_count(20)
    press(other, "Enter")  # its dialog was opened on the versions that were on the screen then
    sure(other)
    expect(other.locator(".gc-batch-refused")).to_have_count(20)
    for part in ("first", "催办"):
        expect(other.locator(".gc-batch-refused").first).to_contain_text(part)
    assert {len(system.happened(case, "case.urged")) for case in cases} == {1}
    other.get_by_role("button", name="再次应用 20 件").click()
    expect(other.locator(".gc-batch-accepted")).to_have_count(20)
    assert {len(system.happened(case, "case.urged")) for case in cases} == {2}
    other.get_by_role("button", name="全部撤销（20）").click()
    expect(other.locator(".gc-batch-head")).to_contain_text("撤销")
    expect(other.locator(".gc-batch-accepted")).to_have_count(20)
    assert {len(system.happened(case, "case.corrected")) for case in cases} == {1}


def test_presence_is_seen_by_the_other_desk(system: System, visit: Visit, case: str) -> None:
    mine, other = visit("desk", "first"), visit("desk", "second")
    pick(mine, case)
    pick(other, case)
    press(mine, "n")
    expect(other.locator(".gc-strip-presence")).to_contain_text("first 正在编辑")
    press(mine, "Escape")
    expect(other.locator(".gc-strip-presence")).to_be_hidden()


def test_the_palette_finds_by_initials_and_never_acts_on_half_a_word(visit: Visit) -> None:
    page = visit("desk", "first")
    press(page, "Control+k")
    field = page.locator("#gc-palette input")
    field.fill("ycs")
    expect(page.locator(".gc-palette-line").first).to_contain_text("已超时")
    field.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "isComposing": True})
    expect(page.locator("#gc-palette")).to_be_visible()
    press(page, "Enter")
    expect(page.locator('.gc-tab[data-tab="overdue"]')).to_have_attribute("aria-selected", "true")
    assert "tab=overdue" in page.url
    expect(page.locator(".gc-old")).to_contain_text("超时一天以上")


def test_a_view_a_column_and_an_order_are_kept(visit: Visit) -> None:
    page = visit("desk", "first")
    page.locator('.gc-select[data-filter="severity"]').select_option("normal")
    page.locator('.ag-header-cell[col-id="category"]').click()
    page.locator(".gc-menu summary").first.click()
    page.locator('[data-menu="view"] input').fill("夜班")
    press(page, "Enter")
    search = page.evaluate("decodeURIComponent(location.search)")
    assert all(part in search for part in ("severity=normal", "sort=category.asc", "view=夜班"))
    page.locator(".gc-menu summary").nth(1).click()
    page.locator('[data-menu="column"] input').first.uncheck()
    page.goto(page.url)
    shown(page)
    expect(page.locator('.ag-header-cell[col-id="severity"]')).to_have_count(0)
    expect(page.locator('.ag-header-cell[col-id="category"]')).to_have_attribute("aria-sort", "ascending")
    assert page.locator('.gc-select[data-filter="severity"]').input_value() == "normal"
    page.locator('[data-menu="column"] .gc-button').evaluate("button => button.click()")  # the account is the next test's, too


def test_the_load_of_a_unit_filters_the_queue(visit: Visit) -> None:
    page = visit("desk", "first")
    unit = page.locator(".gc-load-unit").first
    name = unit.locator(".gc-load-name").inner_text()
    unit.click()
    expect(page.locator(".gc-owner-filter")).to_contain_text(name)
    rows: Any = page.locator('.ag-row [col-id="owner"]')
    expect(rows.first).to_contain_text(name)
    assert set(rows.all_inner_texts()) == {name}
