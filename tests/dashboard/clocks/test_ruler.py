"""The vectorised twin says what the pure calendar says, on every input inside its span."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.clock import DAY, HOUR
from dashboard.clocks.calendar import Calendar, Mode, Slots
from dashboard.clocks.ruler import Ruler

MODES: tuple[Mode, ...] = ("24x7", "work_hours", "work_days", "days")
NIGHTS: Slots = (("00:30", "01:45"), ("01:45", "02:20"), ("22:00", "24:00"))
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe")

law = settings(deadline=None)
"""Two cores are shared with whoever else runs tests: a stall of 200 ms is no finding."""


@lru_cache
def pair(zone: str) -> tuple[Calendar, Ruler]:
    c = Calendar(zone) if zone == "Asia/Shanghai" else Calendar(zone, NIGHTS, frozenset({6}), "none")
    c.add("work_hours", 1_795_132_800_000, 999 * DAY)  # warmed up, so that no example pays for the years of all others
    return c, Ruler(c, 2016, 2027)


@law
@given(st.sampled_from(ZONES).map(pair), st.sampled_from(MODES), st.data())
def test_the_twins_agree_everywhere(twins: tuple[Calendar, Ruler], mode: Mode, data: st.DataObject) -> None:
    """Instants up to the very ends of the span; what leads out of it is refused, but by 24x7, which needs no calendar."""
    c, r = twins
    t = st.integers(*r.span) | st.sampled_from(c.zone.begins[-500:]).map(lambda b: min(max(b, r.span[0]), r.span[1]))
    start, end = data.draw(t), data.draw(t)
    assert r.elapsed(mode, start, end) == c.elapsed(mode, start, end)
    amount = data.draw(st.integers(-400 * DAY, 400 * DAY) | st.integers(-HOUR, HOUR))
    due = c.add(mode, start, amount)
    if mode == "24x7" or r.span[0] <= due <= r.span[1]:
        assert r.add(mode, start, amount) == due
    else:
        with pytest.raises(ValueError, match="outside of the ruler's span"):
            r.add(mode, start, amount)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("mode", MODES)
def test_ten_thousand_histories(zone: str, mode: Mode) -> None:
    """Report, suspension, extension, close: due and time used, where the suspended time moves the due time in the same mode."""
    c, r = pair(zone)
    rng = np.random.default_rng(20171102)
    reported = rng.integers(r.span[0] + 99 * DAY, r.span[1] - 999 * DAY, 10_000)
    suspended = reported + rng.integers(0, 9 * DAY, 10_000)
    resumed = suspended + rng.integers(0, 30 * DAY, 10_000) * rng.integers(0, 2, 10_000)
    closed = resumed + rng.integers(0, 30 * DAY, 10_000)
    limit = rng.integers(1, 20, 10_000) * c.day_ms
    stood = r.elapsed(mode, suspended, resumed)
    due = r.add(mode, reported, limit + stood)
    used = r.elapsed(mode, reported, closed) - stood
    for i, history in enumerate(zip(*(x.tolist() for x in (reported, suspended, resumed, closed, limit)), strict=True)):
        begin, stops, goes, ends, own = history
        still = c.elapsed(mode, stops, goes)
        assert due[i] == c.add(mode, begin, own + still)
        assert used[i] == c.elapsed(mode, begin, ends) - still


@pytest.mark.parametrize("mode", MODES)
def test_columns_broadcast_and_empty_columns_are_empty(mode: Mode) -> None:
    c, r = pair("Asia/Shanghai")
    now, starts = r.span[0] + 99 * DAY, r.span[0] + np.arange(5) * 7 * HOUR
    assert r.elapsed(mode, starts, now).tolist() == [c.elapsed(mode, t, now) for t in starts.tolist()]
    none = np.array([], np.int64)
    assert r.elapsed(mode, none, now).size == r.add(mode, none, HOUR).size == 0


def test_a_ruler_needs_years() -> None:
    for first, last in ((2027, 2026), (1969, 2000), (2000, 2200)):
        with pytest.raises(ValueError, match="within 1970 to 2199"):
            Ruler(pair("Asia/Shanghai")[0], first, last)
    everything = Ruler(Calendar("America/New_York", holidays="none"), 1970, 2199)
    assert everything.elapsed("work_days", *everything.span) > 0


@pytest.mark.parametrize("mode", MODES[1:])
def test_outside_of_the_span_it_says_so(mode: Mode) -> None:
    _, r = pair("Asia/Shanghai")
    with pytest.raises(ValueError, match="outside of the ruler's span"):
        r.elapsed(mode, np.array([r.span[0] - 1, r.span[0]]), r.span[1])
    with pytest.raises(ValueError, match="outside of the ruler's span"):
        r.add(mode, r.span[1] - HOUR, 90 * DAY)
