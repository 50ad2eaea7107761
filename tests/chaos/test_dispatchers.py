"""Many dispatchers at once on the same cases, engine and web killed meanwhile: no command is lost, none has two effects."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from sqlalchemy import func, select

from dashboard.clock import HOUR, SECOND, wall_ms
from data_access import table as t
from data_access.registry import SqlRegistry
from tests.chaos.system import City, account, running, start_web
from tests.circle import assert_published, assert_whole
from tests.made import REPORT, UNITS, case, entry

FINAL = frozenset({"accepted", "refused"})
WISHES: dict[str, dict[str, Any]] = {
    "urge": {"reason": "now"}, "note": {"text": "looked at it 😀"}, "extend": {"hours": 1, "reason": "rain"},
    "escalate": {"level": "duty_chief", "reason": "angry"}, "reassign": {"to": "u2", "reason": "near"}, "acknowledge": {},
}  # fmt: skip


class Dispatcher:
    """Acts on cases of a common pool by what it last saw of them; sends again until it has an answer."""

    def __init__(self, url: str, token: str, cases: list[str], rng: random.Random, answers: dict[str, dict[str, Any]]) -> None:
        self._web = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self._cases, self._rng, self._answers = cases, rng, answers
        self._seen: dict[str, int] = {}
        self.tries = 0

    async def work(self, commands: int) -> None:
        last: dict[str, Any] | None = None
        for _ in range(commands):
            last = await self._act(last)
            await asyncio.sleep(self._rng.uniform(0, 0.02))
        await self._web.aclose()

    async def _act(self, last: dict[str, Any] | None) -> dict[str, Any]:
        if last and last["status"] == "accepted" and self._rng.random() < 0.3:
            command = self._wish("undo", last["case"], {"command": last["id"]})
        else:
            verb = self._rng.choice(list(WISHES))
            command = self._wish(verb, self._rng.choice(self._cases), WISHES[verb])
        double = self._rng.random() < 0.2
        results = await asyncio.gather(*(self._final(command) for _ in range(2 if double else 1)))
        assert all(r == results[0] for r in results), "a double click has one answer"
        self._learn(command["case"], results[0])
        self._answers[command["id"]] = results[0]
        return results[0] | {"case": command["case"]}

    def _wish(self, verb: str, on: str, data: dict[str, Any]) -> dict[str, Any]:
        return {"id": str(uuid4()), "type": f"command.{verb}", "case": on, "expected_version": self._seen.get(on, 3), "data": data}

    async def _final(self, command: dict[str, Any]) -> dict[str, Any]:
        while True:
            self.tries += 1
            result = await self._send(command)
            if result is not None and result["status"] in FINAL:
                return result
            await asyncio.sleep(0.1)

    async def _send(self, command: dict[str, Any]) -> dict[str, Any] | None:
        """None when nobody was there to answer."""
        try:
            answer = await self._web.post("/api/v1/commands", json={"commands": [command]})
        except httpx.TransportError:
            return None
        assert answer.status_code in (200, 207), answer.text
        return dict(answer.json()["results"][0])

    def _learn(self, on: str, result: dict[str, Any]) -> None:
        if result["current"]:
            self._seen[on] = result["current"]["version"]
        elif result["status"] == "accepted":
            self._seen[on] = self._seen.get(on, 3) + 1


async def fight(city: City, master: psutil.Process, people: int, commands: int, kills: int, pool: list[str]) -> Counter[str]:
    """All dispatchers at work, engine and web workers killed in turn; every answer as it was given, and how often it was asked for."""
    answers: dict[str, dict[str, Any]] = {}
    tokens = [account(city, "dispatcher", n) for n in range(people)]
    crowd = [Dispatcher(city.url, token, pool, random.Random(n), answers) for n, token in enumerate(tokens)]
    work = asyncio.gather(*(d.work(commands) for d in crowd))
    for n in range(kills):
        sent = people * commands * (n + 1) // (kills + 1)
        while len(answers) < sent and not work.done():
            await asyncio.sleep(0.02)
        await asyncio.to_thread(city.kill_engine)
        for worker in master.children() if n % 2 == 0 else ():
            worker.kill()
    await work
    assert len(answers) == people * commands, "somebody has no answer"
    audit(city, answers)
    asked = sum(d.tries for d in crowd)
    assert asked > len(answers), "no kill was noticed by anybody: this run proves nothing"
    return Counter(a["code"] or a["status"] for a in answers.values())


def audit(city: City, answers: dict[str, dict[str, Any]]) -> None:
    """In SQL: what was answered is what is kept; an accepted command has one effect, which is its own event, a refused one none."""
    c, e = t.command.c, t.event.c
    with city.db.connect() as db:
        kept = {i: (status, code, pos) for i, status, code, pos in db.execute(select(c.id, c.status, c.code, c.pos))}
        effects = dict(db.execute(select(e.cause, func.count()).where(e.cause.is_not(None)).group_by(e.cause)).all())
        at = dict(db.execute(select(e.id, e.pos).where(e.cause.is_not(None))).all())
    assert kept == {i: (a["status"], a["code"], kept[i][2]) for i, a in answers.items()}
    accepted = {i: a["pos"] for i, a in answers.items() if a["status"] == "accepted"}
    assert effects == dict.fromkeys(accepted, 1)
    assert at == accepted


def evening(folder: Path, people: int, commands: int, kills: int, cases: int) -> Counter[str]:
    with running(folder) as city:
        SqlRegistry(city.db).replace_places(UNITS, [], [])
        now = wall_ms() - HOUR
        steps = (("case.reported", REPORT), ("case.accepted", {}), ("case.dispatched", {"to": "u1"}))
        for n in range(cases):
            city.report([entry(type_, f"P{n}", now + i * SECOND, data, f"P{n}-{i}") for i, (type_, data) in enumerate(steps)])
        city.quiet()
        master = start_web(city)
        codes = asyncio.run(fight(city, master, people, commands, kills, [case(f"P{n}") for n in range(cases)]))
        city.quiet()
        assert_whole(city.db)
        assert_published(city.db, city.messages())
        return codes


def test_twenty_dispatchers_and_a_kill(tmp_path: Path) -> None:
    codes = evening(tmp_path, people=20, commands=10, kills=1, cases=30)
    assert codes["accepted"] > 20 and codes["conflict"] > 5, "they must get in each other's way"


@pytest.mark.large
def test_two_hundred_dispatchers_and_eight_kills(tmp_path: Path) -> None:
    codes = evening(tmp_path, people=200, commands=40, kills=8, cases=3000)
    assert codes["accepted"] > 1000 and codes["conflict"] > 100
