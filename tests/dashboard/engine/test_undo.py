"""Undo: state and all clocks are what they would be without the undone command; who may, until when, and only if nobody acted since."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.access.role import User
from dashboard.cases import command as commands
from dashboard.cases.case import Case
from dashboard.cases.event import Event, decode_data, placed
from dashboard.cases.fold import fold, standing
from dashboard.cases.refusal import Refusal
from dashboard.cases.verb import UNDO_WITHIN
from dashboard.clock import DAY, HOUR, MINUTE, SECOND, iso
from dashboard.clocks.explain import clocks, hand_over, history
from dashboard.engine.apply import apply
from dashboard.engine.decide import Rules, decide
from dashboard.engine.undo import AUDIT
from dashboard.places.route import Routing
from dashboard.ports.ledger import Outcome
from tests.made import CITY, SLA, T0, case, command, event

RULES = Rules(CITY, Routing([], CITY), SLA)
CHIEF = User("p1", "P. One", "duty_chief", "c")
OTHER = User("p2", "P. Two", "dispatcher", "c")
WHY = {"reason": "nearer"}


class Desk:
    """One case and what has happened to it (port `CaseHistory`), every event through pin and fold as in the engine."""

    def __init__(self) -> None:
        self.wall = T0
        self.done: list[Event] = []
        self.outcomes: dict[str, Outcome] = {}
        self.state: Case | None = None

    def events(self, case: str) -> list[Event]:
        return self.done

    def outcome(self, command: str) -> Outcome | None:
        return self.outcomes.get(command)

    def case(self, case: str) -> Case | None:
        return self.state

    def happen(self, type_: str, after: int = MINUTE, **data: Any) -> None:
        self.wall += after
        e = event(type_, self.wall, **data)
        made = apply(e, self.state, RULES.sla)
        assert not isinstance(made, Refusal), made
        self._keep(*made)

    def _keep(self, e: Event, after: Case) -> None:
        e = placed(e, 0, after.version, self.wall + DAY)  # the machine's time, which no rule asks for
        assert decode_data(e.type, e.raw) == e.data, "as it is read again"
        self.done.append(e)
        self.state = after

    def ask(self, verb: str, data: dict[str, Any], who: User = CHIEF, after: int = MINUTE) -> Refusal | str:
        """The command's id, or why not."""
        assert self.state is not None
        self.wall += after
        body = command(verb, case(), self.state.version, msgspec.to_builtins(who), data)
        wanted = commands.decode(body)
        made = decide(wanted, self.state, RULES, self.wall, self)
        if isinstance(made, Refusal):
            return made
        for each in made:
            self._keep(*each)
        self.outcomes[wanted.id] = Outcome(wanted.id, case(), verb, who, self.wall, "", "accepted")
        return wanted.id


def desk(*steps: str) -> Desk:
    made = Desk()
    made.happen("case.reported", category="010101", severity="normal", channel="other", place={"grid": "g1"}, intake=_intake())
    for step in steps:
        made.happen(f"case.{step}")
    return made


def _intake() -> dict[str, Any]:
    policy, promise = SLA.promise(T0 + MINUTE, "010101", "normal", None)
    return {"promise": msgspec.to_builtins(promise), "policy": policy, "severity": "normal"}


def bare(state: Case | None) -> dict[str, Any]:
    assert state is not None
    return {k: v for k, v in msgspec.structs.asdict(state).items() if k not in AUDIT}


COURSES = [
    (), ("accepted",), ("accepted", "dispatched"), ("accepted", "dispatched", "signed"), ("accepted", "dispatched", "signed", "suspended"),
    ("accepted", "dispatched", "return_requested"), ("accepted", "dispatched", "signed", "return_requested"),
    ("accepted", "dispatched", "return_requested", "return_approved"),
    ("accepted", "dispatched", "signed", "handled", "check_requested", "checked"),
]  # fmt: skip


def commands_at(now: int) -> dict[str, dict[str, Any]]:
    return {
        "reassign": {"to": "u2"} | WHY, "escalate": {"level": "duty_chief"} | WHY, "urge": WHY, "supervise": WHY,
        "extend": {"hours": 7, "mode": "work_hours"} | WHY, "suspend": {"until": iso(now + DAY)} | WHY, "resume": {}, "return_approve": WHY,
        "return_refuse": WHY, "file": {}, "close": {}, "void": WHY, "accept": {},
    }  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(COURSES), st.lists(st.tuples(st.sampled_from(sorted(commands_at(0))), st.booleans()), min_size=1, max_size=6))
