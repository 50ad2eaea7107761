"""The ledger's promises, kept by the fake, by SQLite and by PostgreSQL alike (dashboard/ports/ledger.py)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import create_engine, text

from dashboard.access.role import User
from dashboard.cases.alarm import Alarm
from dashboard.cases.case import Case
from dashboard.cases.event import Event, placed
from dashboard.cases.fold import fold
from dashboard.cases.row import row_of
from dashboard.clock import wall_ms
from dashboard.ports.ledger import FAMILIAR, MOST_SOURCES, Commit, DeadLetter, Fenced, Lease, Ledger, Orphan, Outcome, SourceSeen
from dashboard.ports.stream import Entry
from dashboard.process.identity import name_of
from data_access.database import connect, migrate, url_of
from data_access.lease import holder_name
from data_access.ledger import SqlLedger
from tests.fakes.ledger import FakeLedger
from tests.made import SOURCE, T0, case, event

ELSEWHERE = "another-host:17:5"
LEASE_MS = 500
"""Short, so that the tests can wait until one has run out."""


def run_out() -> None:
    time.sleep(LEASE_MS / 1000 + 0.05)


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def ledgers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Ledger, Ledger]]:
    """Two ledgers on one store, as two engines have them."""
    if request.param == "fake":
        one = FakeLedger(LEASE_MS)
        yield one, one
        return
    url = url_of("", tmp_path) if request.param == "sqlite" else request.getfixturevalue("fresh_postgres")()
    if request.param == "sqlite":
        migrate(url)
    engines = [connect(url), connect(url)]
    yield SqlLedger(engines[0], LEASE_MS), SqlLedger(engines[1], LEASE_MS)
    for engine in engines:
        engine.dispose()


@pytest.fixture
def ledger(ledgers: tuple[Ledger, Ledger]) -> Ledger:
    return ledgers[0]


def held(ledger: Ledger, holder: str = "a-host:1:1") -> Lease:
    lease = ledger.acquire(0, holder)
    assert lease is not None
    return lease


def story(subject: str, *types: str, after: int = 0) -> tuple[list[Event], Case]:
    """Events of one case, folded, with positions after `after`."""
    found: Case | None = None
    events = []
    for n, type_ in enumerate(("case.reported", *types), 1):
        e = event(type_, T0 + n, subject)
        result = fold(e, found)
        assert isinstance(result, Case)
        found = result
        found.pos = after + n
        events.append(placed(e, found.pos, found.version, T0 + 1000))
    assert found is not None
    return events, found


def write(ledger: Ledger, lease: Lease, commit: Commit) -> None:
    with ledger.begin(lease) as tx:
        tx.write(commit)


def stored(ledger: Ledger) -> list[str]:
    return [e.id for e, _ in ledger.events_after(0, 0, 1000)]


def outcome(id_: str, **over: Any) -> Outcome:
    values: dict[str, Any] = {
        "case": case(),
        "verb": "note",
        "actor": User("p", "P", "dispatcher", "c"),
        "at": T0,
        "digest": "d",
        "status": "accepted",
    }
    return Outcome(id_, **(values | over))


def dead(entry_id: str, event_id: str | None = None) -> DeadLetter:
    return DeadLetter("cases:reports:{0}", entry_id, SOURCE if event_id else None, event_id, "not_json", "why", b"\xff\x00 raw", T0)


def orphan(event_id: str, subject: str = "A", at: int = T0, received: int = T0) -> Orphan:
    return Orphan(event_id, SOURCE, case(subject), at, received, Entry("cases:reports:{0}", f"{at}-{received}", b'{"e":1}'))


# Leases


def test_only_one_engine_holds_a_partition(ledgers: tuple[Ledger, Ledger]) -> None:
    first = held(ledgers[0])
    assert (first.epoch, first.pos) == (1, 0)
    assert ledgers[1].acquire(0, ELSEWHERE) is None
    run_out()
    assert held(ledgers[1], ELSEWHERE).epoch == 2


def test_a_transaction_renews_the_lease(ledgers: tuple[Ledger, Ledger]) -> None:
    lease = held(ledgers[0])
    for _ in range(4):
        time.sleep(LEASE_MS / 2500)
        write(ledgers[0], lease, Commit())
        assert ledgers[1].acquire(0, ELSEWHERE) is None
    run_out()
    assert ledgers[1].acquire(0, ELSEWHERE) is not None


def test_the_same_engine_takes_its_lease_again_at_a_higher_epoch(ledger: Ledger) -> None:
    assert (held(ledger).epoch, held(ledger).epoch) == (1, 2)


def test_the_old_engine_is_fenced_off_and_writes_nothing(ledgers: tuple[Ledger, Ledger]) -> None:
    old = held(ledgers[0])
    events, found = story("A")
    run_out()
    new = held(ledgers[1], ELSEWHERE)
    with pytest.raises(Fenced):
        write(ledgers[0], old, Commit(events=events, cases={found.case: found}))
    assert stored(ledgers[1]) == []
    write(ledgers[1], new, Commit(events=events, cases={found.case: found}))
    with pytest.raises(Fenced):
        write(ledgers[0], old, Commit())
    assert stored(ledgers[0]) == [e.id for e in events]


def test_an_engine_that_was_replaced_does_not_come_back(ledgers: tuple[Ledger, Ledger]) -> None:
    """Its memory of the cases is of before: even when the partition is free again, it must begin anew as another process."""
    held(ledgers[0])
    run_out()
    held(ledgers[1], ELSEWHERE)
    run_out()
    with pytest.raises(Fenced):
        ledgers[0].acquire(0, "a-host:1:1")
    assert held(ledgers[0], "a-host:2:2").epoch == 3


def test_a_lease_tells_the_last_pos(ledger: Ledger) -> None:
    events, found = story("A", "case.accepted", "case.noted")
    write(ledger, held(ledger), Commit(events=events, cases={found.case: found}))
    assert held(ledger).pos == 3


# Transactions


@pytest.mark.parametrize("where", ["before", "after"])
def test_an_error_rolls_everything_back(ledger: Ledger, where: str) -> None:
    lease = held(ledger)
    events, found = story("A")
    commit = Commit(
        events=events, cases={found.case: found}, outcomes=[outcome("c")], dead=[dead("1-1", "x")], orphans=[orphan("o", "B")],
        sources=[SourceSeen("/s", T0, T0, 1)], alarms=[Alarm(found.case, "x", "new_danger", 0, T0)],
    )  # fmt: skip
    with pytest.raises(ZeroDivisionError), ledger.begin(lease) as tx:
        if where == "before":
            raise ZeroDivisionError
        tx.write(commit)
        raise ZeroDivisionError
    assert (stored(ledger), ledger.waiting(0), ledger.sources()) == ([], {}, [])
    with ledger.begin(lease) as tx:
        assert tx.known([events[0].key, (SOURCE, "x"), (SOURCE, "o")]) == set()
        assert (tx.cases([found.case]), tx.outcomes(["c"]), tx.alarms([found.case])) == ({}, {}, [])
    assert held(ledger).pos == 0


def test_an_event_is_written_once_or_the_whole_commit_is_not(ledger: Ledger) -> None:
    lease = held(ledger)
    events, found = story("A")
    write(ledger, lease, Commit(events=events, cases={found.case: found}))
    more, other = story("B", after=1)
    again, _ = story("C", after=2)
    again[0] = msgspec.structs.replace(again[0], id=events[0].id)
    with pytest.raises(Exception):  # noqa: B017 - each store has its own error; what matters is that nothing is written
        write(ledger, lease, Commit(events=[*more, *again], cases={other.case: other}))
    assert stored(ledger) == [events[0].id]
    assert held(ledger).pos == 1
    with ledger.begin(held(ledger)) as tx:
        assert tx.cases([other.case]) == {}


def test_known_are_events_orphans_and_letters(ledger: Ledger) -> None:
    lease = held(ledger)
    events, found = story("A")
    write(ledger, lease, Commit(events=events, cases={found.case: found}, dead=[dead("1-1", "d"), dead("1-2")], orphans=[orphan("o", "B")]))
    with ledger.begin(lease) as tx:
        keys = [events[0].key, *((SOURCE, i) for i in ("d", "o"))]
        assert tx.known([*keys, (SOURCE, "new")]) == set(keys)
        assert tx.known([]) == set()
        many = [(SOURCE, f"n{i}") for i in range(5000)]
        assert tx.known([*many, (SOURCE, "o")]) == {(SOURCE, "o")}, "asked for in chunks"
        assert tx.known([("/other", i) for _, i in keys]) == set(), "another source's id is another event"


def test_two_sources_may_use_the_same_id(ledger: Ledger) -> None:
    """Otherwise one of them could make the other's event disappear by using its id first."""
    lease = held(ledger)
    events, found = story("A")
    more, other = story("B", after=1)
    more[0] = msgspec.structs.replace(more[0], id=events[0].id, source="/other")
    here, there = orphan("o", "C"), msgspec.structs.replace(orphan("o", "C", at=T0 + 1), source="/other")
    write(ledger, lease, Commit(events=[*events, *more], cases={found.case: found, other.case: other}, orphans=[here, there]))
    assert [e.source for e, _ in ledger.events_after(0, 0, 10)] == [SOURCE, "/other"]
    with ledger.begin(lease) as tx:
        assert tx.orphans_of([case("C")]) == [here, there]
        tx.write(Commit(adopted=[here.key]))
    assert ledger.expired(0, T0 + 1) == [there]


