"""What honest people notice of an attack: how long a command takes, quiet and under each of four attacks, in one run.

ours: POST /api/v1/commands to its answer, p50 and p99, one after the other from three desks, while somebody attacks; limit: the same in the
same run while nobody does. The last row counts honest events that were sent among garbage and poisons and are not there afterwards.
"""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

import httpx

from benchmarks import BenchRow
from benchmarks.push import System, percentile, report, system
from benchmarks.rig import client
from dashboard.cases.envelope import case_id
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from data_access.stream import Inbox

SECONDS, RUNS, DESKS = 10.0, 3, 3
GARBAGE_RATE, POISONS, HONEST, LASSOS, SLOW = 10_000, 50, 5_000, 20, 100
CASES = 60

Attack = Callable[[System, str], int]
"""Runs for about SECONDS; returns how many honest events it sent along."""


def run() -> list[BenchRow]:
    taken: dict[str, list[float]] = {}
    sent = 0
    with system() as s:
        others = s.cli("user", "token", "attacker", "--role", "dispatcher")
        heart = threading.Event()
        threading.Thread(target=_beat, args=(s, heart), daemon=True).start()
        for turn in range(RUNS):
            for what, attack in _attacks(others).items():
                sent += _measured(s, f"{what[:4]}{turn}".replace(" ", ""), attack, taken.setdefault(what, []))
        lost = _lost(s, sent)
        heart.set()
    rows = [_row(what, q, taken) for what in list(taken)[1:] for q in (50, 99)]
    what = "honest events lost among garbage and poisons"
    return [*rows, {"what": what, "ours": lost, "baseline": None, "limit": 0, "unit": f"of {sent}", "n": 1}]


def _row(what: str, q: int, taken: dict[str, list[float]]) -> BenchRow:
    quiet = next(iter(taken.values()))
    ours, limit = (round(percentile(values, q), 1) for values in (taken[what], quiet))
    return {"what": f"command while {what}, p{q}", "ours": ours, "baseline": None, "limit": limit, "unit": "ms", "n": RUNS}


def _attacks(token: str) -> dict[str, Attack]:
    return {
        "quiet": _quiet,
        f"{GARBAGE_RATE} garbage entries/s": _garbage,
        f"{POISONS} poisons in {HONEST} honest events": _poisons,
        f"{LASSOS} hostile lassos": partial(_lassos, token),
        f"{SLOW} slow sockets": _slow,
    }


def _measured(s: System, run_: str, attack: Attack, out: list[float]) -> int:
    """Desks send commands while the attack lasts; their times (ms) go to `out`."""
    over = threading.Event()
    desks = [threading.Thread(target=_desk, args=(s, f"{run_}d{n}", over, out)) for n in range(DESKS)]
    for desk in desks:
        desk.start()
    with ProcessPoolExecutor(1) as elsewhere:  # an attacker's own work must not slow down who measures
        sent = elsewhere.submit(attack, s, run_).result()
    over.set()
    for desk in desks:
        desk.join()
    return sent


def _beat(s: System, over: threading.Event) -> None:
    inbox = Inbox(client(s.redis))
    while not over.wait(1):
        inbox.report([heartbeat("/bench", int(time.time() * 1000))])


def _desk(s: System, run_: str, over: threading.Event, out: list[float]) -> None:
    """One dispatcher who notes something on one case after the other."""
    now = int(time.time() * 1000)
    Inbox(client(s.redis)).report([report(now, run_, n) for n in range(CASES)])
    versions = {case_id("/bench", f"{now}-{run_}-{n}"): 1 for n in range(CASES)}
    time.sleep(1)
    with httpx.Client(headers={"Authorization": f"Bearer {s.token}"}, timeout=30) as http:
        for n in range(100_000):
            if over.is_set():
                return
            case = random.choice(list(versions))
            began = time.perf_counter()
            result = _note(s, http, case, versions[case], uuid7(int(time.time() * 1000), digest(run_, n)))
            out.append((time.perf_counter() - began) * 1000)
            if result["status"] == "accepted":
                versions[case] += 1
            time.sleep(0.05)


