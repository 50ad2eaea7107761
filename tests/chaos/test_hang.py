"""SIGSTOP of each part of `up`: it is replaced, and the city goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from dashboard.clock import wall_ms
from dashboard.process.supervise import PATIENCE, Child, Supervisor
from data_access import server
from data_access.database import migrate, url_of
from tests.chaos.system import _free_port
from tests.conftest import ROOT

SILENCE = 4.0


class Up:
    """What `up` starts, with a shorter backoff."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
        env |= {"GRIDCOMMAND_DATA_DIR": str(folder), "GRIDCOMMAND_PORT": str(self.port), "GRIDCOMMAND_WORKERS": "1"}
        migrate(url_of("", folder))
        nothing_to_fill = {"start": wall_ms(), "sent": wall_ms(), "left": 0, "seed": 7}
        (folder / "simulate.json").write_text(json.dumps(nothing_to_fill))
        self.supervisor = Supervisor(folder / "run")
        socket = folder / "valkey.sock"
        self.supervisor.add(Child("valkey", server.command(socket), env, server.Probe(socket), SILENCE, PATIENCE))
        server.wait(server.url(socket))
        for name in ("engine", "simulate", "web"):
            self.supervisor.add(Child(name, [sys.executable, str(ROOT / "app.py"), name], env, None, SILENCE, PATIENCE))

    def run(self, until: Callable[[], bool], seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        self.supervisor.run(lambda: until() or time.monotonic() > end)
        assert until(), f"not so after {seconds} s"

    def child(self, name: str) -> Child:
        return next(c for c in self.supervisor.children if c.name == name)

    def settled(self) -> bool:
        return all(c.process is not None and c._limit == SILENCE for c in self.supervisor.children)

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=1).json()["feed_age_ms"] < 5000
        except (httpx.TransportError, ValueError):
            return False


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    made = Up(tmp_path)
    yield made
    made.supervisor.stop()
    for number, handler in before.items():
        signal.signal(number, handler)


def test_each_part_that_hangs_is_replaced(up: Up, capfd: pytest.CaptureFixture[str]) -> None:
    up.run(up.settled)
    up.run(up.ready)
    for names in (("engine", "simulate", "web"), ("valkey",)):
        frozen = {name: up.child(name).process for name in names}
        family = [p for f in frozen.values() if f for p in (psutil.Process(f.pid), *psutil.Process(f.pid).children(recursive=True))]
        for one in family:
            one.send_signal(signal.SIGSTOP)
        up.run(lambda frozen=frozen: all(up.child(name).process not in (None, f) for name, f in frozen.items()), 30)
        assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)
        up.run(up.settled)
        up.run(up.ready)
    said = capfd.readouterr().err
    for name in ("engine", "simulate", "web", "valkey"):
        assert re.search(rf"gridcommand: {name} was silent for \d+ s and was killed; starting it again in [0-9.]+ s", said), said


@pytest.mark.large
def test_up_itself_after_fifteen_seconds(tmp_path: Path) -> None:
    """The command with its real limits, and a worker of gunicorn."""
    port = _free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
    env |= {"GRIDCOMMAND_DATA_DIR": str(tmp_path), "GRIDCOMMAND_PORT": str(port), "GRIDCOMMAND_WORKERS": "1"}
    process = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "up"], env=env, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None and "GridCommand is on" in process.stdout.readline()
        end = time.monotonic() + 30
        while httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=20).status_code != 200:
            assert time.monotonic() < end
        parts = psutil.Process(process.pid).children()
        web = next(p for p in parts if p.cmdline()[-1] == "web")
        until_gone = [
            next(p for p in parts if p.cmdline()[-1] == "engine"),
            next(p for p in parts if "valkey" in p.name()),
            *web.children(),
        ]
        for one in until_gone:
            one.send_signal(signal.SIGSTOP)
        end = time.monotonic() + 40
        while any(one.is_running() for one in until_gone):
            assert time.monotonic() < end
            time.sleep(0.2)
        while len(psutil.Process(process.pid).children()) < 3 or not web.children():
            assert time.monotonic() < end
            time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(20)
