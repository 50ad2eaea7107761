"""Who may come in, what a wall must not know, and that a door that closes is closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from dashboard.access.role import User
from dashboard.simulate.city import CITY_CODE
from tests.journeys.conftest import Visit, shown
from tests.journeys.system import System, new_id, until


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/cases/journey~J-0001", "/api/v1/cases/journey~J-0001/candidates"])
def test_a_wall_reads_no_case(system: System, path: str) -> None:
    assert system.get(path, "wall")[0] == 403 and system.get(path)[0] == 401 and system.get("/api/v1/cases", "first")[0] == 200


def test_a_wall_commands_nothing(system: System) -> None:
    case = "journey~J-0001"
    before = system.case(case)
    refused = system.send(case, "reassign", before["version"], {"to": "990101-hw", "reason": "better_fit"}, "wall", new_id())
    assert (refused["status"], refused["code"]) == ("refused", "forbidden") and system.case(case)["version"] == before["version"]


def test_a_wall_that_asks_for_the_desk_gets_the_wall(visit: Visit) -> None:
    page = visit("desk", "wall")
    assert page.locator(".gc-wall").count() == 1 and page.locator("#desk-grid").count() == 0


def test_the_token_leaves_the_address_bar(system: System, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{system.url}/wall?token={system.tokens['wall']}&layout=16x9", wait_until="commit")
    shown(page)
    assert page.url == f"{system.url}/wall?layout=16x9" and system.tokens["wall"] not in page.content()
    assert page.evaluate("performance.getEntries().some(e => e.name.includes('token='))") is False
    context.close()


def test_whose_role_changes_gets_the_page_of_the_new_one(system: System, visit: Visit) -> None:
    page = visit("desk", "leaving")
    system.accounts.add_account(User("leaving", "leaving", "wall", CITY_CODE))
    expect(page.locator(".gc-wall")).to_be_visible(timeout=20000)
    system.accounts.add_account(User("leaving", "leaving", "dispatcher", CITY_CODE))
    until(lambda: system.get("/api/v1/cases?limit=1", "leaving")[0] == 200)


def test_a_command_of_a_session_that_has_ended_leads_to_the_login_page(system: System, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")  # its own: the cookie goes
    page = context.new_page()
    page.goto(f"{system.url}/desk?token={system.tokens['first']}", wait_until="commit")
    shown(page)
    page.keyboard.press("j")
    expect(page.locator('.gc-case .gc-act[data-act="note"]')).to_be_enabled()
    case = page.evaluate("gc.case.id()")
    page.keyboard.press("n")
    with page.expect_response(lambda answer: "/api/v1/me/items" in answer.url and answer.ok):
        page.locator("#gc-form textarea").fill("不该丢的一句")
    context.clear_cookies(name="gc_session")
    page.locator("#gc-form .gc-primary").click()
    expect(page.locator(".gc-login")).to_be_visible(timeout=15000)
    assert page.url.startswith(f"{system.url}/desk") and not system.happened(case, "case.noted")
    kept = system.get("/api/v1/me/items", "first")[1]["items"]
    assert {"text": "不该丢的一句"} in [i["value"] for i in kept if i["key"] == f"note.{case}"], "who signs in again finds it in the dialog"
    context.close()


def test_a_disabled_account_is_out_within_seconds(system: System, visit: Visit) -> None:
    page = visit("desk", "leaving")
    assert system.accounts.disable_account("leaving")
    until(lambda: system.get("/api/v1/cases", "leaving")[0] == 401)
    system.kill_worker()  # a socket that is open is asked nothing again: its end shows what the page does when it may not come back
    expect(page.locator(".gc-login")).to_be_visible(timeout=15000)
    assert page.url.startswith(f"{system.url}/desk")
