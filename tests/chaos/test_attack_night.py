"""Every part of the system frozen and killed, one after the other, under load with poisons: what is left is what plain Python says."""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from dashboard.clock import DAY, wall_ms
from data_access import stream
from data_access import table as t
from tests.chaos.crowd import Crowd, Dispatcher, Look, Onlooker, at_work
from tests.chaos.night import Night, Postgres, night
from tests.chaos.night import own_postgres as own_postgres  # a fixture
from tests.circle import Oracle, assert_published, assert_whole, comparable, orphans, stored_cases
from tests.made import case

REPORTS, COMMANDS, CHANGES = (stream.name(kind) for kind in ("reports", "commands", "changes"))
ANSWERED_IN = 15.0
"""Seconds within which a living web worker has answered everybody, whatever else is away: 10 by design, more on a busy machine."""
REPLACED = "workers are replaced"
"""In phases of this kind nobody may be there to answer."""
Attack = Callable[[Night], None]


# What is done to it


def freeze(process: psutil.Process) -> None:
    """And wait until it is replaced."""
    process.send_signal(signal.SIGSTOP)
    end = time.monotonic() + 45
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end, "a frozen process was not replaced"
        time.sleep(0.1)


def engine_freezes(it: Night) -> None:
    freeze(it.part("engine"))


def worker_freezes(it: Night) -> None:
    freeze(it.part("web").children()[0])


def master_freezes(it: Night) -> None:
    freeze(it.part("web"))


def embedded_redis_freezes(it: Night) -> None:
    freeze(it.part("valkey"))


def embedded_redis_dies(it: Night) -> None:
    died = it.part("valkey")
    died.kill()
    it.until(lambda: it.child("valkey") not in (None, died), 30)


def engine_dies(times: int) -> Attack:
    def again_and_again(it: Night) -> None:
        for n in range(times):
            died = it.part("engine")
            time.sleep(0.3 + 0.7 * (n % 3))
            died.kill()
            it.until(lambda died=died: it.child("engine") not in (None, died), 45)

    return again_and_again


def pauses(part: str, seconds: float) -> Attack:
    """`part`: redis or postgres."""

    def pause(it: Night) -> None:
        server = getattr(it, part)
        server.signal(signal.SIGSTOP)
        time.sleep(seconds)
        server.signal(signal.SIGCONT)

    return pause


def redis_dies(it: Night) -> None:
    assert it.redis
    it.redis.kill()
    time.sleep(2)
    it.redis.start()


def postgres_stops(it: Night) -> None:
    assert it.postgres
    it.postgres.stop()
    time.sleep(3)
    it.postgres.start()


# What must be true afterwards


@contextmanager
def attacked(it: Night, name: str, replaces: bool = False) -> Iterator[None]:
    """One attack, then all must be green again by itself. The web workers are the same ones unless they were what was attacked."""
    before = it.workers()
    Onlooker.phase = f"{name} ({REPLACED})" if replaces else name
    began = time.monotonic()
    yield
    lasted, recovered = time.monotonic() - began, it.recovered()
    print(f"{name}: {lasted:.1f} s, green again after {recovered:.1f} s, until then {it.reasons}")
    if not replaces:
        assert it.workers() == before, f"a web worker ended: {name}"
    Onlooker.phase = "quiet"


def settled(it: Night) -> None:
    """Everything is taken in and told."""
    inbox = stream.Inbox(it.client)
    it.until(lambda: inbox.backlog() == 0 and not it.client.xpending(COMMANDS, "engine")["pending"], 60)
    it.recovered()


def assert_the_oracle_agrees(it: Night, crowd: Crowd) -> Oracle:
    oracle = Oracle(wall_ms() + DAY, wall_ms())
    for body in crowd.source.sent:
        oracle.take(body)
    assert state_of(stored_cases(it.db)) == state_of(oracle.cases)
    assert orphans_of(it) == oracle.orphans
    found = thrown(it)
    assert {(d.code, d.body) for d in found} == oracle.thrown
    assert max(Counter((d.source, d.event_id) for d in found if d.event_id).values()) == 1, "one event, one letter"
    return oracle


def orphans_of(it: Night) -> set[str]:
    return set(orphans(it.db))


def state_of(cases: dict[str, Any]) -> dict[str, Any]:
    """Of the source's own cases, on which nobody else acts; positions count what others do in between."""
    mine = {i: c for i, c in cases.items() if i.startswith(case("H"))}
    return {i: c | {"pos": 0} for i, c in comparable(mine).items()}


def thrown(it: Night) -> list[Any]:
    with it.db.connect() as c:
        return list(c.execute(select(t.dead_letter).where(t.dead_letter.c.stream == REPORTS)))


