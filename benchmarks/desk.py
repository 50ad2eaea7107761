"""From a dispatcher's click to the answer and to every other screen; and two hundred dispatchers at once.

A real system (Valkey, engine, one web worker). Ours: POST of a command -> its answer, and -> the delta at other sockets; baseline:
somebody who asks the API every second; limit: POST -> the same event read from cases:changes. The crowd counts commands without a
final answer (lost) and with more than one effect (doubled); `tests/chaos` does the same with engine and web killed meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from itertools import count
from typing import Any

import httpx
import websockets
from sqlalchemy import select

from benchmarks import BenchRow
from benchmarks.alarm import alarms
from benchmarks.keys import keys
from benchmarks.push import System, percentile, system
from benchmarks.rig import client
from dashboard.simulate.envelope import digest, event, rfc3339, uuid7
from data_access import table as t
from data_access.database import connect, url_of
from data_access.stream import Inbox, name

RUNS, CLICKS, SCREENS = 3, 60, 20
PEOPLE, EACH, CASES = 200, 10, 2000
SOURCE = "/bench"
_ids = count(1)


def run() -> list[BenchRow]:
    with system() as s:
        open_cases(s)
        return [*keys(), *clicks(s), *alarms(s), *crowd(s)]


def open_cases(s: System) -> None:
    now = int(time.time() * 1000)
    data = {"category": "010101", "channel": "department", "workflow": "simple", "severity": "normal", "place": {}}
    ids = [(uuid7(now, digest("case", n)), f"C{n}") for n in range(CASES)]
    inbox = Inbox(client(s.redis))
    inbox.report([event(i, SOURCE, "case.reported", subject, rfc3339(now - 1000), data) for i, subject in ids])
    while inbox.backlog():
        time.sleep(0.05)


def command(case: str, version: int) -> dict[str, Any]:
    made = uuid7(int(time.time() * 1000), digest("command", next(_ids)))
    return {"id": made, "type": "command.urge", "case": case, "expected_version": version, "data": {"reason": "bench"}}


class Seen:
    """When (s) each (case, version) arrived; the first time counts."""

    def __init__(self) -> None:
        self.at: dict[tuple[str, int], float] = {}

    def take(self, case: str, version: int) -> None:
        self.at.setdefault((case, version), time.perf_counter())

    def ages(self, sent: dict[tuple[str, int], float]) -> list[float]:
        return [(self.at[key] - began) * 1000 for key, began in sent.items() if key in self.at]


def clicks(s: System) -> list[BenchRow]:
    """One dispatcher acts, twenty other screens look."""
    took: dict[str, list[float]] = {"answer": [], "screen": [], "poll": [], "limit": []}
    for turn in range(RUNS):
        stopping, poll, limit = threading.Event(), Seen(), Seen()
        threads = [threading.Thread(target=watch, args=(s, seen, stopping)) for watch, seen in ((ask, poll), (read, limit))]
        for thread in threads:
            thread.start()
        screens, sent, answers = asyncio.run(one_acts(s, [f"bench~C{turn * CLICKS + n}" for n in range(CLICKS)]))
        time.sleep(1.5)
        stopping.set()
        for thread in threads:
            thread.join()
        took["answer"] += answers
        took["screen"] += [age for seen in screens for age in seen.ages(sent)]
        took["poll"] += poll.ages(sent)
        took["limit"] += limit.ages(sent)
    return [row(what, key, q, took) for what, key in (("click to answer", "answer"), ("click to other screen", "screen")) for q in (50, 99)]


def row(what: str, key: str, q: int, took: dict[str, list[float]]) -> BenchRow:
    ours, poll, limit = (round(percentile(took[k], q), 1) for k in (key, "poll", "limit"))
    return BenchRow(what=f"{what} p{q}", ours=ours, baseline=poll if key == "screen" else None, limit=limit, unit="ms", n=RUNS)


async def one_acts(s: System, cases: list[str]) -> tuple[list[Seen], dict[tuple[str, int], float], list[float]]:
    screens = [Seen() for _ in range(SCREENS)]
    watching = [asyncio.create_task(screen(s, seen)) for seen in screens]
    await asyncio.sleep(1)
    sent, answers = {}, []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.port}", headers={"Authorization": f"Bearer {s.token}"}) as web:
        for case in cases:
            began = sent[case, 2] = time.perf_counter()
            await web.post("/api/v1/commands", json={"commands": [command(case, 1)]})
            answers.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    return screens, sent, answers


async def screen(s: System, seen: Seen) -> None:
    url = f"ws://127.0.0.1:{s.port}/live?format=json"
    async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {s.token}"}, max_size=None) as w:
        async for message in w:
            frame = json.loads(message)
            if frame["t"] == "delta":
                for case, version in zip(frame["cases"]["case"], frame["cases"]["version"], strict=True):
                    seen.take(case, version)


def ask(s: System, seen: Seen, stopping: threading.Event) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {s.token}"}, timeout=30) as c:
        while not stopping.wait(1):
            for item in c.get(f"http://127.0.0.1:{s.port}/api/v1/cases?limit=2000").json()["items"]:
                seen.take(item["case"], item["version"])


def read(s: System, seen: Seen, stopping: threading.Event) -> None:
    r, last = client(s.redis), "$"
    while not stopping.is_set():
        for messages in (r.xread({name("changes"): last}, count=1000, block=200) or {}).values():
            last = messages[-1][0]
            for said in (json.loads(fields[b"e"]) for _, fields in messages):
                if "version" in said:
                    seen.take(said["case"], said["version"])


def crowd(s: System) -> list[BenchRow]:
    """Two hundred at once, each on cases of its own and a tenth on everybody's; unconfirmed ones are sent again with the same id."""
    lost, doubled, rates = [], [], []
    for turn in range(RUNS):
        began = time.perf_counter()
        answers = asyncio.run(all_act(s, turn))
        rates.append(len(answers) / (time.perf_counter() - began))
        lost.append(PEOPLE * EACH - len(answers))
        doubled.append(effects_too_many(s, answers))
    figures = {"lost": (max(lost), "commands"), "doubled": (max(doubled), "commands"), "answered": (round(sorted(rates)[1]), "1/s")}
    return [
        BenchRow(what=f"{what}, {PEOPLE} dispatchers at once", ours=n, baseline=None, limit=None, unit=unit, n=RUNS)
        for what, (n, unit) in figures.items()
    ]


