"""kill -9 under load, with repeats and garbage: every case, version, count and letter equals an independent computation."""

from __future__ import annotations

import json
import random
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from sqlalchemy import select

from dashboard.clock import DAY, HOUR, SECOND, wall_ms
from dashboard.live.board import Board
from dashboard.live.column import columns
from dashboard.live.count import counts
from dashboard.places.unit import UnitTree
from data_access import server
from data_access import table as t
from data_access.registry import SqlRegistry
from tests.chaos.system import REPORTS, City, account, running, start_web
from tests.circle import Oracle, assert_published, assert_whole, comparable, letters, orphans, stored_cases
from tests.made import DATA, REPORT, UNITS, case, entry

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


def load(cases: int, rng: random.Random, now: int) -> list[bytes]:
    """Courses of many cases woven together, some events early, some twice, some at the wrong time; and garbage."""
    bodies: list[tuple[float, bytes]] = []
    for n in range(cases):
        began, last = rng.uniform(0, cases), rng.randint(1, len(STEPS))
        for i, type_ in enumerate(STEPS[:last]):
            data = DATA[type_] | ({"to": rng.choice(["u1", "u2", "new"])} if type_ == "case.dispatched" else {})
            data = REPORT | {"place": {"grid": rng.choice(["g1", "g2"])}} if i == 0 else data
            body = entry(type_, f"K{n}", now - HOUR + n * 7 + i * SECOND, data, f"K{n}-{i}")
            at = began + i + (rng.uniform(-5, 0) if rng.random() < 0.1 else 0)
            bodies += [(at + rng.uniform(0, 40) * copy, body) for copy in range(2 if rng.random() < 0.15 else 1)]
        if rng.random() < 0.05:
            bodies.append((began, entry("case.noted", f"never-{n}", now, id_=f"N{n}")))
        if rng.random() < 0.1:
            bad = [b"", b"{", b"\xff", entry("case.exploded"), entry("case.closed", at=0), entry("case.closed", at=now + 30 * DAY),
                   entry("case.reported", f"B{n}", now, REPORT | {"category": 5}), entry("case.closed", f"K{n}", now, id_=f"again-{n}"),
                   entry("case.reported", f"B{n}", now, REPORT | {"text": "x" * 70_000}),
                   entry("case.signed", f"K{n}", now, id_=f"odd-{n}")]  # fmt: skip
            bodies.append((began + rng.uniform(0, 10), rng.choice(bad)))
    return [body for _, body in sorted(bodies, key=lambda b: b[0])]


def assert_equals_the_oracle(city: City, bodies: list[bytes]) -> None:
    oracle = Oracle(wall_ms() + DAY, wall_ms())
    for body in bodies:
        oracle.take(body)
    assert comparable(stored_cases(city.db)) == comparable(oracle.cases)
    assert letters(city.db) == oracle.letters
    assert set(orphans(city.db)) == oracle.orphans
    assert oracle.letters["not_allowed"] and oracle.letters["not_json"] and oracle.orphans, "the load must be a bad one"
    assert_whole(city.db)
    assert_published(city.db, city.messages())


def assert_worker_is_a_fresh_load(city: City, token: str) -> None:
    """What the web worker shows after all the kills is what a worker that starts now would load."""
    with city.db.connect() as c:
        pos = c.execute(select(t.partition.c.pos)).scalar()
    with httpx.Client(base_url=city.url, headers={"Authorization": f"Bearer {token}"}) as web:
        city.until(lambda: web.get("/readyz").json()["pos"] == pos, 20)
        shown = web.get("/api/v1/snapshot").json()
    now = wall_ms()
    tree = UnitTree(city.reader.places.units())
    fresh = Board(tree, now - now % DAY - DAY)
    pos, rows = city.reader.board.rows(0, fresh.today)
    fresh.apply(rows, pos)
    fresh.turn(now)
    assert shown["to"] == pos
    want = json.loads(json.dumps(columns(fresh, fresh.open_slots(tree.root.code))))
    assert _by_case(shown["cases"]) == _by_case(want)
    figures = counts(fresh, tree.root.code, now, None)
    kept = ("open", "green", "amber", "overdue", "paused", "unlimited", "stages", "units")
    assert {k: shown["counts"][k] for k in kept} == {k: figures[k] for k in kept}
    assert figures["open"] == len(want["case"]) > 0


