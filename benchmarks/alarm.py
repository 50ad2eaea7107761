"""From the report of a new danger to its alarm: at a wall's, a commander's and a dispatcher's socket (a part of `bench desk`).

Ours: XADD of the report -> the first alarm frame with its case; baseline: somebody who asks for a snapshot every second; limit: XADD -> the
report read from cases:changes. Several categories, so that no flood collapses them; the cases are voided afterwards.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator

import httpx
import websockets

from benchmarks import BenchRow
from benchmarks.push import System, percentile
from benchmarks.rig import client
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from data_access.stream import Inbox, name

SEATS = {"wall": "wall", "commander": "commander", "desk": "dispatcher"}
DANGERS, EVERY = 60, 0.3
SOURCE = "/alarm"
First = dict[str, float]
"""By subject: when (s) it was seen first."""


def alarms(s: System) -> list[BenchRow]:
    tokens = {seat: s.cli("user", "token", f"alarm-{seat}", "--role", role) for seat, role in SEATS.items()}
    stopping, asked, read = threading.Event(), First(), First()
    threads = [threading.Thread(target=watch, args=(s, seen, stopping)) for watch, seen in ((_ask, asked), (_read, read))]
    for thread in threads:
        thread.start()
    heard, sent = asyncio.run(_heard(s, tokens))
    stopping.set()
    for thread in threads:
        thread.join()
    return [row for seat, seen in heard.items() for row in _rows(seat, sent, seen, asked, read)]


def _rows(seat: str, sent: First, seen: First, asked: First, read: First) -> Iterator[BenchRow]:
    missed = len(sent.keys() - seen.keys())
    yield BenchRow(what=f"new dangers without an alarm, {seat}", ours=missed, baseline=None, limit=0, unit="cases", n=len(sent))
    for q in (50, 99):
        took = ([(of[x] - at) * 1000 for x, at in sent.items() if x in of] for of in (seen, asked, read))
        ours, slow, limit = (round(percentile(ages, q), 1) for ages in took)
        yield BenchRow(what=f"new danger to alarm, {seat} p{q}", ours=ours, baseline=slow, limit=limit, unit="ms", n=len(sent))


async def _heard(s: System, tokens: dict[str, str]) -> tuple[dict[str, First], First]:
    heard = {seat: First() for seat in tokens}
    seats = [asyncio.create_task(_listen(s, token, heard[seat])) for seat, token in tokens.items()]
    await asyncio.sleep(1)
    sent = await asyncio.to_thread(_report, s)
    await asyncio.sleep(1.5)
    for seat in seats:
        seat.cancel()
    await asyncio.gather(*seats, return_exceptions=True)
    return heard, sent


def _report(s: System) -> First:
    inbox, sent = Inbox(client(s.redis)), First()
    for n in range(DANGERS):
        at, subject = int(time.time() * 1000), f"A{n}"
        data = {"category": sorted(CATEGORIES)[n % len(CATEGORIES)], "channel": "department", "severity": "danger", "place": {}}
        sent[subject] = time.perf_counter()
        inbox.report([_event(at, subject, "case.reported", data), heartbeat(SOURCE, at)])
        time.sleep(EVERY)
    time.sleep(1.5)
    now = int(time.time() * 1000)
    inbox.report([_event(now, subject, "case.voided", {"reason": "bench"}) for subject in sent])
    return sent


def _event(at: int, subject: str, type_: str, data: dict[str, object]) -> bytes:
    return event(uuid7(at, digest(subject, type_)), SOURCE, type_, subject, rfc3339(at), data)


async def _listen(s: System, token: str, seen: First) -> None:
    url = f"ws://127.0.0.1:{s.port}/live?format=json"
    async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {token}"}, max_size=None) as w:
        async for message in w:
            _note(seen, [a["case"] for a in json.loads(message).get("alarms", ())])


def _ask(s: System, seen: First, stopping: threading.Event) -> None:
    with httpx.Client(headers={"Authorization": f"Bearer {s.token}"}, timeout=30) as c:
        while not stopping.wait(1):
            _note(seen, [a["case"] for a in c.get(f"http://127.0.0.1:{s.port}/api/v1/snapshot").json()["alarms"]])


def _read(s: System, seen: First, stopping: threading.Event) -> None:
    r, last = client(s.redis), "$"
    while not stopping.is_set():
        for messages in (r.xread({name("changes"): last}, count=1000, block=200) or {}).values():
            last = messages[-1][0]
            _note(seen, [said["case"] for said in (json.loads(fields[b"e"]) for _, fields in messages) if "version" in said])


def _note(seen: First, cases: list[str]) -> None:
    for case in cases:
        seen.setdefault(case.removeprefix("alarm~"), time.perf_counter())
