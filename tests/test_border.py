"""The border of the streams: whatever one entry makes go wrong, at whatever stage, is its own fate, and the next one is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis
from sqlalchemy import Engine as Database
from sqlalchemy import select, update

from dashboard.cases.bound import EVENTS
from dashboard.cases.stage import Stage
from dashboard.clock import DAY, HOUR, MINUTE, SECOND, FixedClock, iso
from dashboard.clocks.rules import SlaRules
from dashboard.engine import apply as applying
from dashboard.engine import batch, change, intake
from data_access import ledger as sql_ledger
from data_access import stream
from data_access import table as t
from data_access.database import connect, migrate, url_of
from data_access.dead_letter import SqlDeadLetters
from tests.circle import (
    CHANGES,
    COMMANDS,
    REPORTS,
    Circle,
    letters,
    make_engine,
    orphans,
    stored_cases,
    stored_events,
)
from tests.made import REPORT, T0, case, entry
from tests.made import command as ask

CHIEF = {"id": "p1", "name": "P. One", "role": "duty_chief", "unit": "c"}
WALL = T0 + HOUR


class City(Circle):
    """A city under attack."""

    def __init__(self, server: redis.Redis, db: Database) -> None:
        super().__init__(server, db, WALL)

    def down(self, ms: int) -> None:
        """So long without an engine; leases go by the database's own clock."""
        self.clock.at += ms
        with self.db.execution_options(write=True).begin() as c:
            c.execute(update(t.partition).values(lease_until=t.partition.c.lease_until - ms))
        self.engine = self.start()

    def second(self, n: int = 1) -> None:
        self.clock.at += n * SECOND
        self.run()

    def answers(self) -> dict[str, dict[str, Any]]:
        told = [msgspec.json.decode(message) for message in self.messages()]
        return {m["cause"]: m for m in told if m.get("cause")}

    def letter(self) -> Any:
        with self.db.connect() as c:
            return c.execute(select(t.dead_letter)).one()


