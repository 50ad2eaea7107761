"""The fold: every step of both workflows, allowed and refused, and what each leaves behind (DOMAIN.md 2)."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases.case import Case
from dashboard.cases.event import Event, decode_data
from dashboard.cases.event_data import TYPES
from dashboard.cases.fold import UNREPORTED, fold
from dashboard.cases.refusal import Refusal
from dashboard.cases.stage import Level, Severity, Stage
from dashboard.clock import HOUR, iso, ms
from tests.made import DATA, LATEST, SLA, SOURCE, T0, case, event, new_id

STAGE = [s.name for s in Stage]
OPEN = "REPORTED ACCEPTED FILED DISPATCHED SIGNED HANDLED CHECKING"
EVERY = f"{OPEN} CLOSED VOIDED"

# Written from DOMAIN.md, section 2: type -> (stages in which it may happen, stage it leads to; "" = stays).
OVERLAYS = {
    "case.urged": (OPEN, ""), "case.supervised": (OPEN, ""), "case.escalated": (OPEN, ""), "case.noted": (EVERY, ""),
    "case.corrected": (EVERY, ""), "case.merged": (OPEN, ""), "case.unmerged": (OPEN, ""), "case.extended": (OPEN, ""),
    "case.suspended": (OPEN, ""), "case.sla_breached": (OPEN, ""), "case.voided": (OPEN, "VOIDED"),
    "case.acknowledged": (OPEN, ""), "case.recalculated": (OPEN, ""),
    "case.reopened": ("CLOSED VOIDED", "DISPATCHED"), "case.duplicate_joined": (OPEN, ""), "case.duplicate_left": (EVERY, ""),
    "case.duplicate_moved": (OPEN, ""),
}  # fmt: skip
GRID = OVERLAYS | {
    "case.accepted": ("REPORTED", "ACCEPTED"), "case.filed": ("ACCEPTED", "FILED"),
    "case.dispatched": ("ACCEPTED FILED DISPATCHED SIGNED", "DISPATCHED"), "case.signed": ("DISPATCHED", "SIGNED"),
    "case.handled": ("SIGNED", "HANDLED"), "case.check_requested": ("HANDLED", "CHECKING"), "case.checked": ("CHECKING", ""),
    "case.closed": ("CHECKING", "CLOSED"), "case.reassigned": ("DISPATCHED SIGNED", "DISPATCHED"),
    "case.return_requested": ("DISPATCHED SIGNED", ""), "case.return_refused": ("DISPATCHED SIGNED", ""),
    "case.return_approved": ("DISPATCHED SIGNED", "ACCEPTED"),
}  # fmt: skip
HELD = "DISPATCHED SIGNED HANDLED CHECKING"
SIMPLE = OVERLAYS | {
    "case.accepted": (OPEN, "ACCEPTED"), "case.filed": (OPEN, "FILED"), "case.dispatched": (OPEN, "DISPATCHED"),
    "case.signed": (OPEN, "SIGNED"), "case.handled": (OPEN, "HANDLED"), "case.check_requested": (OPEN, "CHECKING"),
    "case.checked": (OPEN, ""), "case.closed": (OPEN, "CLOSED"), "case.reassigned": (OPEN, "DISPATCHED"),
    "case.return_requested": (HELD, ""), "case.return_refused": (HELD, ""), "case.return_approved": (HELD, "ACCEPTED"),
}  # fmt: skip
TABLE = [
    pytest.param(workflow, type_, stage, leads if stage in allowed.split() else None, id=f"{workflow}-{type_[5:]}-{stage}")
    for workflow, steps in (("grid", GRID), ("simple", SIMPLE))
    for type_, (allowed, leads) in steps.items()
    for stage in STAGE
]


def pinned(made: Event, case_: Case) -> Event:
    """The event as the engine hands it to the fold: with the instants that the SLA rules found."""
    found = SLA.pin(made, case_)
    return msgspec.structs.replace(found if isinstance(found, Event) else made, cause="cmd")  # some are only effects of commands


def at_stage(stage: str, workflow: str = "grid", **over: Any) -> Case:
    """A case in a stage, owned by u1, its check passed, so that only the stage decides."""
    values: dict[str, Any] = {
        "case": case(), "workflow": workflow, "version": 7, "pos": 70, "stage": Stage[stage], "severity": Severity.normal,
        "category": "030101", "channel": "other", "reported": T0, "due": T0 + 10 * HOUR, "amber": T0 + 8 * HOUR,
        "limit": 10 * HOUR, "policy": "default-1",
        "last_at": T0, "owner": "u1", "passed": True,
        "closed": T0 if stage in ("CLOSED", "VOIDED") else None,
    }  # fmt: skip
    return Case(**(values | over))


def accepted(result: Case | Refusal) -> Case:
    assert isinstance(result, Case), result
    return result


def refused(result: Case | Refusal) -> str:
    assert isinstance(result, Refusal), result
    return result.message


def play(*events: Event, first: Event | None = None) -> Case:
    case_: Case | Refusal | None = None
    for e in (first or event("case.reported"), *events):
        case_ = accepted(fold(e, case_))  # type: ignore[arg-type]
    assert isinstance(case_, Case)
    return case_


def test_the_table_knows_every_type() -> None:
    assert set(GRID) == set(SIMPLE) == set(TYPES) - {"case.reported", "case.resumed"}


@pytest.mark.parametrize(("workflow", "type_", "stage", "leads"), TABLE)
def test_a_step(workflow: str, type_: str, stage: str, leads: str | None) -> None:
    before = at_stage(stage, workflow)
    kept = copy.deepcopy(before)
    step = pinned(event(type_, T0 + 1), before)
    stored = copy.deepcopy(step)
    result = fold(step, before)
    assert (before, step) == (kept, stored), "the fold changed an argument"
    if leads is None:
        assert stage in refused(result), "the refusal says in which stage the case is"
        return
    after = accepted(result)
    assert Stage(after.stage).name == (leads or stage)
    assert (after.version, after.last_type, after.last_at) == (8, type_, T0 + 1)
    assert ("stage" in after.provenance) == bool(leads)
    if leads:
        assert after.provenance["stage"] == 8
        assert after.stage_since == T0 + 1


@pytest.mark.parametrize("stage", STAGE)
def test_resumed_only_what_is_suspended(stage: str) -> None:
    assert isinstance(fold(event("case.resumed"), at_stage(stage)), Refusal)
    after = fold(event("case.resumed", T0 + 5), at_stage(stage, suspended=T0))
    assert isinstance(after, Case) == (stage in OPEN.split())


@pytest.mark.parametrize("stage", STAGE)
def test_reported_twice(stage: str) -> None:
    assert "already" in refused(fold(event("case.reported"), at_stage(stage)))


@pytest.mark.parametrize("type_", sorted(set(TYPES) - {"case.reported"}))
def test_nothing_happens_to_a_case_before_its_report(type_: str) -> None:
    assert fold(event(type_), None) is UNREPORTED


def test_the_whole_course() -> None:
    steps = ("accepted", "filed", "dispatched", "signed", "handled", "check_requested", "checked", "closed")
    done = play(*(event(f"case.{name}", T0 + i) for i, name in enumerate(steps, 1)))
    assert (Stage(done.stage), done.version, done.closed, done.owner, done.first_owner) == (Stage.CLOSED, 9, T0 + 8, "u1", "u1")
    assert done.flags == []
    assert done.owner_since == T0 + 3, "the owner's clock starts with the dispatch, not with the signing"


def test_closed_twice_is_refused() -> None:
    assert "CLOSED" in refused(fold(event("case.closed", T0 + 2), at_stage("CLOSED")))
    assert "CLOSED" in refused(fold(event("case.closed", T0 + 2), at_stage("CLOSED", "simple")))


def test_the_grid_workflow_closes_only_after_a_passed_check() -> None:
    assert "check" in refused(fold(event("case.closed"), at_stage("CHECKING", passed=False)))
    assert accepted(fold(event("case.closed"), at_stage("CHECKING", "simple", passed=False))).ended


def test_rework_goes_back_to_the_unit_and_needs_a_new_check() -> None:
    after = accepted(fold(event("case.checked", T0 + 9, passed=False), at_stage("CHECKING")))
    assert (Stage(after.stage), after.rework, after.owner, after.owner_since, after.passed) == (Stage.DISPATCHED, 1, "u1", T0 + 9, False)
    assert after.provenance["stage"] == after.version
    steps = [event(f"case.{name}", T0 + 10) for name in ("signed", "handled", "check_requested")]
    for step in steps:
        after = accepted(fold(step, after))
    refused(fold(event("case.closed", T0 + 11), after))


def test_a_passed_check_holds_for_one_handling_only() -> None:
    again = accepted(fold(event("case.reopened", T0 + 1), at_stage("CLOSED")))
    assert (again.passed, again.closed, Stage(again.stage)) == (False, None, Stage.DISPATCHED)


def test_a_case_without_owner_is_reopened_for_dispatching() -> None:
    assert accepted(fold(event("case.reopened"), at_stage("VOIDED", owner=None))).stage == Stage.ACCEPTED


def test_returns() -> None:
    asked = accepted(fold(event("case.return_requested"), at_stage("SIGNED")))
    assert (asked.pending, asked.owner, asked.due) == ("return", "u1", T0 + 10 * HOUR)
    no = accepted(fold(event("case.return_refused"), asked))
    assert (no.pending, no.owner, no.returns) == ("", "u1", 0)
    yes = accepted(fold(event("case.return_approved", T0 + 3), asked))
    assert (yes.pending, yes.owner, yes.returns, Stage(yes.stage)) == ("", None, 1, Stage.ACCEPTED)
    given = accepted(fold(event("case.dispatched", T0 + 4, to="u2"), yes))
    assert (given.owner, given.first_owner, given.owner_since) == ("u2", "u2", T0 + 4)


@pytest.mark.parametrize("type_", ["case.return_requested", "case.return_approved"])
def test_in_arbitration_nobody_returns_it_any_more(type_: str) -> None:
    assert "arbitration" in refused(fold(event(type_), at_stage("SIGNED", returns=2)))
    assert accepted(fold(event("case.return_requested"), at_stage("SIGNED", returns=1))).pending == "return"


def test_a_reassignment_ends_a_pending_return_and_keeps_the_promise() -> None:
    after = accepted(fold(event("case.reassigned", T0 + 4), at_stage("SIGNED", pending="return", first_owner="u1")))
    assert (after.owner, after.first_owner, after.owner_since, after.pending, after.due) == ("u2", "u1", T0 + 4, "", T0 + 10 * HOUR)


def test_a_suspension_stops_the_clock_for_exactly_its_time() -> None:
    still = accepted(fold(event("case.suspended", T0 + HOUR), at_stage("SIGNED")))
    assert (still.suspended, still.until) == (T0 + HOUR, LATEST)
    refused(fold(event("case.suspended", T0 + HOUR), still))
    on = accepted(fold(pinned(event("case.resumed", T0 + 3 * HOUR), still), still))
    assert (on.suspended, on.until, on.due, on.amber) == (None, None, T0 + 12 * HOUR, T0 + 10 * HOUR)


def test_an_end_ends_the_suspension() -> None:
    still = at_stage("SIGNED", suspended=T0 + HOUR, until=T0 + 9 * HOUR)
    done = accepted(fold(pinned(event("case.voided", T0 + 3 * HOUR), still), still))
    assert (done.suspended, done.until, done.due) == (None, None, T0 + 12 * HOUR)


def test_danger_is_never_suspended() -> None:
    assert "danger" in refused(fold(event("case.suspended"), at_stage("SIGNED", severity=Severity.danger)))


def test_an_extension_moves_the_promise_and_none_has_none() -> None:
    before = at_stage("SIGNED")
    after = accepted(fold(pinned(event("case.extended", hours=2), before), before))
    assert (after.due, after.amber, after.provenance["due"]) == (T0 + 12 * HOUR, T0 + int(9.6 * HOUR), 8)
    assert accepted(fold(event("case.extended"), at_stage("SIGNED", due=None, amber=None))).due is None


def test_overlays_count_and_never_lower() -> None:
    up = accepted(fold(event("case.escalated", level="commander"), at_stage("SIGNED")))
    assert accepted(fold(event("case.escalated", level="unit_head"), up)).level == Level.commander
    counted = play(*(event(t) for t in ("case.urged", "case.urged", "case.supervised")))
    assert (counted.urges, counted.supervisions, counted.stage) == (2, 1, Stage.REPORTED)


def test_signed_by_another_unit_is_flagged() -> None:
    assert accepted(fold(event("case.signed", unit="u9"), at_stage("DISPATCHED"))).flags == ["unit_mismatch"]
    assert accepted(fold(event("case.signed", unit="u1"), at_stage("DISPATCHED"))).flags == []


def test_events_out_of_order_are_flagged_and_move_no_time_back() -> None:
    late = accepted(fold(event("case.signed", T0 + 5), at_stage("DISPATCHED", last_at=T0 + 9)))
    assert (late.flags, late.last_at) == (["out_of_order"], T0 + 9)
    again = accepted(fold(event("case.noted", T0 + 5), late))
    assert again.flags == ["out_of_order"], "a flag is there once"


def test_two_flags_of_one_event_are_both_kept() -> None:
    after = accepted(fold(event("case.signed", T0 + 5, unit="u9"), at_stage("DISPATCHED", last_at=T0 + 9)))
    assert set(after.flags) == {"unit_mismatch", "out_of_order"}


def test_closed_before_reported() -> None:
    done = accepted(fold(event("case.closed", T0 - 1), at_stage("DISPATCHED", "simple")))
    assert (done.flags, done.closed) == (["closed_before_reported"], T0 - 1)


def test_only_a_closing_is_closed_before_reported() -> None:
    assert accepted(fold(event("case.noted", T0 - 1), at_stage("DISPATCHED"))).flags == ["out_of_order"]


def test_provenance_names_the_version_that_set_a_field() -> None:
    done = play(
        event("case.accepted", T0 + 1), event("case.dispatched", T0 + 2), event("case.extended", T0 + 3), event("case.escalated", T0 + 4),
        event("case.urged", T0 + 5),
    )  # fmt: skip
    assert done.provenance == {
        "category": 1, "severity": 1, "channel": 1, "place": 1, "due": 1, "stage": 3, "owner": 3, "level": 5,
    }, "without a limit the extension sets no due time"  # fmt: skip


TIMES = st.integers(T0 - 5 * HOUR, T0 + 100 * HOUR)
SEVERITIES = st.sampled_from(["danger", "normal"])
MORE: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "case.reported": st.fixed_dictionaries({}, optional={"workflow": st.sampled_from(["grid", "simple"]), "severity": SEVERITIES}),
    "case.dispatched": st.fixed_dictionaries({"to": st.sampled_from(["u1", "u2"])}, optional={"co_units": st.just(["u3"])}),
    "case.checked": st.fixed_dictionaries({"passed": st.booleans()}),
    "case.extended": st.fixed_dictionaries({"hours": st.floats(0.001, 24 * 366)}),
    "case.suspended": st.fixed_dictionaries({"until": TIMES.map(iso)}),
    "case.signed": st.fixed_dictionaries({}, optional={"unit": st.sampled_from(["u1", "u2"])}),
}  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """A report with a promise and then anything at any time."""
    kinds = ["case.reported", *draw(st.lists(st.sampled_from(sorted(TYPES)), max_size=40))]
    out = []
    for kind in kinds:
        data = DATA[kind] | draw(MORE.get(kind, st.just({})))
        if kind == "case.reported":
            data = data | {"intake": {"due": T0 + 10 * HOUR, "amber": T0 + 8 * HOUR}}
        raw = msgspec.json.encode(data)
        out.append(Event(new_id(), kind, case(), SOURCE, draw(TIMES), decode_data(kind, raw), raw))
    return out


@settings(max_examples=200, deadline=None)
@given(events())
def test_any_sequence_of_events(history: list[Event]) -> None:
    """Never crashes; version = accepted events; a refusal leaves no trace; the stored events alone give the same case."""
    now: Case | None = None
    stored: list[Event] = []
    for e in history:
        before = copy.deepcopy(now)
        result = fold(e, now)
        if isinstance(result, Refusal):
            assert now == before
            continue
        assert now == before
        now = result
        stored.append(Event(e.id, e.type, e.case, e.source, e.at, decode_data(e.type, e.raw), e.raw))
        _sane(now, stored)
    assert now is not None
    again: Case | Refusal | None = None
    for e in stored:
        again = fold(e, again)  # type: ignore[arg-type]
    assert again == now
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(now), type=Case) == now, "what is written can be read"


def _sane(now: Case, stored: list[Event]) -> None:
    assert now.version == len(stored)
    assert now.last_at == max(e.at for e in stored)
    assert (now.closed is not None) == now.ended
    assert now.suspended is None or not now.ended
    assert (now.due is None) == (now.amber is None)
    assert now.stage not in (Stage.SIGNED, Stage.HANDLED) or now.workflow == "simple" or now.owner is not None
    assert all(0 < v <= now.version for v in now.provenance.values())
    assert len(now.flags) == len(set(now.flags))


def test_until_is_an_instant() -> None:
    data = decode_data("case.suspended", msgspec.json.encode({"reason": "x", "until": "2023-11-14T10:00:00+08:00"}))
    assert iso(ms(data.until)) == "2023-11-14T02:00:00.000+00:00"
