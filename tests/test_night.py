"""A night of promises: breaches and escalations fire once each, whatever dies meanwhile (DOMAIN.md 4)."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dashboard.cases.event import Event
from dashboard.clock import HOUR, MINUTE, FixedClock
from dashboard.engine.engine import Engine
from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS
from data_access.database import connect, migrate, url_of
from data_access.stream import name
from tests.circle import assert_whole, make_engine, stored_cases, stored_events
from tests.fakes.streams import FakeServer, FakeStreams
from tests.made import T0, entry

NIGHT = 10 * HOUR
STEP = 5 * MINUTE
DANGERS = [c for c, x in CATEGORIES.items() if len(c) == 6 and x.severity == "danger" and LIMIT_HOURS[c]]


class Plan(NamedTuple):
    """A danger case of two hours: reported and closed (None: never) at these instants."""

    subject: str
    reported: int
    closed: int | None

    @property
    def due(self) -> int:
        return self.reported + 2 * HOUR


def plans(rng: random.Random) -> list[Plan]:
    """Never closed within ten minutes of the due time, so that the step of the test's clock decides nothing."""
    made = []
    for n in range(120):
        reported = T0 + rng.randrange(NIGHT // MINUTE - 60) * MINUTE
        lasts = rng.choice([None, *(m for m in range(5, 400, 7) if abs(m - 120) > 10)])
        made.append(Plan(f"N{n}", reported, None if lasts is None else reported + lasts * MINUTE))
    return made


class Night:
    """One engine after another on the same streams and database; the clock is turned by hand."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        migrate(url_of("", folder))
        self.db, self.server, self.clock, self.rng = connect(url_of("", folder)), FakeServer(), FixedClock(T0), rng
        self.lives = 0
        self.engine = self.start()

    def start(self) -> Engine:
        self.streams: FakeStreams = self.server.engine()
        self.lives += 1
        engine = make_engine(self.db, self.streams, self.clock)
        self.clock.at += 5000  # it takes a moment until the next one is there
        assert engine.start()
        return engine

    def turn(self, until: int, mortal: bool) -> None:
        """Lets the engine work up to an instant; now and then it dies between commit and publish."""
        self.clock.at = max(self.clock.at, until)
        self.streams.fail_publish = mortal and self.rng.random() < 0.2
        for _ in range(4):
            self.clock.at += 1001
            try:
                self.engine.step(0)
            except ConnectionError:
                self.engine = self.start()

    def events(self) -> dict[str, list[Event]]:
        by_case: dict[str, list[Event]] = defaultdict(list)
        for event in stored_events(self.db):
            by_case[event.case].append(event)
        return by_case


def entries(plan: Plan) -> list[tuple[int, bytes]]:
    place = {"lon": 118.78, "lat": 32.04}
    data: dict[str, Any] = {"category": DANGERS[0], "channel": "video", "severity": "danger", "workflow": "simple", "place": place}
    made = [(plan.reported, entry("case.reported", plan.subject, plan.reported, data))]
    if plan.closed is not None:
        made.append((plan.closed, entry("case.closed", plan.subject, plan.closed)))
    return made


def play(night: Night, made: list[Plan], down: range, mortal: bool) -> int:
    """The night step by step, the engine down in the given minutes; returns when it ended."""
    waiting = sorted(e for plan in made for e in entries(plan))
    for at in range(T0, T0 + NIGHT + STEP, STEP):
        while waiting and waiting[0][0] <= at:
            night.server.add(name("reports"), waiting.pop(0)[1])
        if (at - T0) // MINUTE not in down:
            night.turn(at, mortal)
    return T0 + NIGHT


@pytest.mark.parametrize("seed", range(3))
def test_every_breach_is_told_once_though_engines_die(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    night, made = Night(tmp_path, rng), plans(rng)
    end = play(night, made, range(0), mortal=True)
    assert night.lives > 5, "nobody died: the test proves nothing"
    told = night.events()
    for plan in made:
        types = Counter(e.type for e in told[f"12345~{plan.subject}"])
        alive = end if plan.closed is None else min(end, plan.closed)
        if abs(plan.due - end) <= 2 * STEP:
            continue  # the night ends in the middle of it
        assert types["case.sla_breached"] == int(plan.due + STEP < alive), plan
        levels = [e.data.level for e in told[f"12345~{plan.subject}"] if e.type == "case.escalated"]
        wanted = [level for level, minutes in (("unit_head", 90), ("duty_chief", 120), ("commander", 150))]
        passed = sum(plan.reported + minutes * MINUTE + STEP < alive for minutes in (90, 120, 150))
        assert levels == wanted[: len(levels)] and abs(len(levels) - passed) <= 1, (plan, levels)
    assert_whole(night.db)


def test_after_a_downtime_there_is_no_storm(tmp_path: Path) -> None:
    """Three hours without an engine: each case speaks once, from its highest step, and a case that was closed meanwhile is silent."""
    rng = random.Random(11)
    night, made = Night(tmp_path, rng), plans(rng)
    play(night, made, range(200, 380), mortal=False)
    told = night.events()
    for plan in made:
        mine = told[f"12345~{plan.subject}"]
        assert sum(e.type == "case.sla_breached" for e in mine) <= 1
        if plan.closed is not None and plan.closed < plan.due:
            assert not any(e.type == "case.sla_breached" for e in mine), plan
        levels = [e.data.level for e in mine if e.type == "case.escalated"]
        assert len(levels) == len(set(levels))
    woken = T0 + 380 * MINUTE
    burst = [e for events in told.values() for e in events if e.source == "/engine" and woken <= e.at < woken + STEP]
    overdue = sum(c.due is not None and c.due < woken for c in stored_cases(night.db).values())
    assert 0 < len(burst) <= 4 * overdue


def test_a_repeat_of_an_alarm_stops_at_its_cap(tmp_path: Path) -> None:
    night = Night(tmp_path, random.Random(1))
    play(night, [Plan("A", T0, None)], range(0), mortal=False)
    repeats = [e.at for e in night.events()["12345~A"] if e.type == "case.urged" and e.data.alarm]
    assert len(repeats) == 5
    assert all(b - a >= 15 * MINUTE for a, b in pairwise(repeats))
