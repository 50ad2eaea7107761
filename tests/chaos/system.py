"""A city of real processes on a data folder of its own, for tests that kill them."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import redis
from sqlalchemy import select

from dashboard.access.role import User
from data_access import server, stream
from data_access import table as t
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from tests.circle import demo_rules
from tests.conftest import ROOT

REPORTS, COMMANDS, CHANGES = (stream.name(kind) for kind in ("reports", "commands", "changes"))


class City:
    """A data folder with its own Valkey, the demo's rules, and the processes of the product on it."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
        self.env |= {"GRIDCOMMAND_DATA_DIR": str(folder), "GRIDCOMMAND_WORKERS": "1", "GRIDCOMMAND_PORT": str(_free_port())}
        self.env |= {"GRIDCOMMAND_DATABASE_URL": database_url} if database_url else {}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.database_url = database_url

    def start(self) -> None:
        folder = self.folder
        self.valkey = self._start(server.command(folder / "valkey.sock"))
        server.wait(server.url(folder / "valkey.sock"), self.valkey)
        self.client = redis.Redis.from_url(server.url(folder / "valkey.sock"), legacy_responses=False)
        migrate(url_of(self.database_url, folder))
        self.db = connect(url_of(self.database_url, folder))
        demo_rules(self.db)
        self.engine = self.app("engine")
        self.until(lambda: self.client.exists(CHANGES) == 1, 30)
        self.reader = SqlReader(self.db)

    def _start(self, line: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(line, env=self.env, cwd=self.folder, stdout=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def app(self, what: str) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, str(ROOT / "app.py"), what])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.env['GRIDCOMMAND_PORT']}"

    def report(self, bodies: list[bytes]) -> None:
        stream.Inbox(self.client).report(bodies)

    def kill_engine(self) -> int:
        """kill -9; how many entries it had read and not acknowledged."""
        self.engine.kill()
        self.engine.wait()
        pending = int(self.client.xpending(REPORTS, "engine")["pending"])
        self.engine = self.app("engine")
        return pending

    def until(self, done: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, "it takes too long"
            assert self.valkey.poll() is None
            time.sleep(0.02)

    def quiet(self, seconds: float = 60) -> None:
        """Until everything is taken in and told."""
        inbox = stream.Inbox(self.client)
        self.until(lambda: inbox.backlog() == 0 and not self.client.xpending(COMMANDS, "engine")["pending"], seconds)

    def messages(self) -> list[bytes]:
        return [fields[b"e"] for _, fields in self.client.xrange(CHANGES)]

    def epoch(self) -> int:
        with self.db.connect() as c:
            return int(c.execute(select(t.partition.c.epoch)).scalar_one())

    def close(self) -> None:
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if hasattr(self, "db"):  # where the start failed
            self.client.close()
            self.db.dispose()


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@contextmanager
def running(folder: Path, database_url: str = "") -> Iterator[City]:
    city = City(folder, database_url)
    try:
        city.start()
        yield city
    finally:
        city.close()


def account(city: City, role: str = "api", number: int = 1) -> str:
    """A token of a new account."""
    return SqlAccounts(city.db).add_account(User(f"{role}-{number}", f"Ms Test {number}", role, "c"))


def start_web(city: City) -> psutil.Process:
    """The master of the web workers, when it answers."""
    master = psutil.Process(city.app("web").pid)

    def healthy() -> bool:
        try:
            return httpx.get(city.url + "/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    city.until(healthy, 60)
    return master
