"""Commands: who may, where, at which version, to whom (DOMAIN.md 5 and 6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.cases import command as commands
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.envelope import Malformed
from dashboard.cases.event import Event
from dashboard.cases.possible import possible
from dashboard.cases.refusal import Refusal
from dashboard.cases.stage import Level, Stage
from dashboard.clock import DAY, HOUR, iso
from dashboard.engine.decide import Effects, Rules, decide
from dashboard.places.route import Route, Routing
from dashboard.places.unit import Unit, UnitTree
from tests.made import CITY, SLA, T0, UNITS, case, command, event

FREE = Rules(CITY, Routing([], CITY), SLA)
ROUTED = Rules(CITY, Routing([Route("u1", "03", "d1"), Route("u2", "03", "d2"), Route("u3", "02", "c")], CITY), SLA)
WHY = {"reason": "nearer"}
DATA: dict[str, dict[str, Any]] = {
    "reassign": {"to": "u2"} | WHY, "escalate": {"level": "duty_chief"} | WHY, "urge": WHY, "supervise": WHY, "extend": {"hours": 2} | WHY,
    "suspend": {"until": iso(T0 + HOUR)} | WHY, "resume": {}, "return_approve": WHY, "return_refuse": WHY, "note": {"text": "hm"},
    "designate": {"to": "u2"} | WHY, "acknowledge": {}, "file": {}, "close": {}, "void": WHY, "accept": {},
}  # fmt: skip
# Written from DOMAIN.md 6 and CONTRACT.md: role -> what it may.
DESK = "accept reassign escalate urge extend suspend resume return_approve return_refuse note acknowledge"
MAY = {
    "commander": "escalate supervise note designate acknowledge", "duty_chief": f"{DESK} supervise designate file close void",
    "dispatcher": DESK, "supervisor": "urge supervise note",
    "leader": "", "wall": "", "api": "", "nobody": "", "": "",
}  # fmt: skip


def actor(role: str = "duty_chief", unit: str = "c") -> dict[str, str]:
    return {"id": "p1", "name": "P. One", "role": role, "unit": unit}


def a_case(**over: Any) -> Case:
    values: dict[str, Any] = {
        "case": case(), "workflow": "grid", "version": 3, "pos": 9, "stage": Stage.SIGNED, "severity": 0, "category": "030101",
        "channel": "other", "reported": T0, "grid": "g1", "owner": "u1", "last_at": T0 + 5, "last_type": "case.signed", "due": T0 + 1000,
    }  # fmt: skip
    return Case(**(values | over))


def ask(
    verb: str, on: Case | None = None, data: dict[str, Any] | None = None, rules: Rules = FREE, **who: str
) -> Effects | Refusal:
    target = on or a_case()
    body = command(verb, target.case, target.version, actor(**who), DATA.get(verb, {}) if data is None else data)
    return decide(commands.decode(body), target, rules, T0 + 100, Nothing())


class Nothing:
    """A history of a city in which nothing has happened but an alarm of every case (port `CaseHistory`)."""

    def events(self, case: str) -> list[Event]:
        return []

    def outcome(self, command: str) -> None:
        return None

    def case(self, case: str) -> None:
        return None

    def alarms(self, case: str) -> list[Alarm]:
        return [Alarm(case, "a", "new_danger", 0, T0)]


READY: dict[str, dict[str, Any]] = {
    "resume": {"suspended": T0}, "return_approve": {"pending": "return"}, "return_refuse": {"pending": "return"},
    "designate": {"returns": 2}, "file": {"stage": Stage.ACCEPTED}, "close": {"stage": Stage.CHECKING, "passed": True},
    "accept": {"stage": Stage.REPORTED},
}  # fmt: skip
"""What must be so before a verb makes sense."""


def yes(result: Effects | Refusal) -> tuple[Event, Case]:
    """The last effect: what the command is for."""
    assert not isinstance(result, Refusal), result
    return result[-1]


def no(result: Effects | Refusal, code: str) -> Refusal:
    assert isinstance(result, Refusal), result
    assert result.code == code, result
    return result


@pytest.mark.parametrize("verb", DATA)
@pytest.mark.parametrize("role", MAY)
def test_who_may_what(role: str, verb: str) -> None:
    result = ask(verb, a_case(**READY.get(verb, {})), role=role)
    if verb in MAY[role].split():
        made, after = yes(result)
        assert (after.version, made.cause, made.id, made.actor) == (4, made.id, made.cause, "P. One")
        assert made.data.by == "p1"
    else:
        no(result, "forbidden")


@pytest.mark.parametrize(
    ("unit", "grid", "owner", "allowed"),
    [("c", "g1", "u1", True), ("d1", "g1", "u2", True), ("d1", "g2", "u1", True), ("d1", "g2", "u2", False), ("d1", None, None, False),
     ("c", None, None, True), ("c", "new", "new", True), ("d1", "new", "new", False), ("u1", "g2", "u1", True), ("gone", "g1", "u1", False),
     ("", "g1", "u1", False)],
)  # fmt: skip
def test_nobody_acts_outside_the_own_subtree(unit: str, grid: str | None, owner: str | None, allowed: bool) -> None:
    result = ask("note", a_case(grid=grid, owner=owner), unit=unit)
    if allowed:
        yes(result)
    else:
        no(result, "forbidden")


def test_the_loser_of_a_conflict_learns_who_what_and_when() -> None:
    on = a_case(last_actor="Ms Faster", last_type="case.reassigned", owner="u2")
    late = commands.decode(command("note", on.case, 2, actor()))
    refusal = no(decide(late, on, FREE, T0, Nothing()), "conflict")
    assert "Ms Faster" in refusal.message
    assert "case.reassigned" in refusal.message
    assert refusal.current == {
        "version": 3, "stage": "SIGNED", "owner": "u2", "level": "none", "who": "Ms Faster", "type": "case.reassigned", "at": T0 + 5,
    }  # fmt: skip


def test_a_conflict_with_the_source_names_the_source() -> None:
    late = commands.decode(command("note", case(), 4, actor()))
    assert "/12345" in no(decide(late, a_case(), FREE, T0, Nothing()), "conflict").message


def test_role_comes_before_version_and_case() -> None:
    unknown = commands.decode(command("note", "12345~none", 1, actor("wall")))
    no(decide(unknown, None, FREE, T0, Nothing()), "forbidden")
    allowed = commands.decode(command("note", "12345~none", 1, actor()))
    no(decide(allowed, None, FREE, T0, Nothing()), "unknown_case")


@pytest.mark.parametrize("to", ["u9", "", None, 5, [], {"a": 1}])
def test_a_target_that_is_not_known(to: Any) -> None:
    no(ask("reassign", data={"to": to} | WHY), "bad_target")


def test_a_target_outside_the_jurisdiction() -> None:
    assert "jurisdiction" in no(ask("reassign", data={"to": "u2"} | WHY, unit="d1"), "bad_target").message


def test_a_target_that_has_it_already() -> None:
    assert "already" in no(ask("reassign", data={"to": "u1"} | WHY), "bad_target").message


@pytest.mark.parametrize(("to", "grid", "category", "serves"), [
    ("u1", "g1", "030101", True), ("u1", "g2", "030101", False), ("u2", "g2", "030101", True), ("u2", "g1", "030101", False),
    ("u3", "g1", "030101", False), ("u3", "g1", "020101", True), ("u3", "g2", "02", True), ("u1", "g1", "020101", False),
])  # fmt: skip
def test_the_routing_table_decides_who_can_take_it(to: str, grid: str, category: str, serves: bool) -> None:
    result = ask("reassign", a_case(owner=None, stage=Stage.ACCEPTED, grid=grid, category=category), {"to": to} | WHY, ROUTED)
    if serves:
        assert yes(result)[1].owner == to
    else:
        assert "serve" in no(result, "bad_target").message


def test_a_case_that_nobody_owns_is_dispatched_an_owned_one_changes_hands() -> None:
    assert yes(ask("reassign"))[0].type == "case.reassigned"
    assert yes(ask("reassign", a_case(owner=None, stage=Stage.ACCEPTED)))[0].type == "case.dispatched"


@pytest.mark.parametrize("verb", ["reassign", "escalate", "urge", "supervise", "extend", "suspend", "return_approve", "return_refuse"])
@pytest.mark.parametrize("reason", [None, "", "  ", 5, []])
def test_a_reason_is_needed(verb: str, reason: Any) -> None:
    no(ask(verb, data=DATA[verb] | {"reason": reason}), "invalid")


@pytest.mark.parametrize(("verb", "data"), [
    ("extend", {"hours": "many"}), ("extend", {"hours": -1}), ("extend", {}), ("suspend", {"until": "tomorrow"}), ("suspend", {}),
    ("suspend", {"until": "0001-01-01T00:00:00"}), ("escalate", {"level": "god"}),
    ("escalate", {"level": []}), ("escalate", {"level": "none"}),
    ("note", {"text": 5}), ("note", {"text": "x" * 10_241}), ("note", {"text": "字" * 3_414}), ("note", {"text": " \n"}), ("note", {}),
    ("supervise", {"reply_due": 7}), ("urge", {"to": ""}), ("explode", {}), ("urge", {"text": []}), ("urge", {"reason": "x" * 501}),
    ("supervise", {"reply_due": iso(T0)}), ("supervise", {"reply_due": "2030-01-01T00:00:00"}), ("supervise", {"level": "god"}),
    ("extend", {"hours": 24 * 91}), ("extend", {"hours": 0}), ("extend", {"hours": 1, "mode": "moons"}),
    ("suspend", {"until": iso(T0)}), ("suspend", {"until": iso(T0 + 91 * DAY)}), ("undo", {}), ("undo", {"command": "none"}),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_and_stops_nothing(verb: str, data: dict[str, Any]) -> None:
    no(ask(verb, data=WHY | data), "invalid")


def test_the_workflow_has_the_last_word() -> None:
    no(ask("reassign", a_case(stage=Stage.CLOSED, closed=T0)), "not_allowed")
    no(ask("suspend", a_case(severity=2)), "not_allowed")
    no(ask("resume"), "not_allowed")
    no(ask("return_approve"), "not_allowed")
    no(ask("return_refuse"), "not_allowed")
    no(ask("designate"), "not_allowed")
    no(ask("close", a_case(stage=Stage.CHECKING)), "not_allowed")
    no(ask("escalate", a_case(level=Level.commander)), "not_allowed")


def test_free_text_is_kept_beside_the_reason_and_masked() -> None:
    made, _ = yes(ask("urge", data=WHY | {"text": "call 13812345678 😀 <b>now</b>"}))
    assert json.loads(made.raw) == {"reason": "nearer", "text": "call ■■■ 😀 <b>now</b>", "by": "p1"}
    assert yes(ask("note", data={"text": "x" * 10_240}))[0].data.text == "x" * 10_240


def test_a_long_promise_that_looks_like_a_phone_number_is_not_masked() -> None:
    """Limits are in ms: 180 days are 15,552,000,000."""
    long = a_case(due=T0 + 180 * DAY, limit=180 * DAY - 2 * HOUR, mode="24x7")
    assert yes(ask("extend", long))[1].limit == 15_552_000_000


def test_in_arbitration_the_duty_chief_reassigns_and_nobody_returns() -> None:
    on = a_case(returns=2)
    assert "duty chief" in no(ask("reassign", on, role="dispatcher"), "not_allowed").message
    assert yes(ask("reassign", on))[1].owner == yes(ask("designate", on, role="commander"))[1].owner == "u2"
    moves = [{"reassign", "designate"} & set(possible(c)) for c in (on, a_case())]
    assert moves == [{"designate"}, {"reassign"}]


REPORTED = {"stage": Stage.REPORTED, "owner": None, "version": 1}


def test_a_reported_case_is_accepted_and_dispatched_in_one_step() -> None:
    """DOMAIN.md 5: reassign accepts in the same step where needed."""
    on = a_case(**REPORTED)
    made = ask("reassign", on, role="dispatcher")
    assert not isinstance(made, Refusal)
    assert [(e.type, state.version, Stage(state.stage).name) for e, state in made] == [
        ("case.accepted", 2, "ACCEPTED"), ("case.dispatched", 3, "DISPATCHED"),
    ]  # fmt: skip
    (accepted, _), (dispatched, _) = made
    assert accepted.cause == dispatched.cause == dispatched.id != accepted.id
    assert accepted.at == dispatched.at
    simple = ask("reassign", a_case(**REPORTED | {"workflow": "simple"}))
    assert not isinstance(simple, Refusal)
    assert [e.type for e, _ in simple] == ["case.dispatched"], "a workflow that asks for no acceptance gets none"


@pytest.mark.parametrize("workflow", ["grid", "simple"])
def test_what_is_accepted_is_not_accepted_again(workflow: str) -> None:
    on = a_case(**REPORTED | {"workflow": workflow})
    assert yes(ask("accept", on, role="dispatcher"))[1].stage == Stage.ACCEPTED
    assert "accept" in possible(on)
    later = a_case(workflow=workflow)
    no(ask("accept", later), "not_allowed")
    assert "accept" not in possible(later)


def test_a_dispatcher_voids_a_report_and_nothing_that_was_accepted() -> None:
    assert yes(ask("void", a_case(**REPORTED), role="dispatcher"))[1].stage == Stage.VOIDED
    refused = no(ask("void", a_case(stage=Stage.ACCEPTED), role="dispatcher"), "forbidden")
    assert "duty_chief" in refused.message
    no(ask("void", a_case(**REPORTED), data={}), "invalid")


def test_what_is_possible_is_what_the_engine_allows_of_a_reported_case() -> None:
    on = a_case(**REPORTED)
    assert {verb for verb in DATA if not isinstance(ask(verb, on), Refusal)} == set(possible(on)) & set(DATA)


def test_a_unit_that_is_no_more_is_no_target() -> None:
    tree = UnitTree([*UNITS, Unit("u9", "Old", "department", "c", valid_to=T0)])
    rules = Rules(tree, Routing([], tree), SLA)
    assert "does not exist" in no(ask("reassign", data={"to": "u9"} | WHY, rules=rules), "bad_target").message


def test_every_refusal_says_what_to_do() -> None:
    """Who, what, and after a colon or semicolon what to do."""
    refusals = [
        ask("note", role="leader"), ask("note", unit="d2"), ask("reassign", data={"to": "u9"} | WHY), ask("urge", data={}), ask("resume"),
        ask("escalate", a_case(level=3)), ask("reassign", data={"to": "u1"} | WHY), ask("reassign", rules=ROUTED), ask("extend", data=WHY),
        ask("designate"), ask("undo", data={"command": "none"}), ask("suspend", data=WHY | {"until": iso(T0)}),
    ]  # fmt: skip
    for refused in refusals:
        assert isinstance(refused, Refusal)
        assert ":" in refused.message or ";" in refused.message, refused


def test_an_effect_never_lies_before_what_it_follows() -> None:
    made, after = yes(ask("note", a_case(last_at=T0 + 500)))
    assert made.at == T0 + 500
    assert after.flags == []


def test_the_digest_tells_another_wish_from_a_repeat() -> None:
    def digest(verb: str = "note", case_: str = case(), version: int = 3, who: str = "c", data: dict[str, Any] | None = None) -> str:
        return commands.decode(command(verb, case_, version, actor(unit=who), data or {"text": "a", "reason": "b"})).digest

    assert digest() == digest(data={"reason": "b", "text": "a"}), "the order of members says nothing"
    assert digest() == digest(version=4), "sent again after looking again: the same ask"
    others = {
        digest(verb="urge"),
        digest(case_=case("B")),
        digest(data={"text": "b"}),
        digest(data={"text": "a", "reason": "b", "x": None}),
    }
    assert digest() not in others
    assert len(others) == 4


@pytest.mark.parametrize("data", [
    {}, {"case": "12345~A"}, {"case": "12345~A", "expected_version": 1}, {"case": 5, "expected_version": 1, "actor": actor()},
    {"case": "12345~A", "expected_version": "1", "actor": actor()}, {"case": "12345~A", "expected_version": 1, "actor": "me"},
    {"case": "x" * 131, "expected_version": 1, "actor": actor()}, {"case": "", "expected_version": 1, "actor": actor()},
])  # fmt: skip
def test_commands_without_a_case_version_or_actor_cannot_be_read(data: dict[str, Any]) -> None:
    from tests.made import entry

    with pytest.raises(Malformed) as refused:
        commands.decode(entry("command.note", data=data, source="/desk"))
    assert refused.value.code == "bad_data"


def test_the_made_event_can_be_stored_and_folded_again() -> None:
    from dashboard.cases.event import decode_data
    from dashboard.cases.fold import fold

    for verb in DATA:
        on = a_case(**READY.get(verb, {}))
        made, after = yes(ask(verb, on))
        assert decode_data(made.type, made.raw) == made.data
        assert fold(made, on) == after
    assert event("case.noted").case == case()
