"""How a process lives on while Redis or the database is away (house rule 10)."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Protocol

from dashboard.ports.away import Away
from dashboard.process.heartbeat import Heartbeat

FIRST, LONGEST = 0.2, 5.0
"""Seconds before the first new attempt, and before every one in the end."""
STANDBY = 0.2


class Backoff:
    """Waits, longer each time; one line on stderr when something is away, and one when it is back."""

    def __init__(self, who: str, stopped: Callable[[], bool], heartbeat: Heartbeat) -> None:
        self._who, self._stopped, self._heartbeat = who, stopped, heartbeat
        self._pause, self._away = FIRST, ""

    def wait(self, away: Away) -> None:
        """Says it, unless it is known, and sleeps in short pieces; returns early when the process is to stop."""
        if self._away != away.what:
            self._say(f"{away}; waiting for it")
        self._away = away.what
        until = time.monotonic() + self._pause
        self._pause = min(LONGEST, self._pause * 2)
        while not self._stopped() and time.monotonic() < until:
            self._heartbeat.beat()
            time.sleep(max(0.0, min(0.1, until - time.monotonic())))

    def over(self) -> None:
        """An attempt went well."""
        if self._away:
            self._say(f"{self._away} is back")
        self._pause, self._away = FIRST, ""

    def _say(self, what: str) -> None:
        print(f"gridcommand {self._who}: {what}", file=sys.stderr, flush=True)


class Works(Protocol):
    """An engine, as far as its process needs to know it."""

    def start(self) -> bool: ...
    def step(self) -> int: ...


def work(engine: Works, stopped: Callable[[], bool], heartbeat: Heartbeat) -> None:
    """Turns the engine's loop, as leader or waiting to become one, until the process is to stop. Raises Fenced."""
    backoff, leads = Backoff("engine", stopped, heartbeat), False
    while not stopped():
        heartbeat.beat()
        try:
            if leads:
                engine.step()
            else:
                leads = engine.start()
            backoff.over()
        except Away as e:
            leads = False
            backoff.wait(e)
            continue
        if not leads:
            time.sleep(STANDBY)