def _note(s: System, http: httpx.Client, case: str, version: int, id_: str) -> dict[str, str]:
    command = {"id": id_, "type": "command.note", "case": case, "expected_version": version, "data": {"text": "seen"}}
    try:
        answer = http.post(f"http://127.0.0.1:{s.port}/api/v1/commands", json={"commands": [command]})
    except httpx.HTTPError:  # its time counts all the same
        return {"status": "none"}
    return dict(answer.json()["results"][0]) if answer.status_code in (200, 207) else {"status": str(answer.status_code)}


def _quiet(s: System, run_: str) -> int:
    time.sleep(SECONDS)
    return 0


def _garbage(s: System, run_: str) -> int:
    """Half of it is no JSON, half is JSON that says nothing; honest reports come all the same."""
    inbox, began, n, honest = Inbox(client(s.redis)), time.time(), 0, 0
    bodies = [os.urandom(60), b"{not json", json.dumps({"specversion": "1.0", "id": "x"}).encode(), b'{"a":[' * 20, b"[]"]
    while (elapsed := time.time() - began) < SECONDS:
        due = int(elapsed * GARBAGE_RATE) - n
        if due > 0:
            now = int(time.time() * 1000)
            inbox.report([*(bodies[i % len(bodies)] for i in range(due)), report(now, f"{run_}h", honest)])
            n, honest = n + due, honest + 1
        time.sleep(0.01)
    return honest


def _poisons(s: System, run_: str) -> int:
    """What used to end the engine, one in a hundred."""
    inbox, began = Inbox(client(s.redis)), time.time()
    for n in range(HONEST):
        now = int(time.time() * 1000)
        bodies = [report(now, f"{run_}p", n)]
        if n % (HONEST // POISONS) == 0:
            subject, id_ = f"{now}-{run_}p-{n}", uuid7(now, digest(run_, "poison", n))
            poison = event(id_, "/bench", "case.urged", subject, rfc3339(now), {"rung": 13812345678})
            bodies += [poison, poison.replace(b"13812345678", b"18446744073709551616"), b"[{" * 40 + b'"' + b'\\"' * 32_500]
        inbox.report(bodies)
        time.sleep(max(0.0, began + n * SECONDS / HONEST - time.time()))
    return HONEST


def _lassos(token: str, s: System, run_: str) -> int:
    """All at once, each with as many random corners as are taken."""
    rng, end = random.Random(1), time.time() + SECONDS

    def draw() -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
            while time.time() < end:
                corners = [(118 + rng.random() * 2, 31 + rng.random() * 2) for _ in range(500)]
                http.post(f"http://127.0.0.1:{s.port}/map/select", json={"polygon": corners})
                time.sleep(0.05)

    threads = [threading.Thread(target=draw) for _ in range(LASSOS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


def _slow(s: System, run_: str) -> int:
    """Requests whose headers or bodies never end, a byte a second."""
    with _opened(s.port) as sockets:
        end = time.time() + SECONDS
        while time.time() < end:
            for one in sockets:
                with suppress(OSError):  # the server has had enough of it, as it should
                    one.send(b"x")
            time.sleep(1)
    return 0


@contextmanager
def _opened(port: int) -> Iterator[list[socket.socket]]:
    starts = (
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
        b"POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n",
    )
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for n, one in enumerate(sockets):
        one.send(starts[n % len(starts)])
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


def _lost(s: System, sent: int) -> int:
    """Honest events that are not there, when everything that waits has been taken in."""
    inbox = Inbox(client(s.redis))
    while inbox.backlog() > 5:
        time.sleep(0.2)
    time.sleep(2)
    with httpx.Client(headers={"Authorization": f"Bearer {s.token}"}, timeout=60) as http:
        total = int(http.get(f"http://127.0.0.1:{s.port}/api/v1/cases?limit=1").json()["total"])
    desks = DESKS * CASES * RUNS * len(_attacks(""))
    return sent + desks - total

