"""A seat belongs to whoever sits there, and a shift ends with two signatures on one sheet."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import pick


@pytest.fixture
def seat(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own: people come and go."""
    made = browser.new_context(locale="zh-CN")
    yield made
    made.close()


def sit(seat: BrowserContext, system: System, who: str) -> Page:
    """Signs in by the form, as a person does."""
    page = seat.new_page()
    page.goto(f"{system.url}/desk")
    page.locator("input[name=token]").fill(system.tokens[who])
    page.keyboard.press("Enter")
    shown(page)
    return page


def stored(page: Page) -> Any:
    """What the browser holds of a person."""
    keys = page.evaluate("[localStorage, sessionStorage].flatMap((s) => Object.keys(s))")
    return [key for key in keys if key.startswith("gc.") and key != "gc.theme"]


def printed(pdf: bytes) -> tuple[list[bytes], bytes]:
    """(what draws each page of Chromium's PDF, the tables of the characters that are drawn)"""
    streams = re.findall(rb"(?<!end)stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    opened = [zlib.decompressobj().decompress(s) for s in streams if s[:1] == b"x"]
    return [s for s in opened if b" Tf" in s], b"".join(s for s in opened if s.startswith(b"/CIDInit")).upper()


def test_a_seat_belongs_to_one_person(system: System, visit: Visit, seat: BrowserContext) -> None:
    case = system.report(34)
    system.settle()
    page = sit(seat, system, "second")
    pick(page, case)
    page.keyboard.press("i")
    page.keyboard.press("n")
    page.locator("#gc-form textarea").fill("写到一半，电话 13912345678")
    page.keyboard.press("Escape")
    expect(page.locator(".gc-who")).to_contain_text("second")
    page.locator(".gc-leave button").click()
    expect(page.locator(".gc-login")).to_be_visible()
    assert stored(page) == []
    page.go_back()
    expect(page.locator(".gc-login")).to_be_visible()
    assert case not in page.content() and system.url in page.url
    page.close()

    page = sit(seat, system, "chief")
    expect(page.locator(".gc-who")).to_contain_text("chief")
    pick(page, case)
    assert page.evaluate("[gc.kept.all('pin'), gc.kept.all('draft'), gc.view.all()]") == [[], [], []]
    page.keyboard.press("n")
    expect(page.locator("#gc-form textarea")).to_have_value("")

    mine = visit("desk", "second")  # another browser
    pick(mine, case)
    expect(mine.locator(f'.ag-row[row-id="{case}"]')).to_contain_text("◆")
    mine.keyboard.press("n")
    expect(mine.locator("#gc-form textarea")).to_have_value("写到一半，电话 ■■■")


def test_a_shift_is_handed_over_on_one_sheet_with_two_signatures(system: System, visit: Visit) -> None:
    cases = [system.report(60 + n) for n in range(25)]
    system.settle()
    page = visit("desk", "first")
    page.locator(".gc-shift [data-shift=start]").click()
    expect(page.locator(".gc-shift-now")).to_contain_text("班次")
    pick(page, cases[0])
    page.keyboard.press("i")
    page.locator(".gc-shift-end").click()
    shown(page)
    page.locator(".gc-handover-write").fill("泵站 3 号今晚要看\n" * 20)
    with page.expect_response(lambda answer: "/api/v1/me/items" in answer.url and answer.ok):
        page.locator(".gc-handover-write").press("End")
        page.keyboard.type("！")
    page.reload()
    shown(page)
    expect(page.locator(".gc-handover-write")).to_have_value(re.compile("泵站 3 号今晚要看"))
    sign = page.locator("[data-shift=sign]")
    sign.click()
    expect(sign).to_contain_text("first")
    sign.click()
    page.wait_for_url("**/handover/*")
    address = page.url
    sheet = page.locator(".gc-sheet")
    expect(sheet.locator(".gc-signature")).to_contain_text("first")
    before = sheet.locator("table").all_inner_texts()
    system.happen(cases[0], "case.noted", text="x")

    desk, late = visit("desk", "second"), visit("handover", "commander")
    expect(desk.locator(".gc-shift-waiting")).to_contain_text("1 份交班待接")
    desk.locator(".gc-shift-waiting").click()
    late.locator(".gc-notice a").click()
    for taker in (desk, late):
        expect(taker.locator(".gc-handover-text")).to_contain_text("泵站 3 号今晚要看")
        taker.locator("[data-shift=take]").click()
    desk.locator("[data-shift=take]").click()
    expect(desk.locator(".gc-signature")).to_have_count(2)
    late.locator("[data-shift=take]").click()
    expect(late.locator(".gc-toast")).to_contain_text("second 已于")
    until(lambda: system.get("/api/v1/me/shift", "second")[1]["started"] is not None)

    page.goto(f"{system.url}/handover")
    shown(page)
    page.locator(".gc-handover-line a").first.click()
    expect(page).to_have_url(address)
    shown(page)
    expect(page.locator(".gc-signature").nth(1)).to_contain_text("second")
    assert page.locator(".gc-sheet table").all_inner_texts() == before, "what was signed stands"
    page.emulate_media(media="print")
    assert not page.locator(".gc-top, .gc-handover-list, .gc-sheet button").locator("visible=true").count()
    expect(page.locator(".gc-printed")).to_contain_text("20")
    drawn, characters = printed(page.pdf(format="A4"))
    assert len(drawn) > 1 and all(len(one) > 1000 for one in drawn), "every page of it has text on it"
    assert all(f"<{ord(c):04X}>".encode() in characters for c in "泵站今晚接班未读警报标记"), "from what was written to the last list"
