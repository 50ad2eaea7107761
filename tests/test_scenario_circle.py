"""`gridcommand simulate --scenario` against a real Valkey and a real database, with an engine that takes what it sends."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

import pytest
import redis
from sqlalchemy import select

import app
from dashboard.cases.row import row_of
from dashboard.cases.stage import ENDED
from dashboard.clock import DAY, HOUR, FixedClock, WallClock
from dashboard.simulate import demo
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.city import City, city
from dashboard.simulate.day import play
from dashboard.simulate.leftover import endings
from dashboard.simulate.scenario import SCENARIOS
from data_access import stream
from data_access import table as t
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from data_access.scenario import RedisScenarios
from tests.circle import assert_whole, letters, make_engine, orphans, stored_cases
from tests.fakes.streams import FakeServer

SPEED = "100"
"""A scenario of a minute takes less than a second."""


@pytest.fixture(scope="module")
def ningchuan() -> City:
    return city()


class Scene:
    """A data folder with the demo's city, and an engine beside it."""

    def __init__(self, folder: Path, valkey_url: str, made: City) -> None:
        self.folder = folder
        migrate(url_of("", folder))
        self.db = connect(url_of("", folder))
        self.registry = SqlRegistry(self.db)
        self.registry.replace_places(made.units, made.grids, made.routes)
        self.registry.replace_video(made.video[:6000])
        for user in demo.PEOPLE:
            SqlAccounts(self.db).add_account(user)
        self._engine = make_engine(self.db, stream.EngineStreams(stream.client(valkey_url)), WallClock())
        assert self._engine.start()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.is_set() or self._engine.step(1):
            self._engine.step(20)

    def settle(self) -> None:
        self._over.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def status(self) -> Counter[str]:
        with self.db.connect() as c:
            return Counter(c.execute(select(t.video_point.c.status)).scalars())