def test_a_partition_sees_its_own(ledger: Ledger) -> None:
    """Timers, waiting and expired orphans: another partition's engine has its own."""
    here, there = held(ledger), ledger.acquire(1, ELSEWHERE)
    assert there is not None
    events, found = story("A")
    found.rungs = [T0]
    write(ledger, there, Commit(events=events, cases={found.case: found}, orphans=[orphan("o", "B")]))
    with ledger.begin(here) as tx:
        assert tx.timers(T0 + 1, 10) == []
    with ledger.begin(there) as tx:
        assert [c.case for c in tx.timers(T0 + 1, 10)] == [found.case]
    assert (ledger.waiting(0), ledger.expired(0, T0 + 1)) == ({}, [])
    assert (ledger.waiting(1), len(ledger.expired(1, T0 + 1))) == ({case("B"): 1}, 1)


def test_a_case_comes_back_as_it_was_written(ledger: Ledger) -> None:
    lease = held(ledger)
    events, found = story("A", "case.accepted", "case.dispatched", "case.signed")
    found.flags, found.title, found.satisfaction = ["out_of_order"], "井盖 “破” \U0001f573", "yes"
    write(ledger, lease, Commit(events=events, cases={found.case: found}))
    with ledger.begin(lease) as tx:
        assert tx.cases([found.case, "none"]) == {found.case: found}


