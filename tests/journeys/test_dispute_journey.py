"""What people disagree about: returns and their arbitration, what is the same thing, and the same twenty cases wanted by two."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from data_access import table as t
from data_access.database import connect, url_of
from layouts import ids
from tests.journeys.conftest import Visit
from tests.journeys.system import System, until
from tests.journeys.test_desk_journey import ask, pick
from tests.journeys.test_evening_journey import choose, happened, press, sure

TWENTY = 20


@pytest.fixture
def case(system: System) -> str:
    made = system.report(34)
    system.settle()
    return made


def asks_to_return(system: System, case: str) -> None:
    """As the unit's own system tells it."""
    system.happen(case, "case.return_requested", reason="not ours")
    until(lambda: system.case(case)["pending"] == "return")


def test_a_chief_supervises_with_the_hour_of_the_reply(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "chief")
    pick(page, case)
    press(page, "s")
    page.locator("#gc-form .gc-field-reply_due").fill("2026-01-01T09:00")
    expect(page.locator("#gc-form .gc-primary")).to_be_disabled()
    at = page.evaluate("gc.zoneText(gc.now() + 2 * 3600000)")
    page.locator("#gc-form .gc-field-reply_due").fill(at)
    page.locator("#gc-form .gc-field-text").fill("两小时内 <b>回复</b>")
    page.locator("#gc-form .gc-primary").click()
    happened(system, case, "case.supervised")
    (said,) = system.happened(case, "case.supervised")
    assert page.evaluate("at => gc.zoneText(Date.parse(at))", said["reply_due"]) == at
    expect(page.locator(".gc-hop-text").first).to_have_text("两小时内 <b>回复</b>")
    expect(page.locator(".gc-hop-due").first).to_contain_text(at[-5:])