async def all_act(s: System, turn: int) -> dict[str, str]:
    """Final status by command id."""
    answers: dict[str, str] = {}
    limits = httpx.Limits(max_connections=PEOPLE)
    headers = {"Authorization": f"Bearer {s.token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.port}", headers=headers, limits=limits, timeout=60) as web:
        await asyncio.gather(*(acts(web, turn, n, answers) for n in range(PEOPLE)))
    return answers


async def acts(web: httpx.AsyncClient, turn: int, person: int, answers: dict[str, str]) -> None:
    version = Counter[str]()
    for n in range(EACH):
        case = "bench~C999" if n == EACH - 1 else f"bench~C{1000 + person}"
        wanted = command(case, version[case] or 1 + turn * (EACH - 1))
        while wanted["id"] not in answers:
            try:
                result = (await web.post("/api/v1/commands", json={"commands": [wanted]})).json()["results"][0]
            except httpx.TransportError:  # an idle connection was closed as it was used: safe to send again
                continue
            if result["status"] != "unconfirmed":
                answers[wanted["id"]] = result["status"]
        version[case] = (version[case] or 1 + turn * (EACH - 1)) + (answers[wanted["id"]] == "accepted")


def effects_too_many(s: System, answers: dict[str, str]) -> int:
    """Commands whose effects are not as many as their answer says: one where accepted, none where refused."""
    db = connect(url_of("", s.folder))
    with db.connect() as c:
        effects = Counter(c.execute(select(t.event.c.cause).where(t.event.c.cause.is_not(None))).scalars())
    db.dispose()
    return sum(effects[i] != (status == "accepted") for i, status in answers.items())