def test_events_come_back_in_order_of_pos_with_the_row_of_their_case(ledger: Ledger) -> None:
    lease = held(ledger)
    events, found = story("A", "case.accepted", "case.dispatched")
    events[1] = msgspec.structs.replace(events[1], actor="P. One", cause="command-1")
    write(ledger, lease, Commit(events=events, cases={found.case: found}))
    more, other = story("B", after=3)
    write(ledger, lease, Commit(events=more, cases={other.case: other}))
    back = ledger.events_after(0, 0, 1000)
    assert [e for e, _ in back] == [*events, *more]
    assert [row for _, row in back] == [row_of(found)] * 3 + [row_of(other)]
    assert [e.pos for e, _ in back] == [1, 2, 3, 4], "without a gap"
    assert [e.pos for e, _ in ledger.events_after(0, 1, 2)] == [2, 3]
    assert ledger.events_after(0, 4, 10) == []


def test_outcomes_are_kept_whole(ledger: Ledger) -> None:
    lease = held(ledger)
    yes = outcome("yes", pos=9)
    no = outcome("no", status="refused", code="conflict", message="Ms Faster was", current={"version": 4, "who": "李"})
    no = msgspec.structs.replace(no, why="version_moved", values={"who": "李", "at": 5})
    write(ledger, lease, Commit(outcomes=[yes, no]))
    with ledger.begin(lease) as tx:
        assert tx.outcomes(["yes", "no", "none"]) == {"yes": yes, "no": no}


