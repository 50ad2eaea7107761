# ruff: noqa: E501
"""One case: clocks that explain themselves, hops with their seconds, unknown codes as they came."""

from __future__ import annotations

from typing import Any

import pytest
from drawn import GRID, marked, text, visit, walk

from layouts.case import case_card, case_page
from layouts.parts.instant import duration, moment

CASE: dict[str, Any] = {
    "case": "12345~A1", "subject": "A1", "source": "/12345", "stage": "SIGNED", "version": 4, "category": "030101", "severity": "urgent",
    "owner": "990101-hw", "level": "none", "channel": "hotline_12345", "title": "垃圾", "reported": 0, "due": 3_600_000, "amber": 2_880_000,
    "light": "green", "place": {"grid": GRID, "address": "柳街 3 号", "lon": 1.0, "lat": 2.0, "crs": "wgs84"}, "flags": ["unknown_unit", "brand_new"],
    "timeline": [
        {"event": "e1", "type": "case.reported", "at": "1970-01-01T08:00:00+08:00", "unit": None, "actor": None, "seconds_since_previous": None},
        {"event": "e2", "type": "case.signed", "at": "1970-01-01T08:02:31+08:00", "unit": "990101-hw", "actor": "周婷", "seconds_since_previous": 151},
    ],
    "clocks": [
        {
            "clock": "total", "state": "running", "start": 0, "due": 3_600_000, "elapsed_wall_s": 151, "elapsed_business_s": 151, "light": "green",
            "ledger": [{"from": 0, "to": 151_000, "kind": "wall", "seconds": 151, "why": "policy 1"}],
        },
        {"clock": "owner:990101-hw", "state": "missed", "due": 1, "elapsed_wall_s": 5, "elapsed_business_s": 5, "light": "red", "ledger": []},
    ],
}  # fmt: skip


def test_it_shows_place_owner_flags_and_hops() -> None:
    drawn = text(case_card(visit(), CASE))
    for part in (
        "清渡区 · 柳营社区 003 网格",
        "柳街 3 号",
        "清渡区环卫所",
        "12345 热线",
        "单位未知",
        "brand_new",
        "01-01 08:02:31",
        "+02:31",
        "周婷",
    ):
        assert part in drawn


def test_newest_hop_first_and_deadlines_as_instants() -> None:
    drawn = case_card(visit(), CASE)
    assert text(drawn).index("+02:31") < text(drawn).index("01-01 08:00:00", text(drawn).index("经过"))
    assert set(marked(drawn, "data-due")) == {"3600000"} and marked(drawn, "data-copy") == ["12345~A1"]


def test_a_missed_clock_says_so_and_a_case_without_limit_too() -> None:
    assert "▼ 超期" in text(case_card(visit(), CASE))
    free = CASE | {"clocks": [{"clock": "total", "state": "none"}], "due": None, "amber": None, "light": "none"}
    assert "永不超时" in text(case_card(visit(), free)) and marked(case_card(visit(), free), "data-due") == []


@pytest.mark.parametrize("role", ["dispatcher", "supervisor", "leader"])
def test_actions_only_where_they_are_asked_for_and_allowed(role: str) -> None:
    assert marked(case_card(visit(role), CASE, actions=True), "data-act") == [verb for verb in visit(role).can if verb != "undo"]
    assert marked(case_card(visit(role), CASE), "data-act") == []


def test_no_escalation_mark_without_a_level() -> None:
    assert "▲" not in text(case_card(visit(), CASE))
    assert "值班长" in text(case_card(visit(), CASE | {"level": "duty_chief"}))


