"""Everybody who is at work during a bad night: a source that sends courses of cases with poisons among them, dispatchers, and onlookers."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from dashboard.clock import MINUTE, SECOND, wall_ms
from dashboard.ports.away import Away
from dashboard.simulate.envelope import heartbeat
from data_access import stream
from tests.chaos.night import Night
from tests.chaos.test_kills import STEPS
from tests.made import DATA, REPORT, case, entry
from tests.test_border import poisons

CORPUS = Path(__file__).parents[1] / "fuzz" / "corpus"
RESENT = 5.0
"""Seconds that a source sends again after its server was away: an append-only file may lose the last one (CONTRACT.md)."""
PEOPLE = ("urge", {"reason": "now"}), ("note", {"text": "seen 😀"}), ("escalate", {"level": "duty_chief", "reason": "angry"})
SILENT = 30.0
"""A client's own backoff; nobody should need it."""


class Member(threading.Thread):
    """Works until it is told to end; what goes wrong in it is the test's failure."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ending = threading.Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ending.is_set():
                self.turn()
        except BaseException as e:
            self.error = e

    def turn(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        self.ending.set()
        self.join(3 * SILENT)
        assert self.error is None, repr(self.error)
        assert not self.is_alive()


class Source(Member):
    """Sends so many events a second, in order for each case, every tenth twice; `sent` holds each in the order of its first sending."""

    def __init__(self, night: Night, a_second: int, seed: int = 1) -> None:
        super().__init__()
        self._inbox, self._rng = stream.Inbox(stream.client(night.redis_url)), random.Random(seed)
        self._size = max(1, a_second // 20)
        self._courses: list[Iterator[bytes]] = []
        self._cases = 0
        self._recent: deque[tuple[float, list[bytes]]] = deque()
        self.sent: list[bytes] = []
        self.times_away = 0

    def turn(self) -> None:
        bodies = [self._next() for _ in range(self._size)]
        if self._rng.random() < 0.25:
            bodies.insert(self._rng.randrange(len(bodies)), self._poison())
        self.sent += bodies
        again = [body for body in bodies if self._rng.random() < 0.1]
        self._send([*bodies, *again, heartbeat("/12345", wall_ms())])
        self.ending.wait(0.05)

    def _next(self) -> bytes:
        while True:
            if len(self._courses) < 200:
                self._courses.append(self._course(self._cases))
                self._cases += 1
            at = self._rng.randrange(len(self._courses))
            body = next(self._courses[at], None)
            if body is not None:
                return body
            del self._courses[at]

    def _course(self, n: int) -> Iterator[bytes]:
        began = wall_ms() - 30 * MINUTE
        for i, type_ in enumerate(STEPS[: self._rng.randint(1, len(STEPS))]):
            data = REPORT | {"place": {"grid": self._rng.choice(["g1", "g2"])}} if i == 0 else DATA[type_]
            yield entry(type_, f"H{n}", began + i * SECOND, data, f"H{n}-{i}")

    def _poison(self) -> bytes:
        known = [*poisons().values(), *(f.read_bytes() for f in CORPUS.glob("event-*"))]
        known += [self._rng.randbytes(200), b"", entry("case.signed", f"H{self._rng.randrange(self._cases)}", wall_ms()),
                  entry("case.noted", f"never-{self._rng.randrange(20)}", wall_ms())]  # fmt: skip
        return self._rng.choice(known)

    def _send(self, bodies: list[bytes]) -> None:
        """Until it is taken. After an outage everything of the last seconds comes again, in its order, with the ids that it had."""
        self._recent.append((time.monotonic(), bodies))
        while self._recent[0][0] < time.monotonic() - RESENT and len(self._recent) > 1:
            self._recent.popleft()
        try:
            self._inbox.report(bodies)
        except Away:
            self._again()

    def _again(self) -> None:
        self.times_away += 1
        while True:
            self.ending.wait(0.2)
            try:
                for _, bodies in list(self._recent):
                    self._inbox.report(bodies)
                return
            except Away:
                continue


class Dispatcher(Member):
    """Acts on cases of a common pool; sends the same id until there is an answer of the engine's."""

    def __init__(self, night: Night, number: int, pool: list[str]) -> None:
        super().__init__()
        from dashboard.access.role import User

        token = night.accounts.add_account(User(f"d-{number}", f"D {number}", "dispatcher", "c"))
        self._web = httpx.Client(base_url=night.url, headers={"Authorization": f"Bearer {token}"}, timeout=SILENT)
        self._rng, self._pool, self._seen = random.Random(number), pool, dict[str, int]()
        self.answers: dict[str, dict[str, Any]] = {}
        self.open: str | None = None
        """A command that was sent and has no answer yet."""
        self.tries = 0

    def turn(self) -> None:
        on, (verb, data) = self._rng.choice(self._pool), self._rng.choice(PEOPLE)
        command = {"id": str(uuid4()), "type": f"command.{verb}", "case": on, "expected_version": self._seen.get(on, 1), "data": data}
        self.open = str(command["id"])
        while (result := self._send(command)) is None:
            if self.ending.wait(0.3):
                return
        self.answers[self.open], self.open = result, None
        if result["current"]:
            self._seen[on] = result["current"]["version"]
        elif result["status"] == "accepted":
            self._seen[on] = self._seen.get(on, 1) + 1
        self.ending.wait(self._rng.uniform(0, 0.2))

    def _send(self, command: dict[str, Any]) -> dict[str, Any] | None:
        """None when nobody could say what became of it, or that it was not sent."""
        self.tries += 1
        try:
            answer = self._web.post("/api/v1/commands", json={"commands": [command]})
        except httpx.TransportError:
            return None
        if answer.status_code == 503:
            assert answer.headers["content-type"] == "application/problem+json", answer.text
            return None
        assert answer.status_code in (200, 207), answer.text
        result = dict(answer.json()["results"][0])
        return None if result["status"] == "unconfirmed" or result["code"] == "unavailable" else result