def test_orphans_wait_oldest_first_until_they_are_adopted(ledger: Ledger) -> None:
    lease = held(ledger)
    young, old, other = orphan("young", at=T0 + 9), orphan("old", at=T0 + 1), orphan("other", "B", received=T0 + 50)
    write(ledger, lease, Commit(orphans=[young, old, other]))
    assert ledger.waiting(0) == {case("A"): 2, case("B"): 1}
    with ledger.begin(lease) as tx:
        assert tx.orphans_of([case("A")]) == [old, young]
        tx.write(Commit(adopted=[old.key, young.key]))
    assert ledger.waiting(0) == {case("B"): 1}
    assert ledger.expired(0, T0 + 50) == []
    assert ledger.expired(0, T0 + 51) == [other]


def test_the_same_letter_and_orphan_again_is_one(ledger: Ledger) -> None:
    lease = held(ledger)
    for _ in range(2):
        write(ledger, lease, Commit(dead=[dead("1-1", "d")], orphans=[orphan("o")]))
    with ledger.begin(lease) as tx:
        assert len(tx.orphans_of([case("A")])) == 1


def test_alarms_are_known_by_case_and_event_and_what_ended_them_is_kept(ledger: Ledger) -> None:
    """Two sources may use the same event id, so an id alone is no alarm."""
    lease = held(ledger)
    first, second = Alarm(case("A"), "e", "new_danger", 0, T0 + 2), Alarm(case("A"), "f", "escalated", 3, T0 + 1, ("commander",), "p")
    other = Alarm(case("B"), "e", "breached", 0, T0, ("u1",))
    write(ledger, lease, Commit(alarms=[first, second, other]))
    seen = msgspec.structs.replace(first, acknowledged=T0 + 3, acknowledged_id="q", acknowledged_by="李 “四”", ended=T0 + 3, ended_by="c")
    with ledger.begin(lease) as tx:
        assert tx.alarms([case("A"), "none"]) == [second, first], "oldest first"
        tx.write(Commit(alarms=[seen]))
        assert tx.alarms([case("A"), case("B")]) == [other, second, seen]
        assert tx.alarms([]) == []


def test_an_outcome_learns_what_undid_it(ledger: Ledger) -> None:
    lease = held(ledger)
    first = Outcome("command-1", case("A"), "urge", User("p", "P", "dispatcher", "c"), T0, "d", "accepted", pos=1)
    write(ledger, lease, Commit(outcomes=[first]))
    undone = msgspec.structs.replace(first, undone="command-2")
    with ledger.begin(lease) as tx:
        tx.write(Commit(outcomes=[msgspec.structs.replace(first, id="command-2", verb="undo"), undone]))
        assert tx.outcomes(["command-1"]) == {"command-1": undone}


def test_sources_are_renewed(ledger: Ledger) -> None:
    lease = held(ledger)
    write(ledger, lease, Commit(sources=[SourceSeen("/a", 1, 2, 3), SourceSeen("/b", 1, 1, 1)]))
    write(ledger, lease, Commit(sources=[SourceSeen("/a", 4, 5, 6)]))
    assert sorted(ledger.sources(), key=lambda s: s.source) == [SourceSeen("/a", 4, 5, 6), SourceSeen("/b", 1, 1, 1)]


