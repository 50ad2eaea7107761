"""A worker's feed on a real Valkey and database: it starts in the middle of everything, misses nothing and finds its answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import redis

from callbacks.services import Services
from dashboard.access.role import User
from dashboard.clock import DAY, HOUR, SECOND, FixedClock, StreamClock, day_start
from dashboard.engine import change
from dashboard.live import feed, snapshot
from dashboard.live.feed import Feed
from dashboard.places.grid import Grid
from dashboard.places.unit import UnitTree
from dashboard.settings import Settings
from dashboard.video.point import Status, VideoPoint
from dashboard.wire.frame import Frame
from data_access import stream
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.circle import make_engine, stored_cases
from tests.made import T0, UNITS, case, command, entry
from tests.parity import assert_same, fresh_board

ZONE = "UTC"
CHIEF = {"id": "p1", "name": "P. One", "role": "duty_chief", "unit": "c"}


class Worker:
    """An engine, a database and a feed on them; `clock` is the feed's."""

    def __init__(self, server: redis.Redis, url: str, folder: Path, clock: Any = None, database: str = "") -> None:
        self.server, self._url, self.folder = server, url, folder
        database = url_of(database, folder)
        migrate(database)
        self.db = connect(database)
        SqlRegistry(self.db).replace_places(UNITS, [], [])
        self.reader = SqlReader(self.db, ZONE)
        self.engine_clock = FixedClock(T0 + HOUR)
        self.engine = make_engine(self.db, stream.EngineStreams(server), self.engine_clock)
        assert self.engine.start()
        self.clock = clock or FixedClock(T0 + HOUR)
        self.feed = self.fresh()

    def fresh(self) -> Feed:
        server = stream.async_client(self._url)
        return Feed(self.reader, stream.ChangesTail(server), stream.PubSub(server), self.clock, ZONE, self.folder)

    def take(self, *bodies: bytes) -> None:
        """Reports through the engine; the feed hears of them when the loop runs."""
        stream.Inbox(self.server).report(bodies)
        self.work()

    def work(self) -> None:
        while self.engine.step(1):
            pass

    async def until(self, done: Callable[[], bool], seconds: float = 5.0) -> None:
        async with asyncio.timeout(seconds):
            while not done():
                await asyncio.sleep(0.005)

    async def caught_up(self) -> None:
        pos = self.reader.board.rows(0, 0)[0]
        await self.until(lambda: self.feed.board.pos >= pos)

    def assert_true(self) -> None:
        today = day_start(self.clock.now(), ZONE)
        pos, rows = self.reader.board.rows(0, today)
        self.feed.board.turn(self.clock.now())
        assert_same(self.feed.board, fresh_board(rows, pos, UnitTree(self.reader.places.units()), today, self.clock.now()))


@pytest.fixture
def worker(valkey: redis.Redis, valkey_url: str, tmp_path: Path) -> Iterator[Worker]:
    made = Worker(valkey, valkey_url, tmp_path)
    yield made
    made.db.dispose()


def run(worker: Worker, test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        try:
            await test()
        finally:
            await worker.feed.stop()

    asyncio.run(whole())


def some(first: int, last: int, *more: str) -> list[bytes]:
    return [entry(type_, f"F{n}", T0 + n) for n in range(first, last) for type_ in ("case.reported", *more)]


def test_what_was_before_and_what_comes_after(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 50, "case.accepted"))
        await worker.feed.start()
        assert worker.feed.ready
        worker.assert_true()
        worker.take(*some(50, 80), *(entry("case.voided", f"F{n}", T0 + HOUR) for n in range(20)))
        await worker.caught_up()
        worker.assert_true()
        assert worker.feed.health()["open"] == 60
        assert worker.feed.lag_events == 0

    run(worker, test)


class Listener:
    """A screen that keeps the figures it was told."""

    format = "json"

    def __init__(self) -> None:
        self.video: list[dict[str, int] | None] = []

    def offer(self, frame: Frame) -> bool:
        self.video.append(msgspec.json.decode(frame.text)["counts"]["video"])
        return True

    def drained(self) -> bool:
        return True