def test_state_and_clocks_are_what_they_would_be_without_it(course: tuple[str, ...], acts: list[tuple[str, bool]]) -> None:
    """Commands one after the other, some undone at once; the twin never gave those."""
    one, twin = desk(*course), desk(*course)
    undone = 0
    for verb, back in acts:
        data = commands_at(one.wall)[verb]
        done = one.ask(verb, data)
        if isinstance(done, str) and back:
            undone += 1
            assert isinstance(one.ask("undo", {"command": done}), str)
            twin.wall = one.wall
        elif isinstance(done, str):
            assert isinstance(twin.ask(verb, data), str)
        else:
            twin.wall = one.wall
    assert one.state is not None and twin.state is not None
    assert bare(one.state) == bare(twin.state)
    now = one.wall + HOUR
    assert clocks(one.done, one.state, SLA, now) == clocks(twin.done, twin.state, SLA, now)
    assert hand_over(history(one.done), now) == hand_over(history(twin.done), now)
    assert [e.type for e in standing(one.done)] == [e.type for e in twin.done]
    assert len(one.done) == len(twin.done) + 2 * undone, "the audit keeps both"


def test_a_chain_of_events_folds_again_to_the_same_case() -> None:
    made = desk("accepted", "dispatched")
    done = made.ask("extend", {"hours": 5} | WHY)
    made.ask("undo", {"command": done})
    again: Any = None
    for e in made.done:
        again = fold(e, again)
    assert again == made.state


def refused(result: Refusal | str, code: str) -> str:
    assert isinstance(result, Refusal), result
    assert result.code == code, result
    return result.message


def test_only_within_five_minutes() -> None:
    made = desk("accepted", "dispatched")
    assert isinstance(made.ask("undo", {"command": made.ask("urge", WHY)}, after=UNDO_WITHIN), str)
    late = made.ask("urge", WHY)
    assert "5 minutes" in refused(made.ask("undo", {"command": late}, after=UNDO_WITHIN + SECOND), "not_allowed")


def test_only_the_own_one_or_a_chief() -> None:
    made = desk("accepted", "dispatched")
    assert "P. One" in refused(made.ask("undo", {"command": made.ask("urge", WHY)}, OTHER), "not_allowed")
    theirs = made.ask("urge", WHY, OTHER)
    assert isinstance(made.ask("undo", {"command": theirs}, CHIEF), str)


def test_only_if_nobody_has_acted_since() -> None:
    made = desk("accepted", "dispatched")
    first = made.ask("reassign", {"to": "u2"} | WHY)
    made.happen("case.signed")
    assert "case.signed" in refused(made.ask("undo", {"command": first}), "conflict")
    second = made.ask("urge", WHY)
    made.ask("note", {"text": "hm"}, OTHER)
    assert "P. Two did case.noted" in refused(made.ask("undo", {"command": second}), "conflict")


@pytest.mark.parametrize("verb", ["note", "acknowledge"])
def test_what_is_said_is_said(verb: str) -> None:
    made = desk("accepted")
    refused(made.ask("undo", {"command": made.ask(verb, {"text": "hm"})}), "not_allowed")


def test_an_undo_is_not_undone_and_what_is_undone_is_not_undone_twice() -> None:
    made = desk("accepted", "dispatched")
    done = made.ask("urge", WHY)
    undo = made.ask("undo", {"command": done})
    refused(made.ask("undo", {"command": undo}), "not_allowed")
    refused(made.ask("undo", {"command": done}), "conflict")
    refused(made.ask("undo", {"command": "somebody-elses"}), "invalid")


def test_a_source_cannot_put_anything_back() -> None:
    made = desk("accepted", "dispatched")
    before = bare(made.state)
    made.happen("case.corrected", undoes="e", restored={"owner": "thief"})
    assert bare(made.state) == before
    assert [e.type for e in standing(made.done)][-1] == "case.corrected"