@pytest.fixture
def scene(tmp_path: Path, valkey: redis.Redis, valkey_url: str, ningchuan: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", valkey_url)
    made = Scene(tmp_path, valkey_url, ningchuan)
    yield made
    made.settle()


Play = Callable[..., str]


@pytest.fixture
def play_one(scene: Scene, capsys: pytest.CaptureFixture[str]) -> Play:
    def run(name: str, speed: str = SPEED) -> str:
        assert app.main(["simulate", "--scenario", name, "--speed", speed, "--data", str(scene.folder)]) == 0
        scene.settle()
        return capsys.readouterr().out.strip()

    return run


def test_a_storm_comes_in_whole(scene: Scene, play_one: Play) -> None:
    said = play_one("storm")
    cases = stored_cases(scene.db)
    assert said == "storm: 200 cases (12 of danger), 388 events"
    assert len(cases) == 200 and sum(c.severity == 2 for c in cases.values()) == 12 and not letters(scene.db) and not orphans(scene.db)
    assert {c.category for c in cases.values()} <= CATEGORIES.keys() and not any(c.flags for c in cases.values())
    assert_whole(scene.db)


def test_the_slower_of_two_dispatchers_is_refused(scene: Scene, play_one: Play) -> None:
    assert play_one("two_dispatchers", "15") == "two_dispatchers: 1 cases (0 of danger), 2 events, 2 commands"
    (case,) = stored_cases(scene.db).values()
    assert case.owner and case.version == 3 and case.last_actor == "派遣员乙"
    with scene.db.connect() as c:
        outcomes = Counter(c.execute(select(t.command.c.status)).scalars())
    assert outcomes == {"accepted": 1, "refused": 1}


def test_dark_cameras_are_back_when_it_ends(scene: Scene, play_one: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = scene.status(), []
    done = SqlRegistry.set_video_status
    monkeypatch.setattr(SqlRegistry, "set_video_status", lambda *args: (done(*args), seen.append(scene.status())))
    assert "video points" in play_one("dark_cameras")
    assert len(seen) == 2 and seen[0]["OFF"] > before["OFF"] + 1000 and seen[1] == before == scene.status()


def test_a_source_of_its_own_falls_silent_where_no_demo_runs(scene: Scene, play_one: Play) -> None:
    assert "was silent" in play_one("silent_source")
    with scene.db.connect() as c:
        assert c.execute(select(t.source.c.source)).scalars().all() == ["/citizen-app"]


def test_a_demo_that_runs_is_asked_to_be_silent_itself(scene: Scene, valkey_url: str, play_one: Play) -> None:
    source = RedisScenarios(stream.client(valkey_url))
    taken: list[str] = []

    def demo_source() -> None:
        while not taken:
            if name := source.take({name: s.seconds for name, s in SCENARIOS.items()}):
                taken.append(name)

    thread = threading.Thread(target=demo_source)
    thread.start()
    said = play_one("silent_source")
    thread.join(5)
    assert taken == ["silent_source"] and "fall silent for 45 s" in said


@pytest.mark.parametrize("name", ["flood", "", "Storm"])
def test_an_unknown_name_lists_the_known_ones_in_one_line(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["simulate", "--scenario", name, "--data", str(tmp_path / "none")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(known in line for known in SCENARIOS) and not (tmp_path / "none").exists()


def test_a_city_without_units_is_told(
    tmp_path: Path, valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", valkey_url)
    assert app.main(["simulate", "--scenario", "storm", "--data", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "there are no units" in line and "import units" in line


def test_a_week_later_a_fresh_day_begins_on_clean_ground(tmp_path: Path, ningchuan: City) -> None:
    """Six hours of a day, a week without anybody, then what `up --demo` sends: all that was open has ended, nothing is refused."""
    began, left = 1_795_140_000_000, 1_795_140_000_000 + 6 * HOUR
    now = left + 7 * DAY
    migrate(url_of("", tmp_path))
    database = connect(url_of("", tmp_path))
    SqlRegistry(database).replace_places(ningchuan.units, ningchuan.grids, ningchuan.routes)
    server, clock = FakeServer(), FixedClock(left)
    engine = make_engine(database, server.engine(), clock)
    assert engine.start()

    def send(events: Iterator[tuple[int, bytes]], until: int) -> None:
        for _, body in takewhile(lambda event: event[0] <= until, events):
            server.add(stream.name("reports"), body)
        while engine.step(0):
            pass

    send(play(ningchuan, 7, began, 40), began + HOUR // 2)
    old = {c.case for c in stored_cases(database).values() if c.stage not in ENDED}
    assert len(old) > 200
    clock.at = now
    send(endings(SqlReader(database).board.rows(0, now)[1], demo.SOURCES, 8, left, now), now)
    send(play(ningchuan, 8, now - HOUR // 2, 40), now)
    cases = stored_cases(database)
    assert all(cases[case].stage in ENDED for case in old) and not letters(database) and not orphans(database)
    fresh = [c for c in cases.values() if c.case not in old and c.stage not in ENDED]
    assert fresh and min(c.reported for c in fresh) > now - 25 * DAY
    assert list(endings([row_of(c) for c in fresh], demo.SOURCES, 8, left, now)) == [], "what is fresh is not ended when it begins again"
    assert_whole(database)


def test_a_demo_that_plays_another_scenario_is_left_alone(
    tmp_path: Path, valkey: redis.Redis, valkey_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", valkey_url)
    source = RedisScenarios(stream.client(valkey_url))
    assert source.ask("storm") and source.take({"storm": 90}) == "storm"
    assert app.main(["simulate", "--scenario", "silent_source", "--data", str(tmp_path)]) == 75
    assert "plays storm" in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["0", "-1", "nan"])
def test_a_speed_that_is_none(speed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["simulate", "--scenario", "storm", f"--speed={speed}", "--data", str(tmp_path)]) == 2
    assert "is not above 0" in capsys.readouterr().err