def test_a_district_is_told_its_own_video_points(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another number after an import of points, without another start."""
    ring = [[118.8, 32.0], [118.9, 32.0], [118.9, 32.1], [118.8, 32.1], [118.8, 32.0]]
    registry = SqlRegistry(worker.db)

    def point(n: int, lon: float, status: Status) -> VideoPoint:
        return VideoPoint(str(n), "p", "huiyan", "road", lon, 32.05, 0, 90, 50, status)

    async def test() -> None:
        monkeypatch.setattr(feed, "VIDEO_EVERY", 0.05)
        registry.replace_places(UNITS, [Grid("g1", "Grid 1", "d1", "general", [ring])], [])
        registry.replace_video([point(1, 118.85, "ON"), point(2, 118.85, "OFF"), point(3, 118.2, "ON")])
        screens = {unit: Listener() for unit in ("c", "d1", "d2")}
        await worker.feed.start()
        for unit, screen in screens.items():
            worker.feed.hub.join(screen, unit, None)
        for want in ({"c": (3, 2), "d1": (2, 1), "d2": (0, 0)}, {"c": (1, 1), "d1": (1, 1), "d2": (0, 0)}):
            told = {unit: {"active": active, "online": online} for unit, (active, online) in want.items()}
            await worker.until(lambda told=told: {u: s.video[-1] for u, s in screens.items()} == told)  # type: ignore[misc]
            registry.replace_video([point(1, 118.85, "ON")])

    run(worker, test)


def test_what_is_committed_while_it_starts_is_not_lost(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between noting the stream's end and reading SQL, and between SQL and the first read of the stream."""

    async def test() -> None:
        worker.take(*some(0, 10))
        load = feed.load_board

        def slow(*args: Any) -> Any:
            worker.take(*some(10, 20))
            board = load(*args)
            worker.take(*some(20, 30), entry("case.voided", "F1", T0 + HOUR))
            return board

        monkeypatch.setattr(feed, "load_board", slow)
        await worker.feed.start()
        await worker.caught_up()
        worker.assert_true()

    run(worker, test)


def test_a_worker_that_stood_still_for_longer_than_the_stream_remembers_reads_sql(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 10))
        await worker.feed.start()
        worker.take(*some(10, 40), entry("case.voided", "F3", T0 + HOUR))
        worker.server.xtrim(stream.name("changes"), maxlen=1, approximate=False)
        worker.take(*some(40, 45))
        await worker.caught_up()
        worker.assert_true()

    run(worker, test)


def test_a_new_worker_starts_from_the_snapshot_and_sql(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 30))
        await worker.feed.start()
        worker.take(*some(30, 31))
        await worker.caught_up()
        event_id = worker.reader.board.event_at(worker.feed.board.pos)
        assert event_id
        snapshot.save(worker.feed.board, worker.folder / "board.npz", event_id)
        await worker.feed.stop()
        worker.take(*some(31, 60), entry("case.voided", "F1", T0 + HOUR))
        worker.feed = worker.fresh()
        await worker.feed.start()
        worker.assert_true()

    run(worker, test)


@pytest.mark.parametrize("event_id", ["of another database", ""])
def test_a_snapshot_of_another_database_is_not_believed(worker: Worker, event_id: str) -> None:
    async def test() -> None:
        worker.take(*some(0, 5))
        board = fresh_board([], 5, UnitTree(UNITS), T0, T0)
        snapshot.save(board, worker.folder / "board.npz", event_id)
        await worker.feed.start()
        worker.assert_true()
        assert len(worker.feed.board) == 5

    run(worker, test)


def test_a_stream_clock_begins_where_the_stream_is(valkey: redis.Redis, valkey_url: str, tmp_path: Path) -> None:
    """A replay of an old year: its day counts, not the machine's, from the first moment of a restarted worker."""
    worker = Worker(valkey, valkey_url, tmp_path, StreamClock())

    async def test() -> None:
        worker.take(*some(0, 3), entry("case.voided", "F1", T0 + HOUR), entry("case.noted", "F0", T0 + HOUR))
        await worker.feed.start()
        assert worker.clock.now() == T0 + HOUR
        assert worker.feed.board.today == day_start(T0, ZONE)
        assert len(worker.feed.board) == 3, "voided today: still counted"

    run(worker, test)
    worker.db.dispose()


def test_a_stream_clock_that_starts_empty_finds_the_day(valkey: redis.Redis, valkey_url: str, tmp_path: Path) -> None:
    worker = Worker(valkey, valkey_url, tmp_path, StreamClock())

    async def test() -> None:
        await worker.feed.start()
        assert worker.feed.board.today > T0 + 300 * DAY
        worker.take(*some(0, 3))
        worker.engine_clock.at += 2 * SECOND
        worker.work()
        await worker.until(lambda: worker.feed.board.today == day_start(T0, ZONE))

    run(worker, test)
    worker.db.dispose()


# Commands and their answers