class Look(NamedTuple):
    """One question of an onlooker: `status` 0 where the connection broke or nobody listened."""

    phase: str
    path: str
    status: int
    seconds: float
    media: str
    detail: str


class Onlooker(Member):
    """Asks for one page again and again."""

    phase = "quiet"
    """Of all onlookers."""

    def __init__(self, night: Night, path: str, token: str) -> None:
        super().__init__()
        self._url, self._path, self._token = night.url + path, path, token
        self.looks: list[Look] = []

    def turn(self) -> None:
        phase, began = Onlooker.phase, time.monotonic()
        try:
            answer = httpx.get(self._url, timeout=SILENT, headers={"Authorization": f"Bearer {self._token}"})
            got = answer.status_code, answer.headers["content-type"], answer.text[:300]
        except httpx.TransportError as e:
            got = 0, "", repr(e)
        self.looks.append(Look(phase, self._path, got[0], time.monotonic() - began, got[1], got[2]))
        self.ending.wait(0.3)


class Crowd:
    """All of them on one night."""

    def __init__(self, night: Night, a_second: int, people: int) -> None:
        from dashboard.access.role import User

        self.source = Source(night, a_second)
        pool = [f"P{n}" for n in range(10)]
        now = wall_ms() - 30 * MINUTE
        self.source.sent += [entry("case.reported", name, now, id_=f"{name}-0") for name in pool]
        stream.Inbox(night.client).report(self.source.sent)
        self.people = [Dispatcher(night, n, [case(name) for name in pool]) for n in range(people)]
        token = night.accounts.add_account(User("onlooker", "O", "api", "c"))
        paths = ("/healthz", "/api/v1/snapshot", "/api/v1/cases?limit=5", f"/api/v1/cases/{case('P1')}")
        self.onlookers = [Onlooker(night, path, token) for path in paths]

    @property
    def looks(self) -> list[Look]:
        return [look for one in self.onlookers for look in one.looks]


@contextmanager
def at_work(night: Night, a_second: int, people: int) -> Iterator[Crowd]:
    """They work while the block runs, and have ended after it."""
    crowd = Crowd(night, a_second, people)
    members: list[Member] = [crowd.source, *crowd.people, *crowd.onlookers]
    for member in members:
        member.start()
    try:
        yield crowd
    finally:
        for member in members:
            member.ending.set()
    for member in members:
        member.end()
