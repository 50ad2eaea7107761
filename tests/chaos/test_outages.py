"""Real processes while Redis is away: the worker lives, says why, and is ready again by itself."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from dashboard.clock import wall_ms
from dashboard.simulate.envelope import heartbeat
from data_access import server, stream
from data_access.registry import SqlRegistry
from tests.chaos.system import City, account, running, start_web
from tests.made import UNITS, case, entry


def readyz(city: City) -> tuple[int, dict[str, Any]]:
    answer = httpx.get(city.url + "/readyz", timeout=10)
    return answer.status_code, answer.json()


@contextmanager
def beating(city: City) -> Iterator[None]:
    """A source that never falls silent while it can be heard."""
    done = threading.Event()

    def beat() -> None:
        inbox = stream.Inbox(stream.client(server.url(city.folder / "valkey.sock")))
        while not done.wait(0.3):
            try:
                inbox.report([heartbeat("/12345", wall_ms())])
            except Exception:
                continue  # that is what is tested

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def is_ready(city: City) -> bool:
    return readyz(city)[0] == 200


def worker_of(master: psutil.Process) -> psutil.Process:
    return master.children()[0]


@pytest.mark.large
def test_a_worker_starts_without_redis_and_lives_through_one_that_hangs_and_one_that_dies(tmp_path: Path) -> None:
    with running(tmp_path) as city, beating(city):
        SqlRegistry(city.db).replace_places(UNITS, [], [])
        token = account(city)
        city.report([entry("case.reported", f"F{n}", wall_ms() - 1000) for n in range(5)])
        city.quiet()
        city.valkey.send_signal(signal.SIGSTOP)
        master = start_web(city)
        worker = worker_of(master)
        status, health = readyz(city)
        assert status == 503 and {"starting", "redis"} <= set(health["reasons"]) and health["feed_age_ms"] is None
        assert "gridcommand_feed_age_ms NaN" in httpx.get(city.url + "/metrics", headers=_who(city)).text
        city.valkey.send_signal(signal.SIGCONT)
        city.until(lambda: is_ready(city), 20)
        city.valkey.send_signal(signal.SIGSTOP)
        city.until(lambda: "redis" in readyz(city)[1]["reasons"], 12)
        headers = {"Authorization": f"Bearer {token}"}
        board = httpx.get(city.url + "/api/v1/snapshot", headers=headers, timeout=10).json()
        assert len(board["cases"]["case"]) == 5, "the board goes on being served"
        command = {"id": "while-away-1", "type": "command.note", "case": case("F0"), "expected_version": 1, "data": {"text": "a"}}
        sent = httpx.post(city.url + "/api/v1/commands", json={"commands": [command]}, headers=headers, timeout=20).json()["results"][0]
        assert (sent["status"], sent["why"]) == ("refused", "redis_away")
        city.valkey.send_signal(signal.SIGCONT)
        city.until(lambda: is_ready(city), 20)
        city.valkey.kill()
        city.valkey.wait()
        time.sleep(1)
        assert "redis" in readyz(city)[1]["reasons"]
        city.valkey = city._start(server.command(tmp_path / "valkey.sock"))
        server.wait(server.url(tmp_path / "valkey.sock"), city.valkey)
        if city.engine.poll() is not None:
            city.engine = city.app("engine")
        city.report([entry("case.reported", f"F{n}", wall_ms() - 1000) for n in range(5, 8)])
        city.until(lambda: is_ready(city) and readyz(city)[1]["open"] == 8, 30)
        assert worker.is_running() and worker_of(master) == worker, "the same worker all the time"


def _who(city: City) -> dict[str, str]:
    return {"Authorization": f"Bearer {account(city)}"}


def test_a_frozen_engine_makes_the_worker_red_and_a_thawed_one_green(tmp_path: Path) -> None:
    """What waits in the streams is counted, and commands without an answer are held against it."""
    with running(tmp_path) as city, beating(city):
        start_web(city)
        city.until(lambda: is_ready(city) and readyz(city)[1]["lag_events"] == 0, 20)
        city.engine.send_signal(signal.SIGSTOP)
        city.report([entry("case.reported", f"B{n}", wall_ms() - 1000) for n in range(3000)])
        city.until(lambda: readyz(city)[1]["lag_events"] >= 3000 and "engine" in readyz(city)[1]["reasons"], 10)
        answer = httpx.post(
            city.url + "/api/v1/commands", headers=_who(city), timeout=20,
            json={"commands": [{"id": "frozen-engine-1", "type": "command.note", "case": case("B1"), "expected_version": 1, "data": {}}]},
        )  # fmt: skip
        assert answer.json()["results"][0]["status"] == "unconfirmed" and "commands" in readyz(city)[1]["reasons"]
        city.engine.send_signal(signal.SIGCONT)
        city.until(lambda: is_ready(city) and readyz(city)[1]["lag_events"] == 0, 30)
