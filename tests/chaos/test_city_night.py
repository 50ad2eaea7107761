"""A night of the demo city at 120 times its speed, its engine killed six times: every promise that breaks is told once."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from dashboard.simulate.player import Progress

ROOT = Path(__file__).resolve().parents[2]
BREACHED = "SELECT count(*) FROM event WHERE type = 'case.sla_breached'"
TWICE = "SELECT count(*) FROM (SELECT case_id FROM event WHERE type = 'case.sla_breached' GROUP BY 1 HAVING count(*) > 1)"
LEVELS = """SELECT count(*) FROM (SELECT case_id, json_extract(data, '$.level') AS level FROM event
            WHERE type = 'case.escalated' AND source = '/engine' GROUP BY 1, 2 HAVING count(*) > 1)"""
UNTOLD = """SELECT count(*) FROM cases c WHERE stage < 7 AND paused = 0 AND due < ?
            AND NOT EXISTS (SELECT 1 FROM event e WHERE e.case_id = c.case_id AND e.type = 'case.sla_breached')"""


@pytest.mark.large
def test_breaches_and_escalations_of_a_city_fire_once_each(tmp_path: Path) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = os.environ | {"GRIDCOMMAND_DATA_DIR": str(tmp_path), "GRIDCOMMAND_PORT": str(port), "GRIDCOMMAND_WORKERS": "1"}
    up = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "up", "--demo", "--speed", "120"], env=env, start_new_session=True)
    try:
        wait(lambda: Progress(tmp_path / "simulate.json").sent > 0, 180)
        kills = sum(kill_engine(up.pid) for _ in range(6))
        assert kills >= 5
        db = sqlite3.connect(tmp_path / "gridcommand.sqlite")
        wait(lambda: db.execute(BREACHED).fetchone()[0] > 100, 60)
        time.sleep(10)
        now = db.execute("SELECT max(event_at) FROM source").fetchone()[0]
        assert db.execute(TWICE).fetchone()[0] == 0
        assert db.execute(LEVELS).fetchone()[0] == 0
        # What broke within the last ten minutes of the city's time (five seconds of ours) may still be on its way.
        assert db.execute(UNTOLD, (now - 600_000,)).fetchone()[0] == 0
        assert db.execute("SELECT count(*) FROM dead_letter").fetchone()[0] == 0
    finally:
        os.killpg(up.pid, signal.SIGTERM)
        up.wait(30)


def wait(test: object, seconds: float) -> None:
    end = time.monotonic() + seconds
    while not test():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)


def kill_engine(up: int) -> int:
    """Ten seconds of life, then kill -9; how many engines died. The pause before the next one is up to ten seconds."""
    wait(lambda: bool(engines_of(up)), 60)
    time.sleep(10)
    engines = engines_of(up)
    for engine in engines:
        engine.kill()
    return len(engines)


def engines_of(up: int) -> list[psutil.Process]:
    found = []
    for process in psutil.Process(up).children():
        with suppress(psutil.Error):  # one that has just died
            found += [process] if process.cmdline()[-1:] == ["engine"] else []
    return found
