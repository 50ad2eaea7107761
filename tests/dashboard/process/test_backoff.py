"""An engine whose database or Redis is away lives on, says so once, and begins again; only a fence ends it."""

from __future__ import annotations

import pytest

from dashboard.ports.away import Away
from dashboard.ports.ledger import Fenced
from dashboard.process import backoff
from dashboard.process.backoff import work
from dashboard.process.heartbeat import Heartbeat
from dashboard.simulate.steady import Steady


class Scripted:
    """An engine that does what the script says, turn by turn; then the process is told to stop."""

    def __init__(self, *script: object) -> None:
        self.script, self.did = list(script), list[str]()

    def start(self) -> bool:
        self.did.append("start")
        return bool(self._next())

    def step(self) -> int:
        self.did.append("step")
        return int(bool(self._next()))

    def _next(self) -> object:
        what = self.script.pop(0)
        if isinstance(what, Exception):
            raise what
        return what

    def over(self) -> bool:
        return not self.script


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.01)
    monkeypatch.setattr(backoff, "LONGEST", 0.02)
    monkeypatch.setattr(backoff, "STANDBY", 0.01)


def test_it_waits_says_so_once_and_begins_again(capsys: pytest.CaptureFixture[str]) -> None:
    gone = Away("database", "connection refused")
    engine = Scripted(False, True, 1, gone, gone, gone, True, 1, Away("redis", "Connection closed"), True, 1)
    work(engine, engine.over, Heartbeat())
    assert engine.did == ["start", "start", "step", "step", "start", "start", "start", "step", "step", "start", "step"]
    assert capsys.readouterr().err.splitlines() == [
        "gridcommand engine: database is away: connection refused; waiting for it",
        "gridcommand engine: database is back",
        "gridcommand engine: redis is away: Connection closed; waiting for it",
        "gridcommand engine: redis is back",
    ]


def test_a_fence_ends_it() -> None:
    engine = Scripted(True, 1, Fenced("epoch 1 is over"))
    with pytest.raises(Fenced):
        work(engine, lambda: False, Heartbeat())


def test_a_stop_is_heard_while_it_waits() -> None:
    engine = Scripted(Away("database", "refused"))
    work(engine, engine.over, Heartbeat())
    assert engine.did == ["start"]


def test_a_source_sends_the_same_again_until_it_is_taken() -> None:
    class Sink:
        def __init__(self) -> None:
            self.tries, self.taken = 0, list[bytes]()

        def report(self, events: list[bytes]) -> None:
            self.tries += 1
            if self.tries < 3:
                raise Away("redis", "OOM", full=True)
            self.taken += events

        def backlog(self) -> int:
            return 7

    sink = Sink()
    steady = Steady(sink, backoff.Backoff("simulate", lambda: False, Heartbeat()), lambda: False)
    steady.report([b"a", b"b"])
    assert (sink.taken, steady.backlog()) == ([b"a", b"b"], 7)
