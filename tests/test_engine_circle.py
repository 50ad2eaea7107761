"""The circle: entries in, one engine, one database, changes out. Everything has its fate and nothing stops anything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine as Database
from sqlalchemy import select, update

from dashboard.cases.envelope import MAX_BYTES
from dashboard.cases.event_data import TYPES
from dashboard.clock import DAY, HOUR, SECOND, FixedClock, iso
from dashboard.desk.query import CaseQuery
from dashboard.ports.ledger import Fenced
from data_access import stream
from data_access import table as t
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.circle import (
    REPORTS,
    RETENTION,
    Circle,
    Oracle,
    comparable,
    letters,
    make_engine,
    orphans,
    stored_cases,
    stored_events,
)
from tests.fakes.ledger import FakeLedger
from tests.fakes.streams import FakeServer
from tests.made import DATA, REPORT, T0, UNITS, case, command, entry

WALL = T0 + HOUR
CHIEF = {"id": "p1", "name": "P. One", "role": "duty_chief", "unit": "c"}


class Succession(Circle):
    """Engines one after the other."""

    def __init__(self, server: redis.Redis, db: Database) -> None:
        super().__init__(server, db, WALL)

    def lease_runs_out(self) -> None:
        with self.db.execution_options(write=True).begin() as c:
            c.execute(update(t.partition).values(lease_until=0))

    def told(self) -> list[dict[str, Any]]:
        return [m for m in map(msgspec.json.decode, self.messages()) if m["type"] != "engine.beat"]


@pytest.fixture
def circle(valkey: redis.Redis, tmp_path: Path) -> Iterator[Succession]:
    url = url_of("", tmp_path)
    migrate(url)
    db = connect(url)
    yield Succession(valkey, db)
    db.dispose()


STEPS = [
    "case.reported",
    "case.accepted",
    "case.dispatched",
    "case.signed",
    "case.handled",
    "case.check_requested",
    "case.checked",
    "case.closed",
]


def course(subject: str = "A", upto: int = len(STEPS)) -> list[bytes]:
    return [entry(type_, subject, T0 + i * SECOND, id_=f"{subject}-{i}") for i, type_ in enumerate(STEPS[:upto])]


# Events


def test_a_whole_course(circle: Succession) -> None:
    circle.report(*course())
    circle.run()
    found = stored_cases(circle.db)[case()]
    assert (found.version, found.closed, found.owner) == (8, T0 + 7 * SECOND, "u1")
    assert [m["type"] for m in circle.told()] == STEPS
    circle.assert_whole()


def test_repeats_have_no_effect_in_the_same_batch_in_later_ones_and_after_a_restart(circle: Succession) -> None:
    bodies = course()
    circle.report(*bodies, *bodies)
    circle.run()
    circle.report(*bodies)
    circle.run()
    circle.engine = circle.start()
    circle.report(*reversed(bodies))
    circle.run()
    assert len(stored_events(circle.db)) == 8
    assert letters(circle.db) == {}
    circle.assert_whole()


def test_one_id_for_two_events_the_first_one_counts(circle: Succession) -> None:
    circle.report(entry("case.reported", id_="same"), entry("case.reported", "B", id_="same"))
    circle.run()
    assert set(stored_cases(circle.db)) == {case("A")}


GARBAGE: dict[str, tuple[list[bytes], str]] = {
    "not JSON": ([b"{{{", b"", b"\xff\xfe"], "not_json"),
    "wrong types": ([entry("case.reported", "G", data=REPORT | {"category": 5})], "bad_data"),
    "unknown type": ([entry("case.exploded", "G")], "unknown_type"),
    "1 MB": ([entry("case.reported", "G", data=REPORT | {"text": "x" * 1_000_000})], "too_large"),
    "closed twice": ([*course("G"), entry("case.closed", "G", T0 + 99 * SECOND)], "not_allowed"),
    "reported twice": ([entry("case.reported", "G"), entry("case.reported", "G")], "not_allowed"),
    "a day and more ahead": ([entry("case.reported", "G", WALL + DAY + 1)], "bad_time"),
    "1970": ([entry("case.reported", "G", 0)], "bad_time"),
    "no envelope": ([b'{"a":1}'], "bad_envelope"),
    "nested deep": ([b'{"specversion":' + b"[" * 30_000], "not_json"),
    "1 MB of brackets": ([b"[" * 1_000_000], "too_large"),
    "a number out of range": ([entry("case.noted", "G").replace(b'"hm"', b'"hm","x":1e999')], "bad_data"),
    "a naive due": ([entry("case.reported", "G", data=REPORT | {"due": "0001-01-01T00:00:00"})], "bad_data"),
    "NUL": ([entry("case.reported", "G", data=REPORT | {"title": "a\0"})], "not_json"),
}


@pytest.mark.parametrize(("bodies", "code"), GARBAGE.values(), ids=GARBAGE)
def test_every_bad_input_has_its_fate_and_stops_nothing(circle: Succession, bodies: list[bytes], code: str) -> None:
    circle.report(entry("case.reported", "before"), *bodies, entry("case.reported", "after"))
    circle.run()
    assert {case("before"), case("after")} <= set(stored_cases(circle.db))
    dead = letters(circle.db)
    assert set(dead) == {code}
    assert dead[code] == (len(bodies) if code == "not_json" else 1)
    with circle.db.connect() as c:
        for letter in c.execute(select(t.dead_letter)):
            assert letter.reason
            assert letter.stream == REPORTS
            assert letter.body in [body[:MAX_BYTES] for body in bodies]
    circle.assert_whole()


def test_everything_bad_at_once(circle: Succession) -> None:
    for bodies, _ in GARBAGE.values():
        circle.report(*bodies)
    circle.report(*course("fine"))
    circle.run()
    assert stored_cases(circle.db)[case("fine")].version == 8
    circle.assert_whole()


def test_a_command_among_the_reports_and_a_report_among_the_commands(circle: Succession) -> None:
    circle.report(command("note", case(), 1, CHIEF))
    circle.ask(entry("case.reported"))
    circle.run()
    assert letters(circle.db) == {"unknown_type": 1, "bad_data": 1}
    assert stored_cases(circle.db) == {}


@pytest.mark.parametrize(
    "place", [{"lon": 2.35, "lat": 48.85}, {"lon": 0, "lat": 0}, {"lon": 999.0, "lat": 5.0}, {}, {"lon": 13812345678, "lat": 1.0}]
)
def test_outside_the_city_is_a_flag_and_never_a_lost_case(circle: Succession, place: dict[str, Any]) -> None:
    square = [[118.8, 32.0], [118.9, 32.0], [118.9, 32.1], [118.8, 32.1], [118.8, 32.0]]
    from dashboard.places.grid import Grid

    SqlRegistry(circle.db).replace_places(UNITS, [Grid("g1", "G", "k", "general", [square])], [])
    circle.engine = circle.start()
    circle.report(entry("case.reported", data=REPORT | {"place": place}))
    circle.run()
    assert stored_cases(circle.db)[case()].flags == [("outside_city" if place.get("lon") == 2.35 else "no_place")]


def test_a_little_ahead_is_flagged_and_taken(circle: Succession) -> None:
    circle.report(entry("case.reported", at=WALL + HOUR))
    circle.run()
    assert "clock_ahead" in stored_cases(circle.db)[case()].flags


def test_nothing_private_reaches_a_table_or_the_changes(circle: Succession) -> None:
    text = "电话13812345678 身份证320115199003071234 车牌苏A12345"
    circle.report(
        entry("case.reported", data=REPORT | {"title": text, "text": text, "caller": {"phone": text}, "place": {"address": text}}),
        entry("case.noted", data={"text": text}),
        entry("case.noted", "orphan", data={"text": text}), entry("case.closed", data={"by": text}),
        entry("case.exploded", data={"text": text}), b"{" + text.encode(),
    )  # fmt: skip
    circle.run()
    circle.ask(command("urge", case(), 2, CHIEF, {"reason": text}), command("escalate", case(), 9, CHIEF, {"level": text, "reason": text}))
    circle.run()
    with circle.db.connect() as c:
        kept = repr([[tuple(row) for row in c.execute(select(table))] for table in (t.event, t.cases, t.dead_letter, t.orphan, t.command)])
    for everything in (kept, repr(circle.messages())):
        assert "13812345678" not in everything
        assert "320115199003071234" not in everything
        assert "A12345" not in everything
    circle.assert_whole()


# Orphans


def test_events_before_their_report_wait_for_it(circle: Succession) -> None:
    report, *rest = course("late")
    circle.report(*reversed(rest))
    circle.run()
    assert len(orphans(circle.db)) == 7
    assert stored_cases(circle.db) == {}
    circle.engine = circle.start()
    circle.report(*rest, report)
    circle.run()
    found = stored_cases(circle.db)[case("late")]
    assert (found.version, found.flags, orphans(circle.db)) == (8, ["no_place"], [])
    assert letters(circle.db) == {}
    circle.assert_whole()


def test_orphans_and_their_report_in_one_batch(circle: Succession) -> None:
    report, *rest = course("late")
    circle.report(*rest[3:], *rest[:3], report)
    circle.run()
    assert stored_cases(circle.db)[case("late")].version == 8
    circle.assert_whole()


def test_orphans_of_the_same_millisecond_keep_the_order_of_the_stream(circle: Succession) -> None:
    bodies = [entry(type_, "tie", T0, id_=f"{'zyxwvuts'[i]}-id") for i, type_ in enumerate(STEPS)]
    circle.report(*bodies[1:])
    circle.run()
    circle.report(bodies[0])
    circle.run()
    assert stored_cases(circle.db)[case("tie")].version == 8
    assert letters(circle.db) == {}


def test_an_orphan_that_cannot_happen_is_a_letter_when_the_report_comes(circle: Succession) -> None:
    circle.report(entry("case.closed", at=T0 + 1), entry("case.reported"))
    circle.run()
    assert (letters(circle.db), orphans(circle.db)) == ({"not_allowed": 1}, [])
    circle.assert_whole()


def test_never_reported(circle: Succession) -> None:
    """After the retention an orphan is a dead letter; younger ones of the same case go on waiting and find their report."""
    circle.report(entry("case.noted", "x", id_="old"))
    circle.run()
    circle.clock.at += RETENTION // 2
    circle.report(entry("case.noted", "x", T0 + 5, id_="young"))
    circle.run()
    circle.clock.at += RETENTION // 2 + 1
    circle.run()
    assert (letters(circle.db), orphans(circle.db)) == ({"never_reported": 1}, ["young"])
    circle.report(entry("case.noted", "x", id_="old"))
    circle.run()
    assert letters(circle.db) == {"never_reported": 1}, "a repeat of a letter is no second letter"
    circle.report(entry("case.reported", "x"))
    circle.run()
    assert stored_cases(circle.db)[case("x")].version == 2
    assert orphans(circle.db) == []
    circle.assert_whole()


# Commands


def test_a_command_is_accepted_and_its_effect_names_it(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    circle.ask(command("reassign", case(), 3, CHIEF, {"to": "u2", "reason": "near"}, "cmd-1"))
    circle.run()
    effect = circle.told()[-1]
    assert (effect["type"], effect["cause"], effect["version"], effect["pos"]) == ("case.reassigned", "cmd-1", 4, 4)
    assert stored_cases(circle.db)[case()].owner == "u2"
    circle.assert_whole()


def test_the_same_command_again_has_the_same_answer_and_no_second_effect(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    ask = command("urge", case(), 3, CHIEF, {"reason": "now"}, "cmd-1")
    circle.ask(ask, ask)
    circle.run()
    circle.engine = circle.start()
    circle.ask(ask)
    circle.run()
    answers = [(m["type"], m.get("pos"), m.get("data", {}).get("pos")) for m in circle.told()[3:]]
    assert answers == [("case.urged", 4, None), ("command.accepted", 4, 4), ("command.accepted", 4, 4)]
    assert stored_cases(circle.db)[case()].urges == 1
    circle.assert_whole()


def test_a_refusal_is_remembered_too(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    ask = command("urge", case(), 1, CHIEF, {"reason": "now"}, "cmd-1")
    circle.ask(ask, ask)
    circle.run()
    refusals = [m for m in circle.told() if m["type"] == "command.refused"]
    assert [r["data"]["code"] for r in refusals] == ["conflict", "conflict"]
    assert refusals[0]["data"] == refusals[1]["data"]
    assert refusals[0]["data"]["current"]["version"] == 3


def test_another_command_with_a_used_id_is_refused_and_changes_nothing(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    circle.ask(
        command("urge", case(), 3, CHIEF, {"reason": "now"}, "cmd-1"), command("urge", case(), 4, CHIEF, {"reason": "other"}, "cmd-1")
    )
    circle.run()
    assert circle.told()[-1]["data"]["code"] == "invalid"
    assert stored_cases(circle.db)[case()].urges == 1
    circle.ask(command("urge", case(), 3, CHIEF, {"reason": "now"}, "cmd-1"))
    circle.run()
    assert circle.told()[-1]["type"] == "command.accepted", "the first one keeps its answer"


def test_a_command_with_the_id_of_an_event_and_the_other_way_round_are_two_things(circle: Succession) -> None:
    """Ids of events are on every timeline; who uses one again for something else makes nobody's event disappear."""
    circle.report(*course(upto=3))
    circle.run()
    circle.ask(command("urge", case(), 3, CHIEF, {"reason": "now"}, "A-1"))
    circle.run()
    circle.report(entry("case.noted", id_="A-1", source="/other"), entry("case.noted", id_="A-1"))
    circle.ask(command("urge", case(), 4, CHIEF, {"reason": "now"}, "cmd-2"))
    circle.report(entry("case.noted", id_="cmd-2"))
    circle.run()
    had = [(e.type, e.id) for e in stored_events(circle.db)[3:]]
    assert had == [("case.urged", "A-1"), ("case.urged", "cmd-2"), ("case.noted", "cmd-2")]
    assert orphans(circle.db) == ["A-1"], "the other source's event waits for the other source's case"
    circle.assert_whole()


