"""The list of who could take a case: there when R is pressed, true to the API, and never acting on a case that was not meant."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import Visit
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import ask, pick

ASKED = "**/api/v1/cases/*/candidates"


@pytest.fixture
def case(system: System) -> str:
    made = system.report(34)
    system.settle()
    return made


@pytest.fixture
def held(case: str, visit: Visit) -> tuple[Page, list[Route]]:
    """A desk that stands on the case and waits for its list, which comes when the route goes on."""
    page, out = visit("desk", "first"), list[Route]()
    page.route(ASKED, lambda route: out.append(route))
    pick(page, case)
    page.keyboard.press("r")
    expect(page.locator("#gc-reassign")).to_be_visible()
    until(lambda: len(out) == 1 or page.wait_for_timeout(50) is not None)
    return page, out


def test_the_list_is_what_the_server_says_and_what_the_move_does_to_the_clocks(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "first", lang="en")
    pick(page, case)
    ask(page)
    found = system.get(f"/api/v1/cases/{case}/candidates", "first")[1]
    rows = page.locator("#dialog-candidates .gc-candidate")
    assert rows.locator("b").all_inner_texts() == [c["name_en"] for c in found["items"]]
    figures = {r["key"]: r["value"] for r in found["items"][0]["reasons"]}
    assert rows.first.locator("span").all_inner_texts()[:2] == [str(figures["load"]), f"{figures['distance_km']:.1f} km"]
    clocks = page.locator(".gc-effect-rows > div")
    expect(clocks).to_have_count(len(found["effects"]))
    expect(clocks.first).to_contain_text("kept")
    lights = [c.get_attribute("data-shown") for c in page.locator(".gc-effect-rows .gc-remain").all()]
    told = [e[side]["light"] for e in found["effects"] for side in ("before", *(() if e["kept"] else ("after",))) if e[side]]
    assert lights == told
    page.locator(".gc-rejected summary").click()
    expect(page.locator(".gc-rejected li")).to_have_count(len(found["rejected"]))
    expect(page.locator(".gc-rejected")).to_contain_text("owns it now")


def test_the_case_one_stands_on_is_asked_for_before_the_key(visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    with page.expect_response(ASKED):
        pick(page, case)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/candidates") else None)
    ask(page)
    assert asked == []


def test_a_digit_before_the_list_has_come_acts_when_it_comes(system: System, case: str, held: tuple[Page, list[Route]]) -> None:
    page, (list_,) = held
    first = system.candidates(case)[0]
    page.keyboard.press("1")
    list_.continue_()
    expect(page.locator("#gc-reassign")).to_be_hidden()
    until(lambda: system.case(case)["owner"] == first)
    assert len(system.happened(case, "case.reassigned")) == 1


def test_a_digit_for_a_list_that_was_given_up_moves_nothing(system: System, case: str, held: tuple[Page, list[Route]]) -> None:
    page, (list_,) = held
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    with page.expect_response(ASKED):
        list_.continue_()
    ask(page)  # the list of the same case, asked for anew
    page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    assert not system.happened(case, "case.reassigned")


def test_a_list_that_does_not_come_says_so_and_is_asked_for_again(visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    page.route(ASKED, lambda route: route.abort())
    pick(page, case)
    page.keyboard.press("r")
    box = page.locator("#dialog-candidates")
    expect(box).to_contain_text("查询没有结果返回")
    page.unroute(ASKED)
    box.get_by_role("button", name="重新查询").click()
    expect(box.locator(".gc-candidate").first).to_be_visible()
