"""Undo: state, alarms and all clocks are what they would be without the undone command; who may, until when, and only if nobody else acted
since.
"""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.access.role import User
from dashboard.cases import command as commands
from dashboard.cases.alarm import Alarm, follow
from dashboard.cases.case import Case
from dashboard.cases.event import Event, decode_data, placed
from dashboard.cases.fold import fold
from dashboard.cases.refusal import Refusal
from dashboard.cases.standing import standing
from dashboard.cases.verb import UNDO_WITHIN, VERBS
from dashboard.clock import DAY, HOUR, MINUTE, SECOND, iso
from dashboard.clocks.explain import clocks, hand_over, history
from dashboard.engine.apply import apply
from dashboard.engine.decide import Rules, decide
from dashboard.engine.merge import leader
from dashboard.engine.undo import AUDIT
from dashboard.places.route import Routing
from dashboard.ports.ledger import Outcome
from tests.made import CITY, SLA, T0, case, command, event

RULES = Rules(CITY, Routing([], CITY), SLA)
CHIEF = User("p1", "P. One", "duty_chief", "c")
OTHER = User("p2", "P. Two", "dispatcher", "c")
WHY = {"reason": "nearer"}


class Desk:
    """Cases A and L and what has happened to them (port `CaseHistory`), each event through pin, fold, alarms and merge as in the engine."""

    def __init__(self) -> None:
        self.wall = T0
        self.told: dict[str, list[Event]] = {case("A"): [], case("L"): []}
        self.states: dict[str, Case] = {}
        self.raised: dict[tuple[str, str], Alarm] = {}
        self.outcomes: dict[str, Outcome] = {}

    @property
    def done(self) -> list[Event]:
        return self.told[case("A")]

    @property
    def state(self) -> Case | None:
        return self.states.get(case("A"))

    def events(self, case: str) -> list[Event]:
        return self.told[case]

    def outcome(self, command: str) -> Outcome | None:
        return self.outcomes.get(command)

    def case(self, case: str) -> Case | None:
        return self.states.get(case)

    def alarms(self, case: str) -> list[Alarm]:
        return [a for a in self.raised.values() if a.case == case and a.ended is None]

    def happen(self, type_: str, after: int = MINUTE, subject: str = "A", **data: Any) -> None:
        self.wall += after
        e = event(type_, self.wall, subject, **data)
        made = apply(e, self.states.get(e.case), RULES.sla)
        assert not isinstance(made, Refusal), made
        self._keep(*made)

    def _keep(self, e: Event, after: Case) -> None:
        e = placed(e, 0, after.version, self.wall + DAY)  # the machine's time, which no rule asks for
        assert decode_data(e.type, e.raw) == e.data, "as it is read again"
        self.told[e.case].append(e)
        step = e, self.states.get(e.case), after
        self.states[e.case] = after
        self.raised |= {a.key: a for a in follow(self.raised.values(), [step], self.wall)}
        led = leader(e, after, self, SLA)
        if led is not None:
            self._keep(*led)

    def ask(self, verb: str, data: dict[str, Any], who: User = CHIEF, after: int = MINUTE, subject: str = "A") -> Refusal | str:
        """The command's id, or why not."""
        self.wall += after
        on = self.states[case(subject)]
        body = command(verb, on.case, on.version, msgspec.to_builtins(who), data)
        wanted = commands.decode(body)
        made = decide(wanted, on, RULES, self.wall, self)
        if isinstance(made, Refusal):
            return made
        for each in made:
            self._keep(*each)
        self.outcomes[wanted.id] = Outcome(wanted.id, on.case, verb, who, self.wall, "", "accepted")
        return wanted.id


def desk(*steps: str, severity: str = "normal") -> Desk:
    """L, which may lead A, is reported first: its promise is the stricter one until it is extended."""
    made = Desk()
    for subject in "LA":
        at = made.wall + MINUTE
        told = {"category": "010101", "severity": severity, "channel": "other", "place": {"grid": "g1"}, "intake": _intake(at, severity)}
        made.happen("case.reported", subject=subject, **told)
    for step in steps:
        made.happen(f"case.{step}")
    return made


def _intake(at: int, severity: str) -> dict[str, Any]:
    policy, promise = SLA.promise(at, "010101", severity, None)
    return {"promise": msgspec.to_builtins(promise), "policy": policy, "severity": severity}


def bare(state: Case | None) -> dict[str, Any]:
    assert state is not None
    return {k: v for k, v in msgspec.structs.asdict(state).items() if k not in AUDIT}


def assert_same(one: Desk, twin: Desk) -> None:
    """Both cases, their clocks and their alarms are what they are at a desk that never gave the commands which `one` has undone."""
    assert one.states.keys() == twin.states.keys()
    now = one.wall + HOUR
    for on, state in one.states.items():
        events, others = one.told[on], twin.told[on]
        assert bare(state) == bare(twin.states[on])
        assert clocks(events, state, SLA, now) == clocks(others, twin.states[on], SLA, now)
        assert hand_over(history(events), now) == hand_over(history(others), now)
        assert [e.type for e in standing(events)] == [e.type for e in standing(others)]
        assert _unread(one, on) == _unread(twin, on)


def _unread(made: Desk, on: str) -> list[tuple[Any, ...]]:
    return [(a.kind, a.level, a.to, a.at) for a in made.alarms(on)]


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
        "return_refuse": WHY, "file": {}, "close": {}, "void": WHY, "note": {"text": "hm"}, "acknowledge": {},
        "accept": {}, "merge": {"into": case("L")} | WHY, "unmerge": {},
    }  # fmt: skip


