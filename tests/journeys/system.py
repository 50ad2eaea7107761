"""A system of the tests' own: the synthetic city, a few hundred cases whose deadlines are known, a source that never falls silent."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil

from dashboard.access.role import User
from dashboard.cases.envelope import case_id, split_id
from dashboard.clock import wall_ms
from dashboard.places.route import Route, Routing
from dashboard.places.unit import UnitTree
from dashboard.ports.away import Away
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.city import CITY_CODE, City, city
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from data_access import stream
from data_access.account import SqlAccounts
from data_access.database import connect, migrate, url_of
from data_access.registry import SqlRegistry
from tests.circle import demo_rules

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "/journey"
MINUTE = 60_000
ITEMS = tuple(c for c in CATEGORIES if len(c) == 6)
DUE = (-26 * 60, -90, 20, 47, 75, 100, 4 * 60, 9 * 60, 20 * 60, 50 * 60)
"""Minutes from now to the deadlines that the cases take turns in; none crosses a figure's boundary while the journeys run."""
PEOPLE = {
    "wall": "wall",
    "commander": "commander",
    "chief": "duty_chief",
    "first": "dispatcher",
    "second": "dispatcher",
    "leaving": "dispatcher",
    "careful": "dispatcher",
}


class System:
    """`up` in a process group of its own, in a folder of its own; ends with `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()
        self.url = f"http://localhost:{self.port}"
        self._numbers = count(1)
        self._beating = threading.Event()
        self.city: City = city()
        # The synthetic city has two units for each category and place; a choice needs more.
        self.city.routes = list(dict.fromkeys(self.city.routes + [Route(r.unit, "", r.area) for r in self.city.routes]))
        self._routing = Routing(self.city.routes, UnitTree(self.city.units))
        self.tokens = self._seed()
        self._process = self._start()
        self._inbox = stream.Inbox(stream.client(f"unix://{folder / 'valkey.sock'}"))

    def _seed(self) -> dict[str, str]:
        url = url_of("", self.folder)
        migrate(url)
        db = connect(url)
        self.registry, self.accounts = SqlRegistry(db), SqlAccounts(db)
        self.registry.replace_places(self.city.units, self.city.grids, self.city.routes)
        demo_rules(db)
        self.registry.replace_video(self.city.video[:2000])
        return {name: self.accounts.add_account(User(name, name, role, CITY_CODE)) for name, role in PEOPLE.items()}

    def _start(self) -> subprocess.Popen[bytes]:
        given = {"DATA_DIR": str(self.folder), "PORT": str(self.port), "WORKERS": "1"}
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GRIDCOMMAND_")}
        with (self.folder / "log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, str(ROOT / "app.py"), "up"], env=clean | {f"GRIDCOMMAND_{k}": v for k, v in given.items()},
                cwd=self.folder, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        """Until the board is there and a source beats."""
        until(lambda: (self.folder / "valkey.sock").exists() and self._reachable(), 30, self.log)
        threading.Thread(target=self._beat, daemon=True).start()
        until(lambda: self.get("/readyz")[0] == 200, 30, self.log)

    def _reachable(self) -> bool:
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def _beat(self) -> None:
        while not self._beating.wait(0.5):
            with suppress(Away):  # a test has frozen Redis: the source is heard again when it goes on
                self._inbox.report([heartbeat(SOURCE, wall_ms())])

    def log(self) -> str:
        return (self.folder / "log").read_text()[-2000:]

    def stop(self) -> None:
        self._beating.set()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)

    # what happens in the city

    def report(self, due_in: float = 60, **over: Any) -> str:
        """One more case, given to the unit that serves it; its id. `over` replaces members of the report; `due_in` in minutes.

        No danger where nobody asks for one: it would be an alarm on every screen until somebody acknowledges it.
        """
        n, now = next(self._numbers), wall_ms()
        grid = self.city.grids[n * 37 % len(self.city.grids)]
        category, at, subject = ITEMS[n % len(ITEMS)], now - 30 * MINUTE, f"J-{n:04}"
        lon, lat = (sum(axis) / len(grid.rings[0]) for axis in zip(*grid.rings[0], strict=True))
        place = {"lon": lon, "lat": lat, "crs": "wgs84", "grid": grid.code, "address": f"和平路{n}号"}
        data = {
            "category": category,
            "channel": "hotline_12345",
            "place": place,
            "title": f"和平路{n}号事项",
            "due": rfc3339(now + int(due_in * MINUTE)),
            "severity": "urgent" if CATEGORIES[category].severity == "danger" else CATEGORIES[category].severity,
        }
        unit = self._routing.serving(category, grid.code)[0]
        steps = [("case.reported", data | over), ("case.accepted", {}), ("case.filed", {}), ("case.dispatched", {"to": unit})]
        self._inbox.report([_event(subject, at + i * MINUTE, type_, content) for i, (type_, content) in enumerate(steps)])
        return case_id(SOURCE, subject)

    def danger(self, category: str = "010101", **place: Any) -> str:
        """A danger that was reported just now and that nobody has touched; its id."""
        return self.reported(category, "danger", place)

    def reported(self, category: str = "010101", severity: str = "normal", place: dict[str, Any] | None = None, **over: Any) -> str:
        """A case that was reported just now and that nobody has touched; its id."""
        n, now = next(self._numbers), wall_ms()
        grid = self.city.grids[n * 37 % len(self.city.grids)]
        lon, lat = (sum(axis) / len(grid.rings[0]) for axis in zip(*grid.rings[0], strict=True))
        where = {"lon": lon, "lat": lat, "crs": "wgs84", "grid": grid.code, "address": f"和平路{n}号"} | (place or {})
        data = {"category": category, "channel": "hotline_12345", "place": where, "severity": severity, "title": f"和平路{n}号险情"}
        self._inbox.report([_event(f"D-{n:04}", now, "case.reported", data | over)])
        return case_id(SOURCE, f"D-{n:04}")

    def happen(self, case: str, type_: str, **data: Any) -> None:
        """The next event of a case, as its source tells it."""
        at = wall_ms()
        self._inbox.report([event(uuid7(at, digest(case, type_, at)), SOURCE, type_, split_id(case)[1], rfc3339(at), data)])

    def fill(self, cases: int) -> None:
        for n in range(cases):
            self.report(DUE[n % len(DUE)])
        self.settle()

    def settle(self) -> None:
        """Until the engine has committed everything and the board shows it."""
        until(lambda: self._inbox.backlog() <= 1 and self.get("/readyz")[1].get("lag_events") == 0, 30, self.log)
        time.sleep(0.3)

    # questions to the API

    def get(self, path: str, who: str | None = None) -> tuple[int, Any]:
        return self._ask(Request(self.url + path), who)

    def send(self, case: str, verb: str, version: int, data: dict[str, Any], who: str = "first", id_: str = "") -> dict[str, Any]:
        """Sends one command; its result."""
        command = {"id": id_ or new_id(), "type": f"command.{verb}", "case": case, "expected_version": version, "data": data}
        return dict(self.post("/api/v1/commands", {"commands": [command]}, who)[1]["results"][0])

    def post(self, path: str, body: object, who: str) -> tuple[int, Any]:
        return self._ask(Request(self.url + path, json.dumps(body).encode(), method="POST"), who)

    def _ask(self, request: Request, who: str | None) -> tuple[int, Any]:
        if who:
            request.add_header("Authorization", f"Bearer {self.tokens[who]}")
        try:
            with urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except HTTPError as e:
            return e.code, json.loads(e.read() or b"null")

    def case(self, case: str) -> dict[str, Any]:
        return dict(self.get(f"/api/v1/cases/{case}", "first")[1])

    def happened(self, case: str, type_: str) -> list[dict[str, Any]]:
        """Events of one type in the case's timeline."""
        return [e for e in self.case(case)["timeline"] if e["type"] == type_]

    def candidates(self, case: str) -> list[str]:
        return [c["unit"] for c in self.get(f"/api/v1/cases/{case}/candidates", "first")[1]["items"]]

    # accidents

    def _children(self, word: str) -> list[psutil.Process]:
        return [p for p in psutil.Process(self._process.pid).children() if p.cmdline()[-1] == word]

    def kill_worker(self) -> None:
        """kill -9 of the web worker; its master starts another."""
        for worker in self._children("web")[0].children():
            worker.kill()

    @contextmanager
    def frozen_engine(self) -> Iterator[None]:
        with _frozen(self._children("engine")[0]):
            yield

    @contextmanager
    def frozen_redis(self) -> Iterator[None]:
        with _frozen(next(p for p in psutil.Process(self._process.pid).children() if "valkey" in p.name() or "redis" in p.name())):
            yield


@contextmanager
def _frozen(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        with suppress(psutil.NoSuchProcess):  # frozen for too long, it was replaced
            process.resume()


def _event(subject: str, at: int, type_: str, data: dict[str, Any]) -> bytes:
    return event(uuid7(at, digest(subject, type_)), SOURCE, type_, subject, rfc3339(at), data)


_ids = count(1)


def new_id() -> str:
    now = wall_ms()
    return uuid7(now, digest("command", now, next(_ids)))


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def until(true: Callable[[], bool], seconds: float = 15, why: Callable[[], str] = str) -> None:
    """Waits for something to become true; `why` says more when it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not so after {seconds} s; {why()}"
        time.sleep(0.05)
