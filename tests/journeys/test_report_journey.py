"""A case that is only reported: read, accepted, dispatched, or not taken, at the desk that it came to."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.system import System, until

WORDS = "东门桥下有煤气味，已有人头晕。\n请打 13812345678"
MASKED = "东门桥下有煤气味，已有人头晕。"


def opened(page: Page, case: str) -> None:
    page.evaluate(f"gc.desk.open('{case}')")
    expect(page.locator(".gc-drawer .gc-case")).to_have_attribute("data-case", case)


def test_a_report_is_read_accepted_and_dispatched_with_two_keys(system: System, visit: Visit) -> None:
    case = system.reported(text=WORDS)
    system.settle()
    page = visit("desk", "first")
    opened(page, case)
    said = page.locator(".gc-drawer .gc-report")
    expect(said).to_contain_text(MASKED)
    expect(said).not_to_contain_text("13812345678")
    expect(page.locator(".gc-drawer .gc-act[data-act=accept]")).to_be_enabled()
    page.keyboard.press("r")
    expect(page.locator("#dialog-candidates .gc-report")).to_contain_text(MASKED)
    expect(page.locator("#dialog-candidates .gc-effect-rows > div")).not_to_have_count(0)
    page.keyboard.press("1")
    until(lambda: system.case(case)["stage"] == "DISPATCHED")
    found = system.case(case)
    accepted, dispatched = found["timeline"][1:]
    assert [accepted["type"], dispatched["type"]] == ["case.accepted", "case.dispatched"]
    assert accepted["cause"] == dispatched["cause"]
    expect(page.locator(".gc-drawer .gc-act[data-act=accept]")).to_be_hidden()


def test_two_people_accept_one_case_and_the_second_is_told_who_was_faster(system: System, visit: Visit) -> None:
    case = system.reported(text="Gas below the bridge")
    system.settle()
    page = visit("desk", "second", lang="en")
    opened(page, case)
    expect(page.locator(".gc-drawer .gc-report")).to_contain_text("Gas below the bridge")
    version = system.case(case)["version"]
    assert system.send(case, "accept", version, {})["status"] == "accepted"
    late = system.send(case, "accept", version, {}, who="second")
    assert (late["status"], late["why"]) == ("refused", "version_moved")
    assert late["values"]["who"] == "first"
    expect(page.locator(".gc-drawer .gc-act[data-act=accept]")).to_be_hidden()
    page.keyboard.press("v")
    expect(page.locator("#gc-toasts")).to_contain_text("the duty chief voids it")
