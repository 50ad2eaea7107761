"""How old the data is, what the engine says of itself, and when a worker calls itself not ready."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from dashboard.clock import HOUR, SECOND, FixedClock
from dashboard.engine.change import Beat
from dashboard.live.answer import Answers
from dashboard.live.health import Health
from dashboard.live.outage import Outages
from dashboard.live.pulse import Pulse
from dashboard.ports.stream import Backlog
from tests.made import T0


class SetClock(FixedClock):
    """A machine whose clock people set: `ticks` goes on as it was."""

    moved = 0

    def wall(self) -> int:
        return self.at + self.moved


@pytest.fixture
def clock() -> SetClock:
    return SetClock(T0)


def whys(pulse: Pulse) -> list[str]:
    return [c.why for c in pulse.causes()]


def test_without_a_beat_the_age_is_unknown_and_soon_the_engine_is_away(clock: SetClock) -> None:
    pulse = Pulse(clock)
    assert pulse.age() is None and whys(pulse) == []
    clock.at += 4 * SECOND
    assert whys(pulse) == ["engine"]
    pulse.take(Beat(None, 0))
    assert pulse.age() == 0 and whys(pulse) == []


@pytest.mark.parametrize("moved", [-HOUR, HOUR])
def test_setting_the_clock_makes_nothing_younger_or_older(clock: SetClock, moved: int) -> None:
    pulse = Pulse(clock)
    pulse.take(Beat(T0 - 500, T0))
    clock.moved = moved
    clock.at += 2 * SECOND
    assert pulse.age() == 2500
    pulse.take(Beat(T0, T0, silent_ms=700))
    assert pulse.age() == 700


def test_a_beat_that_lay_in_the_stream_is_as_old_as_it_may_be(clock: SetClock) -> None:
    pulse = Pulse(clock)
    pulse.take(Beat(T0, T0, silent_ms=100), late=60 * SECOND)
    assert pulse.age() == 60_100 and whys(pulse) == ["engine"]


@pytest.mark.parametrize(
    ("epochs", "loops"), [([1, 2, 3], False), ([1, 2, 3, 4], True), ([1, 5], True), ([0, 0, 0, 0], False), ([7] * 9, False)]
)
def test_an_engine_that_starts_again_and_again(clock: SetClock, epochs: list[int], loops: bool) -> None:
    pulse = Pulse(clock)
    for epoch in epochs:
        pulse.take(Beat(T0, T0, epoch))
        clock.at += SECOND
    assert ("engine_restarts" in whys(pulse)) is loops
    clock.at += 61 * SECOND
    assert "engine_restarts" not in whys(pulse)


def test_what_a_beat_says_of_waiting_and_of_clocks(clock: SetClock) -> None:
    pulse = Pulse(clock)
    pulse.take(Beat(T0, T0, awaited=["/12345"] * 100, awaited_until=T0 + HOUR, clock_moved=-HOUR))
    awaited, moved = pulse.causes()
    assert awaited.values == {"sources": ["/12345"] * 20, "until": T0 + HOUR} and moved.values == {"ms": -HOUR}


class Parts:
    """A health on parts that a test turns by hand."""

    def __init__(self, clock: SetClock) -> None:
        self.clock, self.pulse = clock, Pulse(clock)
        self.outages = SimpleNamespace(has=lambda what: False, causes=list)
        self.answers = SimpleNamespace(unanswered=0)
        self.health = Health(clock, cast("Outages", self.outages), self.pulse, cast("Answers", self.answers))
        self.pulse.take(Beat(T0, T0, 1, 0))

    def reasons(self) -> list[str]:
        return self.health.reasons(30_000)


@pytest.fixture
def parts(clock: SetClock) -> Parts:
    return Parts(clock)


def test_all_is_well(parts: Parts) -> None:
    assert parts.reasons() == [] and parts.health.lag_events == 0


@pytest.mark.parametrize(
    ("backlog", "reason"),
    [(Backlog(0, 1, 6000), "pending"), (Backlog(10_001), "backlog"), (Backlog(10_000, 1, 400), "")],
)
def test_what_waits_makes_it_red(parts: Parts, backlog: Backlog, reason: str) -> None:
    parts.health.measured(backlog)
    assert parts.reasons() == ([reason] if reason else [])


def test_what_waited_twice_is_lag_and_an_entry_in_flight_is_not(parts: Parts) -> None:
    for waiting, lag in [(1, 0), (0, 0), (15_000, 0), (14_000, 14_000), (0, 0)]:
        parts.health.measured(Backlog(waiting))
        assert parts.health.lag_events == lag


def test_events_that_the_board_does_not_show(parts: Parts) -> None:
    parts.health.engine_at(9)
    assert parts.health.lag_events == 9 and parts.reasons() == []
    parts.clock.at += 6 * SECOND
    parts.pulse.take(Beat(T0, T0, 1, 0))
    assert parts.reasons() == ["behind"] and parts.health.lag_ms == 6000
    parts.health.board_at(9)
    assert parts.reasons() == [] and parts.health.lag_ms == 0


def test_never_ready_over_old_or_awaited_data(parts: Parts) -> None:
    parts.pulse.take(Beat(T0, T0, 1, 31_000))
    assert parts.reasons() == ["feed_old"]
    parts.pulse.take(Beat(T0, T0, 1, 0, ["/12345"], T0))
    assert parts.reasons() == ["awaited"]
    parts.pulse.take(Beat(T0, T0, 1, 0, clock_moved=5))
    assert parts.reasons() == [], "a clock that was set is told, and harms nobody"


def test_without_redis_nobody_knows_whether_the_engine_lives(parts: Parts) -> None:
    parts.clock.at += 4 * SECOND
    assert parts.reasons() == ["engine"]
    found: list[Any] = [SimpleNamespace(why="redis")]
    parts.outages.has, parts.outages.causes = (lambda what: what == "redis"), (lambda: found)
    assert parts.reasons() == ["redis"]


def test_figures_are_numbers(parts: Parts) -> None:
    parts.health._answers = cast("Answers", Answers(lambda body: None, parts.clock.ticks))  # type: ignore[arg-type, return-value]
    assert all(isinstance(v, int | float) for v in parts.health.figures().values())
