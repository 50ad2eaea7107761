"""Pacing: what is due when, at any speed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulate.pace import Pace

WALL, STREAM = 1_795_140_000_000, 1_420_088_400_000


def test_sixty_times_as_fast() -> None:
    pace = Pace(WALL, STREAM, 60)
    assert pace.reached(WALL) == STREAM
    assert pace.reached(WALL + 1_000) == STREAM + 60_000
    assert pace.wait(STREAM + 60_000, WALL) == 1.0
    assert pace.wait(STREAM - 1, WALL) == 0.0


def test_no_pace_at_all() -> None:
    pace = Pace(WALL, STREAM, math.inf)
    assert pace.reached(WALL) == math.inf
    assert pace.wait(STREAM + 10**12, WALL) == 0.0
    with pytest.raises(ValueError, match="without pace"):
        pace.changed(WALL, 1)


def test_a_wall_clock_set_back_does_not_take_events_back() -> None:
    assert Pace(WALL, STREAM).reached(WALL - 5_000) == STREAM


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        Pace(WALL, STREAM, speed)


@given(st.integers(0, 10**9), st.floats(0.1, 1e4), st.floats(0.1, 1e4))
def test_a_change_of_speed_does_not_jump(elapsed: int, speed: float, other: float) -> None:
    pace = Pace(WALL, STREAM, speed)
    now = WALL + elapsed
    assert abs(pace.changed(now, other).reached(now) - pace.reached(now)) < 1


@given(st.integers(0, 10**9), st.integers(0, 10**6), st.floats(0.1, 1e4))
def test_after_the_wait_the_event_is_due(ahead: int, elapsed: int, speed: float) -> None:
    pace = Pace(WALL, STREAM, speed)
    now = WALL + elapsed
    later = now + math.ceil(pace.wait(STREAM + ahead, now) * 1000 + 1e-3)
    assert pace.reached(later) >= STREAM + ahead - 1e-3