async def asked(worker: Worker, body: bytes, id_: str, seconds: float = 5.0) -> change.Change | None:
    answer = asyncio.create_task(worker.feed.send(id_, body, seconds))
    await asyncio.sleep(0.05)
    worker.work()
    return await answer


def test_every_command_gets_its_own_answer(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        yes = await asked(worker, command("note", case("F0"), 1, CHIEF, {"text": "a"}, "cmd-1"), "cmd-1")
        no = await asked(worker, command("note", case("F0"), 1, CHIEF, {"text": "b"}, "cmd-2"), "cmd-2")
        again = await asked(worker, command("note", case("F0"), 1, CHIEF, {"text": "a"}, "cmd-1"), "cmd-1")
        assert [c and c.type for c in (yes, no, again)] == ["case.noted", "command.refused", "command.accepted"]
        assert not worker.feed._answers, "nothing is kept of what is answered"

    run(worker, test)


def test_without_an_engine_it_is_not_confirmed_and_later_it_is(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        sent = command("note", case("F0"), 1, CHIEF, {"text": "a"}, "cmd-1")
        assert await worker.feed.send("cmd-1", sent, 0.1) is None
        answer = await asked(worker, sent, "cmd-1")
        assert answer is not None
        assert stored_cases(worker.db)[case("F0")].version == 2

    run(worker, test)


def test_who_gives_up_takes_the_answer_from_nobody_else(worker: Worker) -> None:
    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        sent = command("note", case("F0"), 1, CHIEF, {"text": "a"}, "cmd-1")
        hasty = asyncio.create_task(worker.feed.send("cmd-1", sent, 0.05))
        patient = asyncio.create_task(worker.feed.send("cmd-1", sent, 5))
        assert await hasty is None
        worker.work()
        answer = await patient
        assert answer is not None
        assert answer.type == "case.noted"

    run(worker, test)


GOOD: dict[str, Any] = {"id": "0198c5f2-0000-7000-8000-000000000001", "type": "command.note", "case": case("F0"), "expected_version": 1}
UNREADABLE: list[dict[str, Any]] = [
    {"id": "x"}, {"id": None}, {"type": "note"}, {"case": "a~"}, {"case": "x" * 130}, {"case": ""}, {"case": 5}, {"expected_version": True},
    {"expected_version": "1"}, {"expected_version": 2**70}, {"expected_version": -1}, {"data": []}, {"data": {"text": "a\0b"}},
    {"data": {"text": "x" * 70_000}}, {"data": {"x": [[[]] * 3]} | {"y": msgspec.json.decode(b"[" * 40 + b"]" * 40)}},
]  # fmt: skip


@pytest.mark.parametrize("wrong", UNREADABLE, ids=[str(u)[:40] for u in UNREADABLE])
def test_what_the_engine_could_not_read_is_refused_at_once(worker: Worker, wrong: dict[str, Any]) -> None:
    """Not after five seconds as `not confirmed`, which would invite to send it again for ever."""

    async def test() -> None:
        services = Services(Settings())
        await worker.feed.start()
        services.feed = worker.feed
        async with asyncio.timeout(2):
            (result,) = await services.send([GOOD | wrong], User(**CHIEF))
        assert (result["status"], result["code"]) == ("refused", "invalid")
        assert result["message"]
        assert worker.server.xlen(stream.name("commands")) == 0

    run(worker, test)


def test_every_worker_hears_who_edits_a_case(worker: Worker) -> None:
    """Two workers, a desk at each; the wall between them hears nothing."""

    async def test() -> None:
        worker.take(*some(0, 1))
        await worker.feed.start()
        second = worker.fresh()
        await second.start()
        try:
            told: list[dict[str, Any]] = []
            screen = SimpleNamespace(offer=lambda frame: told.append(msgspec.json.decode(frame.text)) or True)
            one = worker.feed.presence.join(screen, User("a", "Ann", "dispatcher", "c"))
            second.presence.join(screen, User("b", "Bo", "commander", "c"))
            assert one is not None and second.presence.join(screen, User("w", "Hall", "wall", "c")) is None
            await asyncio.sleep(0.3)
            await worker.feed.editing.tell(one, case("F0"))
            await worker.feed.editing.tell(one, "12345~none")
            await worker.until(lambda: len(told) >= 4)
            assert [t["by"] for t in told if t["by"]] == [["Ann"]]
            assert told[-1] == {"t": "presence", "case": case("F0"), "by": []}
        finally:
            await second.stop()

    run(worker, test)