def test_of_sources_without_end_the_familiar_and_the_latest_are_remembered(ledger: Ledger) -> None:
    lease = held(ledger)
    made_up = [SourceSeen(f"/x{n}", T0 + n, 1, 1) for n in range(MOST_SOURCES + 5)]
    write(ledger, lease, Commit(sources=[SourceSeen("/12345", 1, 1, FAMILIAR), *made_up]))
    assert [s.source for s in ledger.sources()] == ["/12345", *(s.source for s in reversed(made_up))][:MOST_SOURCES]


# What only the real ones have


def test_on_the_same_machine_a_dead_engine_loses_its_lease_at_once(database: Any) -> None:
    import subprocess
    import sys

    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = name_of(process.pid)
    assert name is not None
    ledger = SqlLedger(database)
    held(ledger, name)
    assert ledger.acquire(0, ELSEWHERE) is None, "it lives"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and still not reaped
    assert held(ledger, holder_name().rpartition(":")[0] + ":0").epoch == 2, "dead, though nobody has reaped it"
    assert held(ledger, holder_name()).epoch == 3, "this pid is another process by now"
    process.wait()
    assert ledger.acquire(0, ELSEWHERE) is None, "this process lives"


def test_a_clock_that_was_set_back_keeps_no_dead_leader_alive(database: Any) -> None:
    ledger, waiting = SqlLedger(database, LEASE_MS), SqlLedger(database, LEASE_MS)
    held(ledger)
    with database.execution_options(write=True).begin() as c:
        c.execute(text("UPDATE partition SET lease_until = lease_until + 3600000"))
    assert waiting.acquire(0, ELSEWHERE) is None
    run_out()
    assert held(waiting, ELSEWHERE).epoch == 2


def test_a_caller_whose_clock_is_wrong_takes_nothing(database: Any) -> None:
    """Lease times are the database's: within two seconds of this machine's, whatever a leader believes."""
    lease = held(SqlLedger(database))
    with SqlLedger(database).begin(lease):
        pass
    with database.connect() as c:
        until = int(c.execute(text("SELECT lease_until FROM partition")).scalar_one())
    assert abs(until - wall_ms() - 5000) < 2000


def test_two_transactions_never_overlap(ledgers: tuple[Ledger, Ledger]) -> None:
    """While one engine writes, the other one waits, though the lease runs out meanwhile; then the first is fenced off."""
    first = held(ledgers[0])
    order: list[str] = []
    inside = threading.Event()

    def take_over() -> None:
        inside.wait()
        while ledgers[1].acquire(0, ELSEWHERE) is None:
            time.sleep(0.01)
        order.append("taken over")

    thread = threading.Thread(target=take_over)
    thread.start()
    with ledgers[0].begin(first) as tx:
        inside.set()
        thread.join(LEASE_MS / 2000)
        events, found = story("A")
        tx.write(Commit(events=events, cases={found.case: found}))
        order.append("written")
    thread.join(10)
    assert order == ["written", "taken over"]
    assert len(stored(ledgers[1])) == 1
    with pytest.raises(Fenced), ledgers[0].begin(first):
        pass


def test_the_schema_is_there_after_migrating_twice(tmp_path: Path) -> None:
    url = url_of("", tmp_path)
    migrate(url)
    migrate(url)
    with create_engine(url).connect() as c:
        assert c.execute(text("SELECT count(*) FROM event")).scalar() == 0


def test_of_engines_that_start_together_on_an_empty_store_one_wins(ledgers: tuple[Ledger, Ledger]) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    together = Barrier(6)

    def start(n: int) -> Lease | None:
        together.wait()
        return ledgers[n % 2].acquire(0, f"host-{n}:1:1")

    with ThreadPoolExecutor(6) as pool:
        leases = list(pool.map(start, range(6)))
    assert [lease.epoch for lease in leases if lease] == [1]
