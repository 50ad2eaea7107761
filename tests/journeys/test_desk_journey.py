"""Two dispatchers at their desks: three keys to reassign, what the other one sees, and who wins when both act at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.system import System, new_id, until

PICKED = "gc.case.id()"


def pick(page: Page, case: str) -> None:
    """Stands on this case as J would."""
    node = f"gc.desk.api().getRowNode('{case}')"
    page.wait_for_function(f"() => gc.desk.api()?.getRowNode('{case}')")
    page.evaluate(f"() => {{ gc.desk.api().ensureNodeVisible({node}); {node}.setSelected(true, true); }}")


def ask(page: Page, key: str = "r") -> None:
    """Opens the reassign dialog and waits for its candidates."""
    page.keyboard.press(key)
    expect(page.locator("#dialog-candidates .gc-candidate").nth(1)).to_be_visible()


def owner_in_row(page: Page, case: str) -> str:
    return page.locator(f'.ag-row[row-id="{case}"] [col-id="owner"]').inner_text()


def test_three_keys_reassign_and_the_other_desk_sees_it(system: System, visit: Visit) -> None:
    mine, other = visit("desk", "first"), visit("desk", "second")
    mine.keyboard.press("j")
    case = mine.evaluate(PICKED)
    pick(other, case)
    expect(other.locator(".gc-case .gc-facts")).to_be_visible()
    first = system.candidates(case)[0]
    ask(mine)
    mine.keyboard.press("1")
    until(lambda: system.case(case)["owner"] == first)
    name = mine.evaluate(f"gc.unit('{first}')")
    for page in (mine, other):
        until(lambda page=page: owner_in_row(page, case) == name)  # type: ignore[misc]
    expect(other.locator(".gc-case .gc-facts")).to_contain_text(name)
    expect(other.locator(".gc-case .gc-timeline")).to_contain_text("改派")


def test_who_comes_second_sees_why_and_keeps_the_draft(system: System, visit: Visit) -> None:
    case = system.report(33)
    system.settle()
    mine, other = visit("desk", "first"), visit("desk", "second")
    pick(mine, case)
    pick(other, case)
    ask(mine)
    ask(other)
    one, two = system.candidates(case)[:2]
    mine.keyboard.press("1")
    until(lambda: system.case(case)["owner"] == one)
    other.keyboard.press("2")
    toast = other.locator(".gc-toast-refused")
    for part in ("first", "改派", other.evaluate(f"gc.unit('{one}')"), other.evaluate(f"gc.unit('{two}')")):
        expect(toast).to_contain_text(part)
    toast.locator(".gc-toast-buttons button").click()
    until(lambda: system.case(case)["owner"] == two)
    assert len(system.happened(case, "case.reassigned")) == 2


def test_a_double_click_is_one_event(system: System, visit: Visit) -> None:
    case = system.report(36)
    system.settle()
    page = visit("desk", "first")
    pick(page, case)
    ask(page)
    page.locator("#dialog-candidates .gc-candidate").first.dblclick()
    until(lambda: len(system.happened(case, "case.reassigned")) == 1)
    page.wait_for_timeout(500)
    assert len(system.happened(case, "case.reassigned")) == 1


def test_the_same_id_sent_many_times_is_one_event(system: System) -> None:
    case = system.report(37)
    system.settle()
    version, to, ask = system.case(case)["version"], system.candidates(case)[0], new_id()
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(system.send, case, "reassign", version, {"to": to, "reason": "better_fit"}, "first", ask) for _ in range(4)]
    answers = [s.result() for s in sent]
    assert [a["status"] for a in answers] == ["accepted"] * 4 and len({a["pos"] for a in answers}) == 1
    assert [e["cause"] for e in system.happened(case, "case.reassigned")] == [ask]


def test_what_the_stage_forbids_is_off_and_says_why(system: System, visit: Visit) -> None:
    case = system.report(39)
    system.settle()
    page = visit("desk", "first")
    buttons = page.locator('.gc-act[data-act="reassign"]')
    assert {b.get_attribute("title") for b in buttons.all()} == {"请先选择案件（J / K 或点击）"}
    pick(page, case)
    expect(buttons.nth(1)).to_be_enabled()
    for type_ in ("case.signed", "case.handled"):
        system.happen(case, type_)
    expect(buttons.nth(0)).to_be_disabled()
    expect(buttons.nth(1)).to_have_attribute("title", "当前环节“处置完成”不能改派：处置完成之前才可以")
    page.keyboard.press("r")
    expect(page.locator(".gc-toast")).to_contain_text("不能改派")
    expect(page.locator("#gc-reassign")).not_to_be_visible()
    expect(page.locator('.gc-act[data-act="escalate"]').first).to_be_enabled()


def test_the_case_page_acts_and_tells_who_asked(system: System, visit: Visit) -> None:
    case = system.report(41)
    system.settle()
    refused = system.send(case, "reassign", 1, {"to": system.candidates(case)[0], "reason": "better_fit"}, "second")
    page = visit(f"case/{case}", "first")
    ask(page)
    page.keyboard.press("2")
    until(lambda: len(system.happened(case, "case.reassigned")) == 1)
    audit = page.locator(".gc-audit li")
    expect(audit).to_have_count(2)
    expect(audit.nth(0)).to_contain_text("first")
    expect(audit.nth(0)).to_contain_text("已生效")
    expect(audit.nth(1)).to_contain_text("second")
    assert refused["code"] == "conflict" and audit.nth(1).locator('[data-accepted="0"]').count() == 1
    expect(page.locator(".gc-hop-note")).to_have_text("更合适的单位")
