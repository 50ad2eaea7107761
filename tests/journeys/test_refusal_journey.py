"""Commands through the HTTP API as another system sends them, and how a desk tells its reader that one was refused."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.system import System, new_id

SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
WHY = {"reason": "better_fit"}


@pytest.fixture(scope="module")
def case(system: System) -> str:
    made = system.report(600)
    system.settle()
    return made


def refuse(page: Page, verb: str, case: str, version: int, data: dict[str, Any]) -> str:
    """Sends a command as the desk does; what the toast says."""
    page.locator(".gc-toast-refused").evaluate_all("all => all.forEach((e) => e.remove())")
    made = "([verb, id, version, data]) => { gc.send.commands([gc.send.command(verb, {case: id, version}, data)]) }"
    page.evaluate(made, [verb, case, version, data])
    expect(page.locator(".gc-toast-refused")).to_be_visible()
    return page.locator(".gc-toast-refused").inner_text().replace(case, "")


def test_a_refusal_is_said_in_the_readers_language(system: System, visit: Visit, case: str) -> None:
    page = visit("desk", "first")
    now = system.case(case)
    version, owner = now["version"], now["owner"]
    other = next(u.code for u in system.city.units if u.level == "department" and u.code not in {owner, *system.candidates(case)})
    past = {"until": "2001-01-01T00:00:00+08:00"}
    commands: list[tuple[str, dict[str, Any], str]] = [
        ("reassign", {"to": owner} | WHY, "已是责任单位"), ("reassign", {"to": other} | WHY, "不承办"), ("close", {}, "派遣员"),
        ("suspend", past | WHY, "「挂账至」2001-01-01 00:00 已过"), ("extend", {"hours": -1} | WHY, "「延长小时数」"),
        ("urge", {}, "须有原因"), ("resume", {}, "没有挂账"), ("merge", {"into": case} | WHY, "自身"),
        ("undo", {"command": "none"}, "没有命令"),
    ]  # fmt: skip
    for verb, data, words in commands:
        said = refuse(page, verb, case, version, data)
        assert words in said and not SENTENCE.search(said), said
    page.evaluate("gc.setLang('en')")
    assert "owns the case already" in refuse(page, "reassign", case, version, {"to": owner} | WHY)
    assert system.case(case)["version"] == version


def test_what_people_and_programs_send(system: System, case: str) -> None:
    def why(verb: str, data: dict[str, Any], version: int | None = None) -> tuple[str, str, str]:
        sent = system.send(case, verb, system.case(case)["version"] if version is None else version, data)
        return sent["status"], sent["code"], sent["why"]

    assert why("urge", WHY, 1) == ("refused", "conflict", "version_moved")
    assert why("urge", {"reason": " \n"}) == ("refused", "invalid", "blank_reason")
    assert why("note", {"text": "字" * 3_414}) == ("refused", "invalid", "too_long")
    assert why("note", {"text": "字" * 3_413}) == ("accepted", None, None)
    assert why("note", {"text": "x" * 70_000}) == ("refused", "invalid", "unreadable")
    pasted = "<img src=x onerror=alert(1)> 😀 👩‍🚒 '; drop table cases; --"
    assert why("note", {"text": pasted}) == ("accepted", None, None)
    assert system.happened(case, "case.noted")[-1]["note"] == pasted


def test_the_same_id_is_one_command_whatever_it_says_next(system: System, case: str) -> None:
    version, id_ = system.case(case)["version"], new_id()
    before = len(system.happened(case, "case.urged"))
    first, again = (system.send(case, "urge", version, WHY, id_=id_) for _ in range(2))
    assert first["status"] == again["status"] == "accepted" and first["pos"] == again["pos"]
    other = system.send(case, "urge", version + 1, {"reason": "another"}, id_=id_)
    assert (other["status"], other["code"], other["why"]) == ("refused", "invalid", "id_reused")
    assert len(system.happened(case, "case.urged")) == before + 1


def test_ten_thousand_at_once_are_refused_whole(system: System, case: str) -> None:
    version = system.case(case)["version"]
    one = {"type": "command.urge", "case": case, "expected_version": version, "data": WHY}
    commands = [{"id": f"many-{n:08d}"} | one for n in range(10_000)]
    status, problem = system.post("/api/v1/commands", {"commands": commands}, "first")
    assert status == 413 and problem["detail"] and system.case(case)["version"] == version
