"""The fuzz job: everything that was ever found (corpus/) and what chance makes of it, against every decoder and against a running engine.

`make fuzz` runs it for ten minutes, CI for one; each input that is a fault is written into corpus/, to be committed with its mending.
"""

from __future__ import annotations

import random
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from types import FrameType

import pytest
import redis

from dashboard.clock import HOUR, SECOND, FixedClock
from data_access import stream
from data_access.database import connect, migrate, url_of
from data_access.registry import SqlRegistry
from tests.circle import assert_whole, make_engine, stored_cases
from tests.fuzz.mutate import mutated
from tests.fuzz.target import TARGETS
from tests.made import T0, UNITS, case, entry

CORPUS = Path(__file__).parent / "corpus"
AT_MOST = 5
"""Seconds of processor time for one input of at most 80 kB; honest work takes some milliseconds, a quadratic one 20 s."""


def corpus() -> dict[str, list[bytes]]:
    """By target; a file's name is TARGET-WHAT."""
    found = defaultdict(list)
    for path in sorted(CORPUS.iterdir()):
        found[path.name.partition("-")[0]].append(path.read_bytes())
    return found


class TooSlow(Exception):
    """An input that costs more than its size allows."""


def feed(target: str, body: bytes) -> None:
    """Raises what must not come out. An error that is named needs words, too."""
    fed = TARGETS[target]
    try:
        fed.feed(body)
    except fed.errors as e:
        assert str(e), f"{target}: an error without words"


def kept(target: str, body: bytes) -> Path:
    path = CORPUS / f"{target}-{blake2b(body, digest_size=6).hexdigest()}"
    path.write_bytes(body)
    return path


@pytest.fixture
def alarm() -> Iterator[None]:
    """Processor time that one input may take: the signal comes also in the middle of a regular expression's Python caller."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise TooSlow(f"more than {AT_MOST} s")

    before = signal.signal(signal.SIGVTALRM, ring)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def timed(target: str, body: bytes) -> None:
    signal.setitimer(signal.ITIMER_VIRTUAL, AT_MOST)
    feed(target, body)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_was_found_before(path: Path, alarm: None) -> None:
    timed(path.name.partition("-")[0], path.read_bytes())


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--fuzz-seconds"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """CI asks the same of every commit; `make fuzz` asks something new each time."""
    return int(request.config.getoption("--fuzz-seed") or random.randrange(2**32))


def test_every_decoder(seconds: float, seed: int, alarm: None) -> None:
    rng, seeds = random.Random(seed), corpus()
    everything = [body for bodies in seeds.values() for body in bodies]
    end, n = time.monotonic() + seconds / 2, 0
    while time.monotonic() < end:
        target = rng.choice(list(TARGETS))
        body = mutated(rng.choice(seeds[target] or everything), everything, rng)
        try:
            timed(target, body)
        except Exception as e:
            pytest.fail(f"seed {seed}, input {n}: {target}: {type(e).__name__}: {e}; kept as {kept(target, body)}")
        n += 1
    print(f"seed {seed}: {n} inputs")


def test_a_running_engine(seconds: float, seed: int, valkey: redis.Redis, tmp_path: Path) -> None:
    """Garbage in both streams, honest reports between: none of them is lost, nothing stops, and what is stored is whole."""
    rng, seeds = random.Random(seed), corpus()
    url = url_of("", tmp_path)
    migrate(url)
    db = connect(url)
    SqlRegistry(db).replace_places(UNITS, [], [])
    clock = FixedClock(T0 + HOUR)
    engine = make_engine(db, stream.EngineStreams(valkey), clock)
    assert engine.start()
    end, honest = time.monotonic() + seconds / 2, 0
    while time.monotonic() < end:
        for kind in ("event", "command"):
            name = stream.name("reports" if kind == "event" else "commands")
            for _ in range(50):
                valkey.xadd(name, {"e": mutated(rng.choice(seeds[kind]), seeds[kind], rng)})
        valkey.xadd(stream.name("reports"), {"e": entry("case.reported", f"honest-{honest}", id_=f"honest-{honest}")})
        honest += 1
        clock.at += SECOND
        while engine.step(1):
            pass
    cases = stored_cases(db)
    assert {case(f"honest-{n}") for n in range(honest)} <= set(cases), f"seed {seed}"
    assert all(valkey.xpending(stream.name(kind), "engine")["pending"] == 0 for kind in ("reports", "commands"))
    assert_whole(db)
    db.dispose()
    print(f"seed {seed}: {honest * 100} entries, {len(cases)} cases")
