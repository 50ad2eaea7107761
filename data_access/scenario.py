"""Port `Scenarios`: one key of a Redis that is the request, the lock against a second one, and what the login page reads."""

from __future__ import annotations

from typing import Any

from dashboard.ports.scenario import Playing
from data_access.away import redis_may_be_away

KEY = "demo:scenario"
ASKED_MS = 3000
ASKED, PLAYS = "asked:", "plays:"


class RedisScenarios:
    """The key is gone by itself when nobody takes what was asked for, and when what plays is over."""

    def __init__(self, server: Any) -> None:
        self._r = server

    def ask(self, name: str) -> bool:
        with redis_may_be_away():
            return bool(self._r.set(KEY, ASKED + name, nx=True, px=ASKED_MS))

    def playing(self) -> Playing | None:
        with redis_may_be_away():
            value, left = self._r.get(KEY), self._r.pttl(KEY)
        state, _, name = (value or b"").decode().partition(":")
        return Playing(name, f"{state}:" == PLAYS, max(0, left)) if name else None

    def take(self, seconds: dict[str, int]) -> str | None:
        now = self.playing()
        if now is None or now.taken or now.name not in seconds:
            return None
        with redis_may_be_away():
            self._r.set(KEY, PLAYS + now.name, ex=seconds[now.name])
        return now.name