def test_every_verb_that_is_undoable_is_tried_here() -> None:
    tried = {*commands_at(0), "designate"}  # the same effect as `reassign`, under another right
    assert tried == {name for name, verb in VERBS.items() if verb.undoable}


ACTS = st.lists(st.tuples(st.sampled_from(sorted(commands_at(0))), st.sampled_from(["kept", "undone", "remarked"])), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(COURSES), st.sampled_from(["normal", "danger"]), ACTS)
def test_all_is_as_it_would_be_without_it(course: tuple[str, ...], severity: str, acts: list[tuple[str, str]]) -> None:
    """Commands one after the other, some undone at once or under an own note; the twin never gave those."""
    course = () if severity == "danger" and "suspended" in course else course
    one, twin = desk(*course, severity=severity), desk(*course, severity=severity)
    undone = 0
    for verb, fate in acts:
        data, had = commands_at(one.wall)[verb], len(one.done)
        done = one.ask(verb, data, after=SECOND)
        if isinstance(done, str) and fate != "kept":
            twin.wall = one.wall
            undone += len(one.done) - had + 1
            if fate == "remarked":
                assert isinstance(one.ask("note", {"text": "hm"}), str) and isinstance(twin.ask("note", {"text": "hm"}), str)
            assert isinstance(one.ask("undo", {"command": done}), str)
            twin.wall = one.wall
        elif isinstance(done, str):
            assert isinstance(twin.ask(verb, data, after=SECOND), str)
        else:
            twin.wall = one.wall
    assert_same(one, twin)
    assert len(one.done) == len(twin.done) + undone, "the audit keeps both"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(COURSES), st.lists(st.sampled_from(sorted(commands_at(0))), min_size=1, max_size=4))
def test_the_whole_stack_goes_back_one_by_one(course: tuple[str, ...], verbs: list[str]) -> None:
    """The last first, as Z takes them: at its end nothing has happened."""
    one, twin = desk(*course), desk(*course)
    given_ = [one.ask(verb, commands_at(one.wall)[verb], after=SECOND) for verb in verbs]
    for done in reversed([g for g in given_ if isinstance(g, str)]):
        assert isinstance(one.ask("undo", {"command": done}, after=SECOND), str)
    twin.wall = one.wall
    assert_same(one, twin)


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


def test_ones_own_note_or_acknowledgement_is_not_in_the_way_and_stays() -> None:
    made = desk("accepted", "dispatched", severity="danger")
    done = made.ask("reassign", {"to": "u2"} | WHY, OTHER)
    assert isinstance(made.ask("note", {"text": "hm"}, OTHER), str)
    seen = made.ask("acknowledge", {}, OTHER)
    assert isinstance(seen, str) and made.state is not None
    quiet = made.state.quiet_until
    assert isinstance(made.ask("undo", {"command": done}, OTHER), str)
    assert (made.state.owner, made.state.quiet_until) == ("u1", quiet)
    assert [e.type for e in standing(made.done)][-2:] == ["case.noted", "case.acknowledged"]
    made.ask("undo", {"command": seen}, OTHER)
    assert [a.kind for a in made.alarms(case())] == ["new_danger"], "and the alarm stands again"
    assert made.state.quiet_until is None


def test_a_source_that_gives_itself_the_desks_name_is_in_the_way() -> None:
    made = desk("accepted", "dispatched")
    done = made.ask("urge", WHY)
    made.happen("case.noted", by=CHIEF.id)
    refused(made.ask("undo", {"command": done}), "conflict")


def test_an_acknowledgement_needs_an_alarm_that_waits_for_it() -> None:
    made = desk("accepted")
    assert "A" in refused(made.ask("acknowledge", {}), "not_allowed")
    made.ask("escalate", {"level": "duty_chief"} | WHY, OTHER)
    refused(made.ask("acknowledge", {}, OTHER), "not_allowed")  # of one's own, and above a dispatcher's reach
    refused(made.ask("acknowledge", {}, User("p3", "P. Three", "dispatcher", "c")), "not_allowed")
    version = made.states[case()].version
    assert isinstance(made.ask("acknowledge", {}), str) and made.states[case()].version == version + 1
    refused(made.ask("acknowledge", {}), "not_allowed")


def test_what_ended_with_its_case_stands_again_when_that_is_undone() -> None:
    made = desk("accepted", severity="danger")
    done = made.ask("void", WHY)
    assert made.alarms(case()) == []
    made.ask("undo", {"command": done})
    assert [(a.kind, a.acknowledged) for a in made.alarms(case())] == [("new_danger", None)]


def test_a_merge_goes_back_for_both_though_somebody_has_acted_on_the_leader() -> None:
    made, twin = desk("extended"), desk("extended")
    for d in (made, twin):
        d.ask("extend", {"hours": 9} | WHY, subject="L")
    merged = made.ask("merge", {"into": case("L")} | WHY, OTHER)
    own = made.states[case("L")].due
    for d in (made, twin):
        assert isinstance(d.ask("extend", {"hours": 3} | WHY, CHIEF, subject="L"), str)
    assert own != twin.states[case("L")].due
    assert isinstance(made.ask("undo", {"command": merged}, OTHER), str)
    assert [e.type for e in made.told[case("L")]][-1] == "case.duplicate_left", "what the chief did is kept"
    lead, theirs = made.states[case("L")], twin.states[case("L")]
    assert (lead.due, lead.duplicates, lead.took) == (theirs.due, [], 0)


def test_the_end_of_a_merge_is_not_undone_into_a_case_that_leads_nothing_more() -> None:
    made = desk()
    made.ask("merge", {"into": case("L")} | WHY)
    parted = made.ask("unmerge", {})
    made.happen("case.voided", subject="L")
    refused(made.ask("undo", {"command": parted}), "bad_target")


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