def _by_case(table: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    return {name: {k: values[i] for k, values in table.items()} for i, name in enumerate(table["case"])}


def at_work(city: City, seconds: float = 10) -> None:
    """Until the engine has read something that it has not acknowledged."""
    end = time.monotonic() + seconds
    while not city.client.xpending(REPORTS, "engine")["pending"] and time.monotonic() < end:
        pass  # a batch takes some 20 ms: who sleeps misses it


def kill_under_load(city: City, bodies: list[bytes], kills: int, rng: random.Random) -> None:
    """Feeds the load in as many parts and kills the engine after each: every other time in the middle of its work, else soon, whatever it
    is doing. The next part comes when the next engine has begun.
    """
    size = len(bodies) // kills + 1
    caught = 0
    for number, at in enumerate(range(0, len(bodies), size)):
        before = city.epoch()
        city.report(bodies[at : at + size])
        if number % 2:
            time.sleep(rng.uniform(0, 0.1))
        else:
            at_work(city)
        caught += city.kill_engine() > 0
        city.until(lambda before=before: city.epoch() > before, 30)
    city.quiet()
    assert city.epoch() == kills + 1
    assert caught, "no kill hit an engine at work: this run proves nothing"


def test_six_kills(tmp_path: Path) -> None:
    rng = random.Random(6)
    with running(tmp_path) as city:
        SqlRegistry(city.db).replace_places(UNITS, [], [])
        token = account(city)
        start_web(city)
        bodies = load(500, rng, wall_ms())
        kill_under_load(city, bodies, 6, rng)
        assert_equals_the_oracle(city, bodies)
        assert_worker_is_a_fresh_load(city, token)


@pytest.mark.large
def test_fifty_kills(tmp_path: Path) -> None:
    rng = random.Random(50)
    with running(tmp_path) as city:
        SqlRegistry(city.db).replace_places(UNITS, [], [])
        token = account(city)
        start_web(city)
        bodies = load(12_000, rng, wall_ms())
        kill_under_load(city, bodies, 50, rng)
        assert_equals_the_oracle(city, bodies)
        assert_worker_is_a_fresh_load(city, token)


@pytest.mark.large
def test_a_web_worker_that_dies_in_a_command(tmp_path: Path) -> None:
    """Nobody knows whether it had an effect; sent again with the same id it has exactly one."""
    rng = random.Random(3)
    with running(tmp_path) as city:
        SqlRegistry(city.db).replace_places(UNITS, [], [])
        token = account(city, "duty_chief")
        start_web(city)
        web = httpx.Client(base_url=city.url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        city.report([entry("case.reported", "W", wall_ms() - HOUR)])
        city.until(lambda: case("W") in stored_cases(city.db), 10)
        for version in range(1, 11):
            head = {"id": str(uuid4()), "type": "command.urge", "case": case("W"), "expected_version": version}
            command = head | {"data": {"reason": "now"}}
            sender = threading.Thread(target=_try, args=(web, command))
            sender.start()
            time.sleep(rng.uniform(0, 0.02))
            for worker in psutil.Process(city.processes[-1].pid).children():
                worker.kill()
            sender.join()
            results = [answer for _ in range(200) if (answer := _try(web, command) or time.sleep(0.05))][:1]
            assert [r["status"] for r in results] == ["accepted"]
            assert _try(web, command) == results[0]
            assert stored_cases(city.db)[case("W")].urges == version
        web.close()
        assert_whole(city.db)
        assert stored_cases(city.db)[case("W")].version == 11


def _try(web: httpx.Client, command: dict[str, Any]) -> dict[str, Any] | None:
    """The result of one command, None when the worker was gone."""
    try:
        return dict(web.post("/api/v1/commands", json={"commands": [command]}).json()["results"][0])
    except (httpx.TransportError, json.JSONDecodeError):
        return None


def test_the_valkey_that_comes_back_has_what_was_acknowledged(tmp_path: Path) -> None:
    """The engine and the sources meet a server that was killed; the append-only file holds all but the last second."""
    with running(tmp_path) as city:
        bodies = [entry("case.reported", f"V{n}", wall_ms() - HOUR) for n in range(200)]
        city.report(bodies[:100])
        city.quiet()
        time.sleep(1.2)
        city.engine.kill()
        city.engine.wait()
        city.valkey.kill()
        city.valkey.wait()
        city.valkey = city._start(server.command(tmp_path / "valkey.sock"))
        server.wait(server.url(tmp_path / "valkey.sock"), city.valkey)
        city.engine = city.app("engine")
        city.report(bodies)
        city.until(lambda: len(stored_cases(city.db)) == 200, 20)
        city.quiet()
        assert_whole(city.db)
        assert_published(city.db, city.messages())
        assert letters(city.db) == {}