def test_a_case_says_who_has_read_its_escalations_and_nothing_of_those_that_ended_unread() -> None:
    call = {"alarm": "e", "kind": "escalated", "level": "duty_chief", "at": 0, "to": ["duty_chief"], "by": "p", "open": True, "acknowledged": None}
    unread = case_card(visit(), CASE | {"alarms": [call], "as_of": 185_000})
    assert "值班长  ·  3 分钟无人查看" in text(unread) and marked(unread, "data-unread") == ["0"]
    read = case_card(visit(), CASE | {"alarms": [call | {"open": False, "acknowledged": {"by": "李四", "at": 300_000}}]})
    assert "值班长  ·  ○  李四 于 08:05 已阅" in text(read) and marked(read, "data-unread") == []
    for other in (call | {"open": False}, call | {"kind": "new_danger"}):
        assert marked(case_card(visit(), CASE | {"alarms": [other]}), "class") == marked(case_card(visit(), CASE), "class")
        assert "查看" not in text(case_card(visit(), CASE | {"alarms": [other]}))


def test_an_unknown_case_says_why_and_what_next() -> None:
    assert "没有这个案件" in text(case_page(visit(), None))


@pytest.mark.parametrize(("seconds", "shown"), [(None, "—"), (5, "00:05"), (151, "02:31"), (3751, "1:02:31"), (273_900, "3天 4:05")])
def test_durations(seconds: float | None, shown: str) -> None:
    assert duration(visit().say, seconds) == shown


def test_moments_are_in_the_citys_zone() -> None:
    assert moment(0, "Asia/Shanghai") == moment("1970-01-01T00:00:00Z", "Asia/Shanghai") == "01-01 08:00:00"
    assert moment(None, "Asia/Shanghai") == "…"


def test_what_was_written_with_an_event_is_shown_as_written() -> None:
    hops = [{"type": "case.reassigned", "at": 0, "note": "overload", "text": "车坏了"}, {"type": "case.escalated", "at": 0, "note": "<b>急</b>"}]
    drawn = text(case_card(visit(), CASE | {"timeline": hops}))
    assert "overload" not in drawn and "<b>急</b>" in drawn and "车坏了" in drawn


def test_why_a_timer_spoke_is_said_in_the_readers_language() -> None:
    hop = {"type": "case.urged", "at": 0, "note": "of_limit", "values": {"percent": 80}}
    assert "已用时限的 80%" in text(case_card(visit(), CASE | {"timeline": [hop]}))
    assert "of_limit" in text(case_card(visit(), CASE | {"timeline": [hop | {"values": {}}]})), "a source's own word stays its own"


def test_a_ledger_names_an_extension_in_the_readers_language() -> None:
    extension = {"from": 0, "to": None, "kind": "extension", "seconds": 7200, "why": "approved"}
    extension["values"] = {"mode": "work_hours", "reason": "overload"}
    drawn = text(case_card(visit(), CASE | {"clocks": [{"clock": "total", "state": "running", "light": "green", "ledger": [extension]}]}))
    assert "负荷过高" in drawn and "approved" not in drawn and "overload" not in drawn


def test_the_audit_tells_who_asked_what_and_what_became_of_it() -> None:
    asked = {"verb": "reassign", "who": "李军", "role": "dispatcher", "at": 0, "code": None}
    audit = [asked | {"status": "accepted"}, asked | {"status": "refused", "code": "conflict", "who": "孙强"}]
    card = case_card(visit(), CASE | {"audit": audit})
    drawn = text(card)
    assert drawn.index("孙强") < drawn.index("李军") and marked(card, "data-accepted") == ["0", "1"]
    assert "还没有人" in text(case_card(visit(), CASE))


def test_the_card_says_what_the_stage_allows() -> None:
    assert marked(case_card(visit(), CASE | {"allowed": ["escalate", "note"]}), "data-allowed") == ["escalate note"]
    assert marked(case_card(visit(), CASE | {"allowed": []}), "data-allowed") == [""]
    assert marked(case_card(visit(), CASE), "data-allowed") == []


def test_a_page_of_its_own_has_the_drawers_actions() -> None:
    assert marked(case_page(visit(), CASE), "data-act") == marked(case_card(visit(), CASE, actions=True), "data-act") != []