def test_undo_in_the_same_batch_and_after_a_restart(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    before = stored_cases(circle.db)[case()]
    circle.ask(
        command("reassign", case(), 3, CHIEF, {"to": "u2", "reason": "near"}, "cmd-1"),
        command("undo", case(), 4, CHIEF, {"command": "cmd-1"}, "cmd-2"),
        command("suspend", case(), 5, CHIEF, {"until": iso(WALL + DAY), "reason": "ice"}, "cmd-3"),
    )
    circle.run()
    circle.engine = circle.start()
    circle.ask(command("undo", case(), 6, CHIEF, {"command": "cmd-3"}, "cmd-4"))
    circle.run()
    after = stored_cases(circle.db)[case()]
    fields = ("owner", "owner_since", "stage", "stage_since", "due", "suspended", "until", "first_owner")
    assert [getattr(after, f) for f in fields] == [getattr(before, f) for f in fields]
    assert [m["type"] for m in circle.told()[3:]] == ["case.reassigned", "case.corrected", "case.suspended", "case.corrected"]
    circle.assert_whole()


def test_a_merge_changes_both_cases_in_one_transaction_and_the_merged_one_leaves_the_queue(circle: Succession) -> None:
    circle.report(*course("L", upto=2), *(entry("case.reported", "D", T0 - 14 * HOUR, id_="D-0"),))
    circle.run()
    own = stored_cases(circle.db)[case("L")]
    circle.ask(command("merge", case("D"), 1, CHIEF, {"into": case("L"), "reason": "same hole"}, "cmd-1"))
    circle.run()
    merged, led = (stored_cases(circle.db)[case(s)] for s in "DL")
    assert (merged.merged_into, led.duplicates, led.due) == (case("L"), [case("D")], merged.due)
    assert [(m["type"], m["cause"]) for m in circle.told()[-2:]] == [("case.merged", "cmd-1"), ("case.duplicate_joined", "cmd-1")]
    reader = SqlReader(circle.db)
    queue = CaseQuery(now=WALL, tab="to_dispatch")
    assert [i["case"] for i in reader.cases.page(queue)["items"]] == [case("L")]
    assert reader.cases.tabs(CaseQuery(WALL, "c", user_id="p1"))["to_dispatch"] == 1
    found = reader.cases.case(case("L"), WALL)
    assert found is not None and [d["case"] for d in found["duplicates"]] == [case("D")]
    circle.assert_whole()
    circle.report(entry("case.extended", "D", data={"hours": 0.5}, id_="D-1"))
    circle.run()
    merged, led = (stored_cases(circle.db)[case(s)] for s in "DL")
    assert led.due == merged.due and [(m["type"], m["cause"]) for m in circle.told()[-1:]] == [("case.duplicate_moved", "D-1")]
    circle.engine = circle.start()
    circle.ask(command("unmerge", case("D"), 3, CHIEF, {}, "cmd-2"))
    circle.run()
    led = stored_cases(circle.db)[case("L")]
    assert (led.duplicates, led.due, led.amber, led.rungs) == ([], own.due, own.amber, own.rungs)
    assert {i["case"] for i in reader.cases.page(queue)["items"]} == {case("L"), case("D")}
    circle.assert_whole()


def test_the_end_of_the_leader_brings_its_duplicates_back_into_the_queue(circle: Succession) -> None:
    circle.report(*course("L", upto=2), entry("case.reported", "D", id_="D-0"))
    circle.run()
    circle.ask(command("merge", case("D"), 1, CHIEF, {"into": case("L"), "reason": "same hole"}))
    circle.ask(command("void", case("L"), 3, CHIEF, {"reason": "nothing there"}))
    circle.run()
    found = SqlReader(circle.db).cases.page(CaseQuery(now=WALL, tab="to_dispatch"))["items"]
    assert [i["case"] for i in found] == [case("D")]


def test_two_people_want_the_same_case_one_wins_and_the_other_learns_who(circle: Succession) -> None:
    circle.report(*course(upto=3))
    circle.run()
    second = CHIEF | {"id": "p2", "name": "P. Two"}
    circle.ask(command("urge", case(), 3, CHIEF, {"reason": "a"}), command("urge", case(), 3, second, {"reason": "b"}))
    circle.run()
    lost = circle.told()[-1]
    assert lost["type"] == "command.refused"
    assert lost["data"]["code"] == "conflict"
    assert "P. One" in lost["data"]["message"]
    assert lost["data"]["current"]["who"] == "P. One"


def test_commands_for_cases_that_do_not_exist_or_cannot_be_read(circle: Succession) -> None:
    circle.ask(command("urge", case("none"), 1, CHIEF, {"reason": "a"}), b"garbage", entry("command.urge", source="/desk"))
    circle.run()
    assert [m["data"]["code"] for m in circle.told()] == ["unknown_case"]
    assert letters(circle.db) == {"not_json": 1, "bad_data": 1}


def test_a_desk_command_on_a_case_with_a_long_name(circle: Succession) -> None:
    long = {"source": "/" + "s" * 32 + "/" + "t" * 30, "subject": "x" * 64}
    circle.report(entry("case.reported", **long))
    circle.run()
    (name,) = stored_cases(circle.db)
    circle.ask(command("note", name, 1, CHIEF, {"text": "hm"}))
    circle.run()
    assert stored_cases(circle.db)[name].version == 2


# Engines that die


def test_what_was_committed_but_not_told_is_told_by_the_heir(circle: Succession, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine dies between commit and publish: the entries are pending, the events are in the table."""
    circle.report(*course("A"))
    circle.run()
    circle.report(*course("B"))

    def broken(messages: Any) -> None:
        raise ConnectionError("gone")

    monkeypatch.setattr(circle.streams, "publish", broken)
    with pytest.raises(ConnectionError):
        circle.run()
    assert len(circle.told()) == 8
    assert circle.pending() == 8
    circle.engine = circle.start()
    assert len(circle.told()) == 16, "told before anything new is read"
    circle.run()
    assert len(circle.told()) == 16
    circle.assert_whole()


def test_a_command_answered_but_not_told_is_answered_again(circle: Succession, monkeypatch: pytest.MonkeyPatch) -> None:
    circle.report(*course(upto=3))
    circle.run()
    circle.ask(command("urge", case(), 9, CHIEF, {"reason": "late"}, "no"), command("urge", case(), 3, CHIEF, {"reason": "now"}, "yes"))
    monkeypatch.setattr(circle.streams, "publish", lambda messages: (_ for _ in ()).throw(ConnectionError("gone")))
    with pytest.raises(ConnectionError):
        circle.run()
    circle.engine = circle.start()
    circle.run()
    causes = [(m["cause"], m["type"]) for m in circle.told() if m.get("cause")]
    assert ("no", "command.refused") in causes
    assert ("yes", "case.urged") in causes
    assert stored_cases(circle.db)[case()].urges == 1


def test_an_engine_that_was_overtaken_stops_and_writes_nothing(circle: Succession) -> None:
    old = circle.engine
    old_streams = circle.streams
    circle.lease_runs_out()
    circle.engine = circle.start("elsewhere:2")
    circle.report(*course())
    with pytest.raises(Fenced):
        while old.step(1):
            pass
    assert old_streams is not circle.streams
    circle.engine = circle.start("elsewhere:2")
    circle.run()
    assert len(stored_events(circle.db)) == 8
    circle.assert_whole()


def test_a_standby_waits_while_the_engine_lives(circle: Succession) -> None:
    standby = make_engine(circle.db, stream.EngineStreams(circle.server), circle.clock, "elsewhere:2")
    assert not standby.start()
    circle.lease_runs_out()
    circle.clock.at += 2 * SECOND
    circle.run()
    assert not standby.start(), "the engine renewed its lease though nothing came"


def test_the_engine_beats_and_knows_its_sources(circle: Succession) -> None:
    circle.report(entry("case.reported", at=T0 + 5), entry("source.heartbeat", "beat", T0 + 9, source="/other"))
    circle.run()
    circle.clock.at += 2 * SECOND
    circle.run()
    beats = [m for m in map(msgspec.json.decode, circle.messages()) if m["type"] == "engine.beat"]
    assert beats[-1]["data"] == {"heard": WALL, "newest": T0 + 9, "epoch": 1, "silent_ms": 2 * SECOND}
    assert beats[-1]["pos"] == 1
    with circle.db.connect() as c:
        assert {tuple(r) for r in c.execute(select(t.source))} == {("/12345", WALL, T0 + 5, 1), ("/other", WALL, T0 + 9, 1)}


def test_a_new_map_counts_from_the_next_second(circle: Succession) -> None:
    from dashboard.places.grid import Grid

    square = [[118.8, 32.0], [118.9, 32.0], [118.9, 32.1], [118.8, 32.1], [118.8, 32.0]]
    place = REPORT | {"place": {"lon": 118.85, "lat": 32.05}}
    circle.report(entry("case.reported", "A", data=place))
    circle.run()
    SqlRegistry(circle.db).replace_places(UNITS, [Grid("g9", "G", "k", "general", [square])], [])
    circle.clock.at += 2 * SECOND
    circle.run()
    circle.report(entry("case.reported", "B", data=place))
    circle.run()
    assert [stored_cases(circle.db)[case(s)].grid for s in "AB"] == [None, "g9"]
    circle.assert_whole()


# Any stream at all


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Events of three cases of both workflows in any order, repeats and garbage between them."""
    bodies: list[bytes] = []
    for n in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(["case.reported", "case.reported", *TYPES, "garbage", "again", "again"]))
        if kind == "again" and bodies:
            bodies.append(draw(st.sampled_from(bodies)))
        elif kind == "garbage":
            bodies.append(draw(st.sampled_from([b"", b"x", entry("case.exploded"), entry("case.closed", at=0)])))
        elif kind in TYPES:
            data = DATA[kind] | ({"workflow": draw(st.sampled_from(["grid", "simple"]))} if kind == "case.reported" else {})
            bodies.append(entry(kind, draw(st.sampled_from("ABC")), T0 + draw(st.integers(0, 50)), data, f"h{n}"))
    return bodies


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=streams(), data=st.data())
def test_any_stream_in_any_batches_with_any_restarts_equals_the_oracle(
    bodies: list[bytes], data: st.DataObject, quiet_db: Database
) -> None:
    """The database's places only; cases are in the fake ledger, which the contract holds to what SQL does."""
    server, ledger, clock = FakeServer(), FakeLedger(), FixedClock(WALL)
    oracle = Oracle(WALL + DAY, WALL)
    engine = make_engine(quiet_db, server.engine(), clock, ledger=ledger)
    assert engine.start()
    at = 0
    while at < len(bodies):
        size = data.draw(st.integers(1, 10))
        for body in bodies[at : at + size]:
            server.add(REPORTS, body)
            oracle.take(body)
        at += size
        if data.draw(st.booleans()):
            broken = server.engine()
            broken.fail_publish = data.draw(st.booleans())
            engine = make_engine(quiet_db, broken, clock, ledger=ledger)
            try:
                assert engine.start()
                engine.step(1)
            except ConnectionError:
                engine = make_engine(quiet_db, server.engine(), clock, ledger=ledger)
                assert engine.start()
        while engine.step(1):
            pass
    while engine.step(1):
        pass
    assert comparable(ledger.state.cases) == comparable(oracle.cases)
    assert [e.pos for e in ledger.state.events] == list(range(1, oracle.pos + 1))
    found = [d.code for d in ledger.state.dead.values()]
    assert sorted(found) == sorted(oracle.letters.elements())
    assert {event_id for _, event_id in ledger.state.orphans} == oracle.orphans


@pytest.fixture(scope="module")
def quiet_db(sqlite_url: str) -> Iterator[Database]:
    db = connect(sqlite_url)
    yield db
    db.dispose()


def test_a_real_database_gives_the_same_as_the_oracle(circle: Succession) -> None:
    """Thousands of entries of many cases, shuffled, with repeats and garbage, through real streams and SQL."""
    rng = random.Random(7)
    bodies = [b for n in range(300) for b in course(f"S{n}")]
    bodies += rng.sample(bodies, 500) + [b for found, _ in GARBAGE.values() for b in found if len(b) < MAX_BYTES]
    keys = {id(b): i + rng.uniform(0, 60) for i, b in enumerate(bodies)}
    bodies.sort(key=lambda b: keys[id(b)])
    oracle = Oracle(WALL + DAY, WALL)
    for body in bodies:
        oracle.take(body)
    circle.report(*bodies)
    circle.run()
    assert comparable(stored_cases(circle.db)) == comparable(oracle.cases)
    assert letters(circle.db) == oracle.letters
    assert set(orphans(circle.db)) == oracle.orphans
    circle.assert_whole()


def test_times_are_told_with_their_offset() -> None:
    assert iso(T0, "Asia/Shanghai").endswith("+08:00")
