"""An evening in which nothing is taken back by mistake and no key writes into a thousand cases. Its dispatcher has an account of their own:
what may be undone is the account's.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import pick
from tests.journeys.test_evening_journey import happened, press

WHO = "careful"


def bar(page: Page) -> Locator:
    return page.locator(".gc-undo-last")


def note(system: System, page: Page, case: str, text: str) -> None:
    pick(page, case)
    # A person types after the page has shown what came before; a test is faster than the next frame.
    version = system.case(case)["version"]
    known = "([id, version]) => { const [row] = gc.act.cases(); return row?.case === id && row.version === version; }"
    page.wait_for_function(known, arg=[case, version])
    press(page, "n")
    page.locator(".gc-field-text").fill(text)
    press(page, "Enter")


def place(system: System, page: Page, case: str) -> str:
    return str(page.evaluate("grid => gc.place(grid, true)", system.case(case)["place"]["grid"]))


@pytest.mark.usefixtures("unalarmed")
def test_z_takes_back_what_was_done_last_in_every_tab_and_never_silently_another_one(system: System, visit: Visit) -> None:
    first, second = system.report(34, severity="normal"), system.report(34, severity="normal")
    system.settle()
    page = visit("desk", WHO)
    expect(bar(page)).to_be_hidden()
    pick(page, first)
    press(page, "u", "Enter")
    happened(system, first, "case.urged")
    note(system, page, first, "打过电话")
    happened(system, first, "case.noted")
    note(system, page, second, "看过现场")
    happened(system, second, "case.noted")
    pick(page, first)  # where one stands does not matter
    page.reload()
    shown(page)
    other = visit("desk", WHO)
    for tab in (page, other):
        expect(bar(tab)).to_contain_text("撤销：备注")
        expect(bar(tab)).to_contain_text(place(system, tab, second))
    press(page, "z")
    happened(system, second, "case.corrected")
    assert not system.happened(first, "case.corrected")
    expect(bar(page)).to_contain_text(place(system, page, first))
    pick(page, second)
    expect(page.locator(".gc-hop-what > del").first).to_contain_text("看过现场")
    expect(page.locator(".gc-hop-undone").first).to_have_text("撤回")
    mine = system.get("/api/v1/cases?tab=mine", WHO)[1]["items"]
    assert [row["case"] for row in mine] == [first], "undone work is not mine"
    bar(page).click()
    lines = page.locator("#gc-undo .gc-undo-line")
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text("催办")
    lines.nth(1).get_by_role("button").click()
    happened(system, first, "case.corrected")  # the note on it is one's own
    expect(bar(page)).to_contain_text("撤销：备注")
    assert system.send(first, "note", system.case(first)["version"], {"text": "我来接手"}, "second")["status"] == "accepted"
    for tab in (page, other):
        expect(bar(tab)).to_be_hidden(timeout=20_000)
    press(page, "z")
    expect(page.locator(".gc-toast-unsure").last).to_contain_text("没有可以撤销的操作")
    assert len(system.happened(first, "case.corrected")) == 1


@pytest.mark.usefixtures("unalarmed")
def test_one_key_over_everything_is_asked_about_in_words_and_cases_without_an_alarm_are_left_out(system: System, visit: Visit) -> None:
    dangers = [system.danger() for _ in range(2)]
    system.settle()
    page = visit("desk", WHO)
    sure = page.locator("#gc-sure")
    try:
        page.wait_for_function("ids => ids.every(id => gc.rows.node(id)) && gc.alarm.waiting().size >= 2", arg=dangers)
        press(page, "Control+a", "c")
        expect(sure).to_contain_text("确认警报：2 件")
        expect(sure).to_contain_text("两件")
        expect(sure).to_contain_text("件没有警报，将跳过")
        press(page, "Enter")
        expect(sure).to_be_hidden()
        assert not any(system.happened(case, "case.acknowledged") for case in dangers)
        press(page, "c")
        page.locator(".gc-sure-go").click()
        expect(page.locator(".gc-toast-ok").last).to_contain_text("2 件确认，")
        expect(page.locator(".gc-toast-ok").last).to_contain_text("件没有警报，已跳过")
        assert all(system.happened(case, "case.acknowledged") for case in dangers)
        press(page, "u", "Enter")
        n = page.evaluate("gc.desk.chosen().length")
        assert n > 50
        expect(sure).to_contain_text(f"催办：{n} 件")
        expect(sure).to_contain_text(page.evaluate("n => gc.inWords(n, 'zh') + '件'", n))
        expect(sure).to_contain_text("件不在屏幕上")
        press(page, "Escape")
        expect(sure).to_be_hidden()
        page.wait_for_timeout(300)
        assert not any(system.happened(case, "case.urged") for case in dangers)
        press(page, "z")  # both alarms stand again, by one key
        until(lambda: all(system.happened(case, "case.corrected") for case in dangers))
        expect(page.locator(f'.gc-alarm[data-case="{dangers[1]}"]')).to_be_visible()
    finally:
        for case in dangers:
            system.happen(case, "case.voided", reason="twice")