def assert_commands(it: Night, people: list[Dispatcher]) -> None:
    """What was answered is kept; accepted is one effect, refused none, and nobody knows of an unanswered one but that it is one at most."""
    c, e = t.command.c, t.event.c
    with it.db.connect() as db:
        kept = {i: (status, code) for i, status, code in db.execute(select(c.id, c.status, c.code))}
        effects = dict(db.execute(select(e.cause, func.count()).where(e.cause.is_not(None)).group_by(e.cause)).all())
        at = dict(db.execute(select(e.cause, e.pos).where(e.cause.is_not(None))).all())
    answers = {i: a for person in people for i, a in person.answers.items()}
    unanswered = {person.open for person in people if person.open}
    assert set(kept) <= set(answers) | unanswered
    assert {i: kept[i] for i in answers} == {i: (a["status"], a["code"]) for i, a in answers.items()}
    assert set(effects.values()) == {1}
    accepted = {i: a["pos"] for i, a in answers.items() if a["status"] == "accepted"}
    assert {i: pos for i, pos in at.items() if i not in unanswered} == accepted
    tries = sum(p.tries for p in people)
    print(f"{len(answers)} commands answered, {len(accepted)} accepted, {tries} tries, {len(unanswered)} unanswered at the end")
    assert accepted and tries > len(answers), "no outage was noticed by anybody: this night proves nothing"


def assert_answers(looks: list[Look]) -> None:
    """A worker that lives answers in time, with a success or a problem that says what is away; and nobody ever sees an error of ours."""
    for look in looks:
        assert look.status in (0, 200, 503), look
        assert look.status != 503 or look.media == "application/problem+json", look
        if REPLACED not in look.phase:
            assert look.status != 0, look
            assert look.seconds < ANSWERED_IN, look
            assert look.path != "/healthz" or look.status == 200, look
    for phase in dict.fromkeys(look.phase for look in looks):
        of_phase = [look for look in looks if look.phase == phase]
        slowest = max(of_phase, key=lambda look: look.seconds)
        statuses = dict(Counter(look.status for look in of_phase))
        print(f"  {phase}: {statuses}, slowest {slowest.seconds:.1f} s ({slowest.path})")


def assert_a_good_end(it: Night, crowd: Crowd) -> None:
    settled(it)
    said = it.said
    assert "Traceback" not in said, said[said.index("Traceback") - 2000 :][:6000]
    assert_answers(crowd.looks)
    assert_commands(it, crowd.people)
    assert_whole(it.db)
    assert_published(it.db, [fields[b"e"] for _, fields in it.client.xrange(CHANGES)])
    oracle = assert_the_oracle_agrees(it, crowd)
    print(f"{len(crowd.source.sent)} events, {len(oracle.cases)} cases, Redis away {crowd.source.times_away} times, {dict(oracle.letters)}")


# The nights


def test_a_short_night(tmp_path: Path, own_postgres: Postgres) -> None:
    """The database hangs for some seconds, and Redis dies."""
    with night(tmp_path, own_postgres, outside=True) as it:
        with at_work(it, 200, 3) as crowd:
            it.recovered()
            for name, attack in (("PostgreSQL pauses", pauses("postgres", 8)), ("Redis dies", redis_dies)):
                with attacked(it, name):
                    attack(it)
        assert_a_good_end(it, crowd)


@pytest.mark.large
def test_a_night_on_postgres(tmp_path: Path, own_postgres: Postgres) -> None:
    with night(tmp_path, own_postgres, outside=True, workers=2) as it:
        with at_work(it, 300, 4) as crowd:
            it.recovered()
            for name, attack in (
                ("engine freezes", engine_freezes), ("Redis pauses", pauses("redis", 60)), ("Redis dies", redis_dies),
                ("PostgreSQL pauses", pauses("postgres", 60)), ("PostgreSQL stops", postgres_stops), ("engine dies", engine_dies(6)),
            ):  # fmt: skip
                with attacked(it, name):
                    attack(it)
            for name, attack in (("worker freezes", worker_freezes), ("master freezes", master_freezes)):
                with attacked(it, name, replaces=True):
                    attack(it)
        assert_a_good_end(it, crowd)


@pytest.mark.large
def test_a_night_on_sqlite(tmp_path: Path) -> None:
    with night(tmp_path) as it:
        with at_work(it, 300, 4) as crowd:
            it.recovered()
            for name, attack in (
                ("engine freezes", engine_freezes), ("embedded Redis freezes", embedded_redis_freezes),
                ("embedded Redis dies", embedded_redis_dies), ("engine dies", engine_dies(6)),
            ):  # fmt: skip
                with attacked(it, name):
                    attack(it)
            for name, attack in (("worker freezes", worker_freezes), ("master freezes", master_freezes)):
                with attacked(it, name, replaces=True):
                    attack(it)
        assert_a_good_end(it, crowd)
