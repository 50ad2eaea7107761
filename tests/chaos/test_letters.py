"""`gridcommand deadletters` on a running system: what was thrown out is named, and what has been mended has its effect."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import psutil
import pytest
from sqlalchemy import select, update

from dashboard.clock import DAY, MINUTE, wall_ms
from data_access import stream
from data_access import table as t
from tests.chaos.night import Night, night
from tests.circle import assert_whole, stored_cases
from tests.made import DATA, REPORT, case, entry

REPORTS, COMMANDS = stream.name("reports"), stream.name("commands")
AT = wall_ms() - 30 * MINUTE


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Redis is the test's own, so that nobody replaces it when it hangs."""
    with night(tmp_path_factory.mktemp("letters"), outside=True) as made:
        yield made


def send(it: Night, *bodies: bytes) -> None:
    """To the reports, and waits until they are taken in."""
    stream.Inbox(it.client).report(bodies)
    taken(it)


def taken(it: Night) -> None:
    it.until(lambda: stream.Inbox(it.client).backlog() == 0 and not it.client.xpending(COMMANDS, "engine")["pending"], 30)


def listed(it: Night) -> list[list[str]]:
    """The lines of `deadletters list`, newest first: entry, time, code, stream, reason, and "redriven" where it was."""
    done = it.command("deadletters", "list", "--limit", "1000")
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()[:-1]]


def letter(it: Night, code: str) -> str:
    """The newest letter of this code, as it is listed."""
    return next(line[0] for line in listed(it) if line[2] == code)


def redriven(it: Night, code: str) -> None:
    done = it.command("deadletters", "redrive", name := letter(it, code))
    assert (done.returncode, done.stdout) == (0, f"{name} is in {REPORTS} again\n"), done.stderr
    taken(it)


def refused(it: Night, *args: str) -> tuple[int, str]:
    """Exit code and the one line with which a command ended."""
    done = it.command("deadletters", *args)
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1, (done.stdout, done.stderr)
    return done.returncode, done.stderr


def test_each_kind_is_named_with_its_stream_and_reason(it: Night) -> None:
    bad = {
        "not_json": b"{", "bad_envelope": b"{}", "too_large": entry("case.noted", "L", AT, {"text": "x" * 70_000}),
        "unknown_type": entry("case.exploded", "L", AT), "bad_data": entry("case.reported", "L", AT, REPORT | {"category": 5}),
        "bad_time": entry("case.noted", "L", 0), "not_allowed": entry("case.closed", "L", AT + 1),
    }  # fmt: skip
    send(it, entry("case.reported", "L", AT), *bad.values())
    lines = [line for line in listed(it) if line[3] == REPORTS]
    assert {line[2] for line in lines} >= set(bad)
    assert all(line[4] for line in lines)
    assert it.command("deadletters", "show", letter(it, "not_json")).stdout == "{\n"


def test_an_event_that_came_too_early_has_its_effect_when_what_was_missing_has_come(it: Night) -> None:
    send(it, entry("case.reported", "M", AT), entry("case.signed", "M", AT + 3, id_="early-1"))
    assert stored_cases(it.db)[case("M")].version == 1
    send(it, entry("case.accepted", "M", AT + 1), entry("case.dispatched", "M", AT + 2, DATA["case.dispatched"]))
    redriven(it, "not_allowed")
    assert stored_cases(it.db)[case("M")].version == 4
    assert next(line for line in listed(it) if line[2] == "not_allowed")[-1] == "redriven"
    send(it, entry("case.signed", "M", AT + 3, id_="early-1"))
    assert stored_cases(it.db)[case("M")].version == 4, "once"
    assert_whole(it.db)


@pytest.mark.large
def test_an_event_whose_case_was_never_reported_has_its_effect_when_it_is(it: Night) -> None:
    send(it, entry("case.noted", "late", AT + 1))
    with it.db.execution_options(write=True).begin() as c:
        c.execute(update(t.orphan).values(received=t.orphan.c.received - 30 * DAY))
    it.part("engine").kill()  # it looks at its start, and once a minute
    it.until(lambda: any(line[2] == "never_reported" for line in listed(it)), 60)
    send(it, entry("case.reported", "late", AT))
    assert stored_cases(it.db)[case("late")].version == 1
    redriven(it, "never_reported")
    assert stored_cases(it.db)[case("late")].version == 2


@pytest.mark.large
def test_what_is_not_there_whole_says_so(it: Night) -> None:
    send(it, entry("case.noted", "L", AT, {"text": "x" * 70_000}))
    code, line = refused(it, "redrive", letter(it, "too_large"))
    assert code == 2 and "more than 65536 bytes" in line and "nothing that could be sent again" in line
    engine = it.part("engine")
    engine.send_signal(signal.SIGSTOP)
    stream.Inbox(it.client).report([entry("case.noted", "L", AT + n) for n in range(5)])
    it.client.xtrim(REPORTS, maxlen=0, approximate=False)
    stream.Inbox(it.client).report([entry("case.noted", "L", AT + 9)])
    engine.send_signal(signal.SIGCONT)
    it.until(lambda: any(line[2] == "trimmed" for line in listed(it)), 30)
    code, line = refused(it, "redrive", letter(it, "trimmed"))
    assert code == 2 and "were trimmed before they were read" in line and "nothing that could be sent again" in line


def test_a_timer_that_went_wrong_is_no_entry_of_a_stream(it: Night) -> None:
    with it.db.execution_options(write=True).begin() as c:
        values = {"stream": "timers", "entry": "7-7", "code": "failed", "reason": "Strange: of nowhere", "body": case("L").encode()}
        c.execute(t.dead_letter.insert().values(values | {"at": wall_ms()}))
    code, line = refused(it, "redrive", "7-7")
    assert code == 2 and "timer" in line
    assert it.client.exists("timers") == 0


@pytest.mark.large
def test_an_id_of_two_streams_asks_which(it: Night) -> None:
    soon = f"{wall_ms() + 60_000}-7"
    for name in (REPORTS, COMMANDS):
        it.client.xadd(name, {"e": b"{twice"}, id=soon)
    it.until(lambda: sum(line[0] == soon for line in listed(it)) == 2, 30)
    code, line = refused(it, "show", soon)
    assert code == 2 and "--stream" in line and REPORTS in line and COMMANDS in line
    assert it.command("deadletters", "show", soon, "--stream", COMMANDS).stdout == "{twice\n"


@pytest.mark.large
def test_while_redis_is_away_a_letter_stays_as_it_was(it: Night) -> None:
    send(it, entry("case.reported", "R", AT), entry("case.signed", "R", AT + 3, id_="away-1"))
    name = letter(it, "not_allowed")
    before = stored(it, name)
    assert it.redis
    it.redis.signal(signal.SIGSTOP)
    try:
        code, line = refused(it, "redrive", name)
        assert code == 75 and "edis" in line
        assert stored(it, name) == before
    finally:
        it.redis.signal(signal.SIGCONT)
    redriven(it, "not_allowed")
    assert psutil.pid_exists(it.up.pid)


def stored(it: Night, name: str) -> object:
    with it.db.connect() as c:
        return c.execute(select(t.dead_letter).where(t.dead_letter.c.entry == name)).all()