@pytest.fixture(params=["sqlite", "postgres"])
def city(valkey: redis.Redis, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    url = request.getfixturevalue("fresh_postgres")() if request.param == "postgres" else url_of("", tmp_path)
    migrate(url)
    db = connect(url)
    yield City(valkey, db)
    db.dispose()


class Strange(Exception):
    """An error that nobody has thought of."""


def failing(real: Callable[..., Any], concerns: Callable[..., bool]) -> Callable[..., Any]:
    def broken(*args: Any, **named: Any) -> Any:
        if concerns(*args):
            raise Strange("out of nowhere")
        return real(*args, **named)

    return broken


def of_poison(*args: Any) -> bool:
    return any("poison" in str(arg) for arg in args)


STAGES: dict[str, tuple[Any, str]] = {
    "decode": (batch, "decode"),
    "mask": (intake, "masked_event"),
    "intake": (intake.Intake, "_complete"),
    "pin": (SlaRules, "pin"),
    "fold": (applying, "fold"),
    "encode": (change, "of_event"),
    "write": (sql_ledger.SqlTransaction, "_case"),
}


@pytest.mark.parametrize("stage", STAGES)
def test_an_error_at_any_stage_is_one_entry_s_own_fate_and_can_be_redriven(city: City, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room, name = STAGES[stage]
    with monkeypatch.context() as patched:
        patched.setattr(room, name, failing(getattr(room, name), of_poison))
        fine = [entry("case.reported", f"fine-{n}") for n in range(20)]
        city.report(*fine[:10], entry("case.reported", "poison", id_="the-one"), *fine[10:])
        city.ask(ask("note", case("fine-3"), 1, CHIEF, {"text": "seen"}, "command-0"))
        city.run()
    assert set(stored_cases(city.db)) == {case(f"fine-{n}") for n in range(20)}
    letter = city.letter()
    assert (letter.stream, letter.code, letter.reason) == (REPORTS, "failed", "Strange: out of nowhere")
    city.assert_whole()
    redrive(city, letter)
    assert case("poison") in stored_cases(city.db)
    city.assert_whole()


def redrive(city: City, letter: Any) -> None:
    SqlDeadLetters(city.db).mark_redriven(letter.stream, letter.entry)
    city.server.xadd(letter.stream, {"e": letter.body})
    city.run()


ROOMS = {"decode": (batch, "decode_command"), "decide": (batch, "decide"), "write": (sql_ledger, "_command")}


@pytest.mark.parametrize("stage", ROOMS)
def test_a_command_that_goes_wrong_is_refused_and_may_be_sent_again(city: City, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    room, name = ROOMS[stage]
    city.report(entry("case.reported", "A"))
    city.run()
    with monkeypatch.context() as patched:
        patched.setattr(room, name, failing(getattr(room, name), of_poison))
        city.ask(
            ask("note", case("none"), 1, CHIEF, {"text": "x"}, "command-0"),
            ask("note", case(), 1, CHIEF, {"text": "x"}, "poison-1"),
            ask("urge", case(), 1, CHIEF, {"reason": "x"}, "command-2"),
        )
        city.run()
    assert [e.id for e in stored_events(city.db)[1:]] == ["command-2"]
    assert letters(city.db) == {"failed": 1}
    if stage != "decode":  # what cannot be read cannot be answered; the web worker reads it before it is sent
        assert city.answers()["poison-1"]["data"]["why"] == "failed"
    city.ask(ask("note", case(), 2, CHIEF, {"text": "x"}, "poison-1"))
    city.run()
    assert stored_cases(city.db)[case()].last_type == "case.noted"
    city.assert_whole()


def test_an_orphan_that_goes_wrong_does_not_take_its_report_with_it(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    city.report(entry("case.noted", "A", T0 + 1, {"text": "poison"}, "poison"), entry("case.accepted", "A", T0 + 2))
    city.run()
    assert len(orphans(city.db)) == 2
    monkeypatch.setattr(batch, "decode", failing(batch.decode, of_poison))
    city.report(entry("case.reported", "A"))
    city.run()
    assert stored_cases(city.db)[case()].version == 2
    assert orphans(city.db) == []
    assert letters(city.db) == {"failed": 1}
    city.assert_whole()


def test_a_timer_that_goes_wrong_stops_no_other(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    data = REPORT | {"severity": "danger", "category": "010101"}
    city.report(*(entry("case.reported", name, data=data) for name in ("A", "poison", "B")))
    city.run()
    monkeypatch.setattr(batch, "fire", failing(batch.fire, of_poison))
    city.clock.at = T0 + 30 * DAY
    city.second(2)
    breached = {e.case for e in stored_events(city.db) if e.type == "case.sla_breached"}
    assert breached == {case("A"), case("B")}
    assert letters(city.db) == {"failed": 1}


def test_many_poisons_among_honest_events(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tenth entry goes wrong in the fold, every fiftieth in the write: what is left is what an engine without them has."""
    monkeypatch.setattr(applying, "fold", failing(applying.fold, lambda event, case: event.case.endswith("7")))
    monkeypatch.setattr(sql_ledger.SqlTransaction, "_case", failing(sql_ledger.SqlTransaction._case, lambda tx, c: c.case.endswith("33")))
    city.report(*(entry("case.reported", f"S{n}") for n in range(300)))
    city.run()
    wrong = {case(f"S{n}") for n in range(300) if str(n).endswith(("7", "33"))}
    assert set(stored_cases(city.db)) == {case(f"S{n}") for n in range(300)} - wrong
    assert letters(city.db) == {"failed": len(wrong)}
    city.assert_whole()


# What was known to stop it


def poisons() -> dict[str, bytes]:
    def urged(rung: str) -> bytes:
        return entry("case.urged", "A", T0 + 1).replace(b'"data":{}', b'"data":{"rung":' + rung.encode() + b"}")

    return {
        "a rung that looks like a phone": urged("13812345678"),
        "a rung that no msgpack holds": urged("18446744073709551616"),
        "pinned due": entry("case.extended", "A", T0 + 1, {"hours": 1, "pinned": {"due": 13812345678}}),
        "pinned rungs": entry("case.closed", "A", T0 + 1, {"pinned": {"rungs": [13812345678]}}),
        "took": entry("case.duplicate_moved", "A", T0 + 1, {"duplicate": "x", "took": 13812345678}),
        "a huge number in a member that nobody knows": entry("case.noted", "A", T0 + 1).replace(b"hm", b'", "x":' + b"9" * 40 + b', "y":"'),
        "escaped quotes": b"[{" * 40 + b'"' + b'\\"' * 32_500,
        "nested deep": b"[" * 5_000,
        "half a surrogate pair": entry("case.noted", "A").replace(b"hm", b"\\ud800"),
        "100 kB": entry("case.noted", "A", T0, {"text": "x" * 100_000}),
    }


@pytest.mark.parametrize("what", poisons())
def test_known_ways_to_stop_the_engine_stop_nothing(city: City, what: str) -> None:
    city.report(entry("case.reported", "A"), poisons()[what], entry("case.noted", "A", T0 + 2))
    city.run()
    assert stored_cases(city.db)[case()].last_at == T0 + 2
    city.assert_whole()
    assert all(len(letter["body"]) <= 64 * 1024 for letter in SqlDeadLetters(city.db).newest(10))


def test_extensions_end_with_a_refusal_that_says_by_what(city: City) -> None:
    """After 122 times 2,160 work hours the calendar ended, and the engine with it."""
    city.report(entry("case.reported", "A"))
    city.run()
    for n in range(12):
        case_now = stored_cases(city.db)[case()]
        city.ask(ask("extend", case(), case_now.version, CHIEF, {"hours": 2160, "mode": "work_hours", "reason": "more"}, f"command-{n}"))
        city.run()
    last = city.answers()["command-11"]
    assert (last["type"], last["data"]["why"], last["data"]["code"]) == ("command.refused", "extended_too_far", "not_allowed")
    assert last["data"]["values"] == {"until": T0 + 3_660 * DAY}
    city.report(*(entry("case.extended", "A", T0 + 1 + n, {"hours": 8784, "mode": "work_hours"}) for n in range(3)))
    city.run()
    assert letters(city.db) == {"not_allowed": 3}
    city.assert_whole()


def test_nobody_can_take_the_id_that_the_engine_will_give(city: City) -> None:
    """The ids of derived events can be computed; with the same id from a command or a source they are different events."""
    import hashlib

    derived = hashlib.blake2b(b"/desk merge-00001 leader", digest_size=16).hexdigest()
    city.report(entry("case.reported", "A"), entry("case.reported", "B"))
    city.run()
    city.report(entry("case.noted", "A", id_=derived))
    city.ask(ask("note", case("B"), 1, CHIEF, {"text": "mine"}, derived))
    city.run()
    city.ask(ask("merge", case("A"), 2, CHIEF, {"into": case("B"), "reason": "twice"}, "merge-00001"))
    city.run()
    assert [(e.source, e.id) for e in stored_events(city.db) if e.type == "case.duplicate_joined"] == [("/engine", derived)]
    city.assert_whole()


def test_an_entry_that_ends_every_engine_is_put_aside_and_those_behind_it_are_not(city: City) -> None:
    """An error of the machine, not of Python: the process is gone each time, nothing is acknowledged."""
    city.report(*(entry("case.reported", f"S{n}") for n in range(10)))
    for _ in range(12):
        streams = stream.EngineStreams(city.server)
        engine = make_engine(city.db, streams, city.clock)
        assert engine.start()
        while found := streams.read(1000, 1):
            if any(b'"S4"' in e.body and e.tries <= batch.TRIES for e in found):
                break  # here it dies
            engine._take(found)
            streams.ack(found)
    assert set(stored_cases(city.db)) == {case(f"S{n}") for n in range(10)} - {case("S4")}
    assert letters(city.db) == {"unfinished": 1}
    city.engine = city.start()
    redrive(city, city.letter())
    assert len(stored_cases(city.db)) == 10


# Take-over


def test_what_an_engine_read_and_left_is_taken_while_the_other_one_works(city: City) -> None:
    """A paused engine wakes up, reads, and dies fenced: nobody used to take these entries until the next restart."""
    left = stream.EngineStreams(city.server)
    city.run()
    city.report(entry("case.reported", "A"))
    left.prepare()
    assert len(left.read(10, 1)) == 1
    assert city.engine.step(1) == 0
    city.server.xclaim(REPORTS, "engine", "engine", 0, [_pending(city)], idle=60_000, justid=True)
    for _ in range(8):
        city.second()
    assert case() in stored_cases(city.db)
    city.assert_whole()


def _pending(city: City) -> bytes:
    return bytes(city.server.xpending_range(REPORTS, "engine", "-", "+", 1)[0]["message_id"])


# Streams do not pile up


def test_acknowledged_entries_are_gone_exactly_and_idle(city: City) -> None:
    city.report(*(entry("case.noted", "A") for _ in range(250)))
    city.ask(ask("note", case(), 1, CHIEF, {"text": "x"}, "command-0"))
    city.run()
    city.second()
    assert (city.server.xlen(REPORTS), city.server.xlen(COMMANDS)) == (0, 0)


def test_entries_that_somebody_trimmed_before_they_were_read_are_told(city: City) -> None:
    city.report(*(entry("case.reported", f"S{n}") for n in range(50)))
    city.run()
    city.second()
    city.report(*(entry("case.reported", f"T{n}") for n in range(200)))
    city.server.xtrim(REPORTS, maxlen=11, approximate=False)
    city.run()
    city.second(2)
    assert len(stored_cases(city.db)) == 61
    letter = city.letter()
    assert (letter.code, letter.stream) == ("trimmed", REPORTS)
    assert letter.reason.startswith("189 entries")
    city.second(3)
    assert letters(city.db) == {"trimmed": 1}, "told once"


def test_a_full_stream_server_loses_nothing_and_goes_on_when_there_is_room(city: City) -> None:
    """What is committed is acknowledged and trimmed, which makes room; events are told later, in order."""
    server = city.server
    used, before = int(server.info("memory")["used_memory"]), server.config_get("maxmemory")["maxmemory"]
    try:
        city.report(*(entry("case.reported", f"S{n}", data=REPORT | {"text": "x" * 5000}) for n in range(400)))
        server.config_set("maxmemory", str(used + 200_000))
        for _ in range(5):
            city.second()
        assert len(stored_cases(city.db)) == 400
        assert server.xlen(REPORTS) == 0
    finally:
        server.config_set("maxmemory", before)
    for _ in range(3):
        city.second()
    city.assert_whole()


def test_a_server_that_lost_its_end_behind_the_engine_s_back_is_told_again(city: City) -> None:
    """A server that is back before the engine asks again looks as if it had never been away, but its file may lack the last second."""
    city.report(*(entry("case.reported", f"S{n}") for n in range(10)))
    city.run()
    lost = [i for i, _ in city.server.xrevrange(CHANGES, count=4)]
    city.server.xdel(CHANGES, *lost)
    city.report(entry("case.reported", "later"))
    city.run()
    city.second()
    assert len(stored_cases(city.db)) == 11
    city.assert_whole()


# Honest time

COURSE = ("case.accepted", "case.dispatched", "case.signed", "case.handled", "case.check_requested", "case.checked", "case.closed")


def test_after_a_downtime_nothing_is_declared_broken_before_the_sources_have_had_their_say(city: City) -> None:
    """A day without an engine; cases were closed in time meanwhile, but that is told only afterwards, oldest first."""
    data = REPORT | {"severity": "danger", "category": "010101"}
    city.report(*(entry("case.reported", f"S{n}", WALL, data) for n in range(30)), beat(WALL), beat(WALL, "/other"))
    city.run()
    city.down(DAY)
    for n in range(29):
        for type_ in COURSE:
            city.report(entry(type_, f"S{n}", WALL + n * MINUTE))
        city.second(3)
    assert not breached(city), "S29 is late indeed, but the sources are not done"
    assert beat_data(city)["awaited"] == ["/12345", "/other"]
    assert beat_data(city)["awaited_until"] > city.clock.at
    city.report(beat(city.clock.at))
    city.second(2)
    assert beat_data(city)["awaited"] == ["/other"]
    city.report(beat(city.clock.at, "/other"))
    city.second(2)
    assert "awaited" not in beat_data(city)
    assert breached(city) == {case("S29")}


def test_a_source_that_stays_silent_is_waited_for_no_longer_than_told(city: City) -> None:
    city.report(entry("case.reported", "A", WALL, REPORT | {"severity": "danger", "category": "010101"}))
    city.run()
    city.down(DAY)
    city.second(2)
    until = beat_data(city)["awaited_until"]
    while city.clock.at < until - 2 * SECOND:
        city.second()
        assert not breached(city)
    city.second(5)
    assert breached(city) == {case("A")}


def test_a_restart_of_some_seconds_waits_for_nobody(city: City) -> None:
    city.report(entry("case.reported", "A", WALL - DAY, REPORT | {"severity": "danger", "category": "010101"}))
    city.run()
    city.down(10 * SECOND)
    city.second(2)
    assert breached(city) == {case("A")}


class SetClock(FixedClock):
    """A machine whose clock somebody sets: `off` ms beside the steady one."""

    off = 0

    def now(self) -> int:
        return self.at + self.off

    def wall(self) -> int:
        return self.at + self.off


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_a_clock_that_is_set_stops_neither_beats_nor_timers_and_is_told(city: City, off: int) -> None:
    city.clock = clock = SetClock(WALL)
    city.engine = city.start()
    city.report(entry("case.reported", "A", WALL - DAY, REPORT | {"severity": "danger", "category": "010101"}))
    city.second(2)
    clock.off = off
    before = len(beats(city))
    for _ in range(5):
        city.second()
    assert len(beats(city)) >= before + 5
    assert beat_data(city)["clock_moved"] == off
    city.report(entry("case.reported", "B", WALL - DAY + off, REPORT | {"severity": "danger", "category": "010101"}))
    city.second(2)
    assert breached(city) == {case("A"), case("B")}
    for _ in range(11):
        city.second(60)
    assert "clock_moved" not in beat_data(city), "for ten minutes"


def beat(at: int, source: str = "/12345") -> bytes:
    return entry("source.heartbeat", "beat", at, source=source)


def beats(city: City) -> list[dict[str, Any]]:
    told = [msgspec.json.decode(fields[b"e"]) for _, fields in city.server.xrange(CHANGES)]
    return [m for m in told if m["type"] == change.BEAT]


def beat_data(city: City) -> dict[str, Any]:
    return dict(beats(city)[-1]["data"])


def breached(city: City) -> set[str]:
    return {e.case for e in stored_events(city.db) if e.type == "case.sla_breached"}


def test_pauses_lead_nowhere_and_the_case_can_still_end(city: City) -> None:
    """After a few pauses of years the calendar ended: whatever came then, its closing too, was a dead letter, and its page a 500."""
    begun = [entry("case.reported", "A"), entry("case.accepted", "A"), entry("case.dispatched", "A", data={"to": "u1"})]
    pause = {"reason": "x", "until": iso(WALL)}
    paused = [e for _ in range(80) for e in (entry("case.suspended", "A", T0, pause), entry("case.resumed", "A", WALL + DAY - MINUTE))]
    city.report(*begun, *paused, entry("case.voided", "A", WALL, {"reason": "x"}))
    city.run()
    assert (letters(city.db), stored_cases(city.db)[case()].stage) == ({}, Stage.VOIDED)


def test_a_case_of_which_enough_was_said_can_only_end(city: City) -> None:
    """Who reads, explains or undoes it reads all of it: 60,000 notes took the engine 7 s in one transaction."""
    notes = [entry("case.noted", "A", T0 + 1, {"text": "x"}) for _ in range(EVENTS + 10)]
    city.report(entry("case.reported", "A"), *notes)
    city.run()
    assert (stored_cases(city.db)[case()].version, letters(city.db)) == (EVENTS, {"not_allowed": 11})
    city.ask(ask("note", case(), EVENTS, CHIEF, {"text": "x"}, "command-note"))
    city.ask(ask("void", case(), EVENTS, CHIEF, {"reason": "x"}, "command-void"))
    city.run()
    assert (city.answers()["command-note"]["data"]["why"], city.answers()["command-void"]["type"]) == ("full", "case.voided")
    city.assert_whole()


def test_as_many_events_wait_for_a_report_as_a_case_may_have(city: City) -> None:
    city.report(*(entry("case.noted", "A", T0 + 1, {"text": "x"}) for _ in range(EVENTS + 10)))
    city.run()
    city.engine = city.start()
    city.report(entry("case.noted", "A", T0 + 1, {"text": "x"}), entry("case.noted", "B"))
    city.run()
    assert (len(orphans(city.db)), letters(city.db)) == (EVENTS + 1, {"not_allowed": 11})
    city.report(entry("case.reported", "A"))
    city.run()
    assert (stored_cases(city.db)[case()].version, len(orphans(city.db))) == (EVENTS, 1)
    city.assert_whole()
