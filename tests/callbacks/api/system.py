"""A web worker and an engine as they run in a city, on a database with a few cases of every kind."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from dashboard.access.role import User
from dashboard.clock import DAY, HOUR, MINUTE, wall_ms
from dashboard.places.route import Route
from dashboard.simulate.envelope import event, heartbeat, rfc3339
from dashboard.video.point import VideoPoint
from data_access import stream
from data_access.account import SqlAccounts
from data_access.database import connect, url_of
from data_access.registry import SqlRegistry
from tests.callbacks.web import Web
from tests.conftest import ROOT
from tests.made import UNITS

SOURCE = "/12345"
LON, LAT = 118.8, 32.04
PEOPLE = {"chief": "duty_chief", "wall": "wall", "reader": "api"}
_numbers = count(1)
CAMERA = VideoPoint("3201" + "0" * 16, "Corner", "huiyan", "A", LON, LAT, 90.0, 60.0, 50.0)


class System(Web):
    """Cases C0 to C11 in the grid `g1`; C0 has a long history, C1 is closed, C2 is void."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        super().__init__(folder, redis_url)
        self.url = f"http://127.0.0.1:{self.port}"
        database = connect(url_of("", folder))
        registry = SqlRegistry(database)
        registry.replace_places(UNITS, [], [Route(unit, "03", area) for unit, area in (("u1", "d1"), ("u2", "c"), ("u3", "c"))])
        registry.replace_video([CAMERA])
        accounts = SqlAccounts(database)
        self.tokens = {name: accounts.add_account(User(name, name, role, "c")) for name, role in PEOPLE.items()} | {"first": self.token}
        database.dispose()
        self.engine = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "engine"], env=self.env, cwd=folder)
        self.inbox = stream.Inbox(stream.client(redis_url))
        self.inbox.report(list(_reports(wall_ms())))
        self._until(lambda: len(self.cases()) == 12 and self.case("C2")["stage"] == "VOIDED" and self.ready())

    def _until(self, true: Any, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end and self.engine.poll() is None and self.process.poll() is None
            self.inbox.report([heartbeat(SOURCE, wall_ms())])
            time.sleep(0.2)

    def ask(self, path: str, who: str | None = "first", method: str = "GET", **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        return httpx.request(method, self.url + path, headers=headers, timeout=20, **more)

    def cases(self) -> list[dict[str, Any]]:
        return self.ask("/api/v1/cases").json()["items"]  # type: ignore[no-any-return]

    def case(self, subject: str) -> dict[str, Any]:
        return self.ask(f"/api/v1/cases/12345~{subject}").json()  # type: ignore[no-any-return]

    def ready(self) -> bool:
        return self.ask("/readyz", None).status_code == 200

    def stop(self) -> None:
        for process in (self.engine, self.process):
            process.terminate()
        for process in (self.engine, self.process):
            process.wait(20)


def _reports(now: int) -> Iterator[bytes]:
    began = now - 3 * HOUR
    for n in range(12):
        place = {"lon": LON + n / 10_000, "lat": LAT, "crs": "wgs84", "grid": "g1", "address": f"Road {n}"}
        data = {
            "category": "030101", "channel": "hotline_12345", "severity": ("normal", "urgent", "danger")[n % 3], "place": place,
            "title": f"Pothole {n}", "workflow": "simple" if n < 3 else "grid",
        }  # fmt: skip
        yield _told("case.reported", f"C{n}", began + n * MINUTE, data | ({"due": rfc3339(now + DAY)} if n % 4 == 3 else {}))
    for minute, (type_, data) in enumerate(_HISTORY):
        yield _told(type_, "C0", began + (20 + minute) * MINUTE, data)
    yield _told("case.closed", "C1", now - HOUR, {"disposition": "done"})
    yield _told("case.voided", "C2", now - HOUR, {"reason": "twice"})


_HISTORY: list[tuple[str, dict[str, Any]]] = [
    ("case.dispatched", {"to": "u1", "reason": "near"}), ("case.signed", {"unit": "u1"}),
    ("case.return_requested", {"unit": "u1", "reason": "not ours"}), ("case.return_approved", {"reason": "yes"}),
    ("case.dispatched", {"to": "u3"}), ("case.extended", {"hours": 2, "reason": "ice"}),
    ("case.supervised", {"level": "duty_chief", "reason": "slow", "reply_due": "2030-01-01T00:00:00+08:00"}),
    ("case.handled", {"unit": "u3", "result": "filled", "evidence": ["a.jpg"]}), ("case.noted", {"text": "thanks"}),
]  # fmt: skip


def _told(type_: str, subject: str, at: int, data: dict[str, Any]) -> bytes:
    return event(f"e-{next(_numbers):08d}", SOURCE, type_, subject, rfc3339(at), data)


@contextmanager
def running_system(folder: Path, redis_url: str) -> Iterator[System]:
    made = System(folder, redis_url)
    try:
        yield made
    finally:
        made.stop()