def test_a_return_is_refused_and_one_is_approved(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    pick(page, case)
    expect(page.locator('.gc-case .gc-act[data-act="return_approve"]')).to_be_disabled()
    asks_to_return(system, case)
    expect(page.locator('.gc-case .gc-act[data-act="return_refuse"]')).to_be_enabled()
    press(page, "f", "Enter")
    happened(system, case, "case.return_refused")
    expect(page.locator('.gc-case .gc-act[data-act="return_approve"]')).to_be_disabled()  # the page knows it too
    owner = system.case(case)["owner"]
    asks_to_return(system, case)
    expect(page.locator('.gc-case .gc-act[data-act="return_approve"]')).to_be_enabled()
    press(page, "a", "Enter")
    happened(system, case, "case.return_approved")
    expect(page.locator('.gc-case .gc-act[data-act="return_approve"]')).to_be_disabled()
    ask(page)  # it is without an owner: whoever gave it back is not offered
    offered = [c.get_attribute("data-to") for c in page.locator("#dialog-candidates .gc-candidate").all()]
    assert owner not in offered and system.case(case)["owner"] is None
    page.locator(".gc-rejected summary").click()
    expect(page.locator(".gc-rejected")).to_contain_text("曾退回")


def test_what_comes_to_returns_and_to_mine_is_announced(system: System, visit: Visit, case: str) -> None:
    page, row = visit("desk", "first"), f'.ag-row[row-id="{case}"]'
    for tab in ("returns", "mine"):
        page.locator(f'.gc-tab[data-tab="{tab}"]').click()
        expect(page.locator(f'.gc-tab[data-tab="{tab}"]')).to_have_attribute("aria-selected", "true")
        page.wait_for_function("['rows', 'empty'].includes(document.querySelector('.gc-queue').dataset.state)")
        expect(page.locator(row)).to_have_count(0)
        expect(page.locator("#gc-pill")).to_be_hidden()
        if tab == "returns":
            asks_to_return(system, case)
        else:
            assert system.send(case, "note", system.case(case)["version"], {"text": "看过"})["status"] == "accepted"
        page.locator("#gc-pill").click()
        expect(page.locator(row)).to_be_visible()
        expect(page.locator("#gc-pill")).to_be_hidden()


def test_after_two_returns_only_a_chief_gives_the_case_away(system: System, visit: Visit, case: str) -> None:
    for _ in range(2):
        asks_to_return(system, case)
        version = system.case(case)["version"]
        assert system.send(case, "return_approve", version, {"reason": "wrong_unit"})["status"] == "accepted"
        state = system.case(case)
        if not state["arbitration"]:
            to = system.candidates(case)[0]
            assert system.send(case, "reassign", state["version"], {"to": to, "reason": "better_fit"})["status"] == "accepted"
    page, chief = visit("desk", "first"), visit("desk", "chief")
    pick(page, case)
    expect(page.locator('.gc-case .gc-act[data-act="reassign"]')).to_have_attribute("title", "已退回两次，进入仲裁：由值班长或指挥长指定")
    press(page, "r")
    expect(page.locator("#gc-reassign")).to_be_hidden()
    pick(chief, case)
    ask(chief)
    expect(chief.locator("#gc-reassign .gc-arbitration")).to_be_visible()
    press(chief, "1")
    until(lambda: system.case(case)["owner"] is not None)
    given = system.case(case)["timeline"][-1]
    assert (given["note"], given["actor"]) == ("arbitration", "chief")


@pytest.fixture
def double(system: System, case: str) -> str:
    """Another report of what `case` is about, with a nearer deadline."""
    place = system.case(case)["place"]
    made = system.report(20, category=system.case(case)["category"], place={k: v for k, v in place.items() if v is not None})
    system.settle()
    return made


def test_what_is_the_same_thing_is_merged_from_the_drawer_and_parted_again(system: System, visit: Visit, case: str, double: str) -> None:
    alone = system.case(case)["due"]
    page = visit("desk", "first")
    pick(page, double)
    page.locator(f'.gc-drawer-body [data-duplicate="{case}"] [data-merge]').click()
    expect(page.locator("#gc-form .gc-field-into")).to_have_value(case)
    press(page, "Enter")
    happened(system, double, "case.merged")
    until(lambda: system.case(case)["due"] < alone)
    due = f"id => gc.rows.node(id)?.data.due === {system.case(case)['due']}"
    page.wait_for_function(due, arg=case)
    expect(page.locator('.gc-case .gc-act[data-act="unmerge"]')).to_be_enabled()
    press(page, "m", "Enter")
    happened(system, double, "case.unmerged")
    until(lambda: system.case(case)["due"] == alone)


def test_m_is_not_guessed_while_the_case_is_read_again(system: System, visit: Visit, case: str, double: str) -> None:
    """The frame that a case has moved comes before what it allows now: until then M could mean either."""
    page = visit("desk", "first")
    pick(page, double)
    expect(page.locator('.gc-case .gc-act[data-act="merge"]')).to_be_enabled()
    drawer: list[Route] = []

    def hold(route: Route) -> None:
        if ids.DESK_DRAWER in (route.request.post_data or ""):
            drawer.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component", hold)
    version = system.case(double)["version"]
    assert system.send(double, "merge", version, {"into": case, "reason": "same_event"}, "second")["status"] == "accepted"
    page.wait_for_function("([id, version]) => gc.model.rows.get(id)?.version > version", arg=[double, version])
    press(page, "m")
    expect(page.locator(".gc-toast").last).to_contain_text("正在重新读取")
    expect(page.locator("#gc-form")).to_be_hidden()
    expect(page.locator('.gc-case .gc-act[data-act="merge"]')).to_be_disabled()
    expect(page.locator('.gc-case .gc-act[data-act="unmerge"]')).to_be_disabled()
    page.unroute("**/_dash-update-component", hold)
    for route in drawer:
        with suppress(PlaywrightError):  # the page has given up one that a later one replaced
            route.continue_()
    expect(page.locator('.gc-case .gc-act[data-act="unmerge"]')).to_be_enabled()
    press(page, "m", "Enter")
    happened(system, double, "case.unmerged")


def kept(system: System, cases: list[str]) -> tuple[dict[str, Counter[str]], dict[str, Counter[str]]]:
    """From SQL: (outcomes of the commands, events that a command caused), each by case."""
    c, e = t.command.c, t.event.c
    outcomes, events = ({case: Counter[str]() for case in cases} for _ in range(2))
    with connect(url_of("", system.folder)).connect() as db:
        for case, status in db.execute(select(c.case_id, c.status).where(c.case_id.in_(cases))):
            outcomes[case][status] += 1
        for case, cause in db.execute(select(e.case_id, e.cause).where(e.case_id.in_(cases), e.cause.is_not(None))):
            events[case][cause] += 1
    return outcomes, events


def lines(page: Page, kind: str) -> Any:
    return page.locator(f".gc-batch-{kind}")


def test_two_who_give_the_same_twenty_away_at_once(system: System, visit: Visit) -> None:
    first = system.report(36)
    system.settle()
    place = {k: v for k, v in system.case(first)["place"].items() if v is not None}
    cases = [first, *(system.report(36 + n / 100, category=system.case(first)["category"], place=place) for n in range(1, TWENTY))]
    system.settle()
    mine, other = visit("desk", "first"), visit("desk", "second")
    for page in (mine, other):
        choose(page, cases)
        ask(page)
    one, two = (mine.locator("#dialog-candidates .gc-candidate").nth(n).get_attribute("data-to") for n in range(2))
    press(mine, "1")
    press(other, "2")
    for page in (mine, other):
        sure(page)
    for page in (mine, other):
        expect(page.locator('#gc-batch[data-running="0"]')).to_be_visible()
    refused = {page: lines(page, "refused").count() for page in (mine, other)}
    assert sum(refused.values()) == TWENTY, "of two who want a case one was faster"
    for page, who in ((mine, "second"), (other, "first")):
        for line in lines(page, "refused").all():
            assert who in line.inner_text() and "改派" in line.inner_text()
    for case in cases:
        assert system.case(case)["owner"] in (one, two)
    for page in (mine, other):
        if refused[page]:
            page.get_by_role("button", name=f"再次应用 {refused[page]} 件").click()
            expect(lines(page, "accepted")).to_have_count(TWENTY)
    outcomes, events = kept(system, cases)
    assert all(o == {"accepted": 2, "refused": 1} for o in outcomes.values())
    assert all(len(e) == 2 and set(e.values()) == {1} for e in events.values())
    assert all(system.case(case)["owner"] in (one, two) for case in cases)


def test_z_takes_a_batch_back_though_its_panel_is_closed_and_the_clocks_are_what_they_were(system: System, visit: Visit) -> None:
    cases = [system.report(37 + n / 100) for n in range(3)]
    system.settle()

    def clocks() -> list[Any]:
        told = ("clock", "state", "start", "due", "amber", "mode", "policy")
        found = [system.case(case) for case in cases]
        return [[c["due"], c["amber"], [{k: x[k] for k in told} for x in c["clocks"] if x["state"] == "running"]] for c in found]

    before = clocks()
    page = visit("desk", "first")
    choose(page, cases)
    press(page, "x", "Enter")
    expect(lines(page, "accepted")).to_have_count(3)
    assert clocks() != before
    page.locator("#gc-batch .gc-x").click()
    expect(page.locator(".gc-undo-last")).to_contain_text("延期 · 3 件")
    press(page, "z")
    expect(page.locator(".gc-batch-head")).to_contain_text("撤销")
    expect(lines(page, "accepted")).to_have_count(3)
    assert {len(system.happened(case, "case.corrected")) for case in cases} == {1}
    assert clocks() == before