def test_the_chain_of_hands_says_who_let_it_lie() -> None:
    hops = [
        {"from": None, "to": "990101-hw", "at": 0, "type": "case.dispatched", "seconds": 600.0, "unsigned_seconds": 540.0},
        {"from": "990101-hw", "to": None, "at": 600_000, "type": "case.return_approved", "seconds": 60.0, "unsigned_seconds": 0.0},
    ]
    drawn = case_card(visit(), CASE | {"handoffs": hops})
    assert all(part in text(drawn) for part in ("清渡区环卫所", "持有 10:00", "未签收 09:00", "指挥中心", "同意退回"))
    assert text(drawn).count("未签收") == 1 and marked(drawn, "data-last") == ["1"]


def test_what_may_be_the_same_can_be_merged_by_who_may() -> None:
    other = {"case": "x~9", "title": "<b>井盖</b>", "metres": 40, "minutes": -3}
    near = {"possible_duplicates": [other], "evidence": [{"ref": "photo://1", "at": 0, "unit": None}]}
    near["video"] = [{"id": "v1", "name": "路口", "direction": None, "status": "OFF", "metres": 80}]
    drawn = case_card(visit(), CASE | near)
    assert all(part in text(drawn) for part in ("<b>井盖</b>", "40 米", "早 3 分", "photo://1", "▼ 离线")) and marked(drawn, "data-duplicate") == ["x~9"]
    assert marked(drawn, "data-merge") == (["x~9"] if "merge" in visit().can else []) and marked(case_card(visit("supervisor"), CASE | near), "data-merge") == []


def test_a_ledger_speaks_the_visitors_language() -> None:
    ledger = [
        {"from": None, "to": None, "kind": "limit", "seconds": 3600, "why": "policy_limit", "values": {"policy": "p-3", "mode": "work_hours"}},
        {"from": 0, "to": 5000, "kind": "off", "seconds": 5, "why": "make_up_day", "summed": True},
        {"from": 0, "to": 5000, "kind": "pause", "seconds": 5, "why": "国庆保障"},
    ]
    clock = {"clock": "stage:check_dispatch", "state": "running", "due": 1, "mode": "work_hours", "policy": "p-3", "ledger": ledger}
    drawn = text(case_card(visit(), CASE | {"clocks": [clock]}))
    for part in ("派核查", "工作时", "规则", "p-3", "调休上班", "国庆保障"):
        assert part in drawn
    assert "policy_limit" not in drawn and "make_up" not in drawn


def test_past_clocks_are_one_line() -> None:
    drawn = case_card(visit(), CASE)
    assert "已结束 1 段，超期 1 段" in text(drawn) and "已结束" not in text(case_card(visit(), CASE | {"clocks": CASE["clocks"][:1]}))


@pytest.mark.parametrize(("role", "sees"), [("dispatcher", []), ("duty_chief", ["c1"])])
def test_the_way_back_of_another_is_a_chiefs(role: str, sees: list[str]) -> None:
    last = {"command": "c1", "verb": "reassign", "who": "somebody", "name": "S. Body", "until": 5}
    assert marked(case_card(visit(role), CASE | {"undo": last}, actions=True), "data-undo") == sees
    assert marked(case_card(visit(role), CASE | {"undo": last | {"who": ""}}, actions=True), "data-undo") == ["c1"]


def test_what_was_undone_is_struck_out_and_stays() -> None:
    note = {"type": "case.noted", "at": "2026-01-01T00:00:00+00:00", "note": "打过电话", "undone": True}
    undo = note | {"type": "case.corrected", "note": ""}
    drawn = case_card(visit(), CASE | {"timeline": [note, undo]})
    struck = [text(x) for x in walk(drawn) if type(x).__name__ == "Del"]
    assert len(struck) == 1 and "打过电话" in struck[0]
    assert "撤回" in text(drawn) and "撤销" in text(drawn) and "更正" not in text(drawn)
