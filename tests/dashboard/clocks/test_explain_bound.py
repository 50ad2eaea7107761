"""What one source can say of one case must not cost whoever reads it minutes, nor make it unreadable."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashboard.cases.bound import EVENTS
from dashboard.clock import DAY, HOUR, iso, parse
from dashboard.clocks.explain import MAX_EXTENSIONS, clocks
from dashboard.clocks.rules import EXTENDED_AT_MOST
from tests.dashboard.clocks.test_explain import SLA, T0, live, reported

ZONE = "Asia/Shanghai"
LONG_AGO = parse("2000-01-10T08:00:00+08:00", ZONE)
WORK_HOURS = reported(category="030101")
"""A promise in work hours."""
Steps = list[tuple[str, int, dict[str, Any]]]


def begun(at: int) -> Steps:
    return [("case.reported", at, WORK_HOURS), ("case.accepted", at, {}), ("case.dispatched", at, {"to": "u-1"})]


def moves(times: list[int]) -> Steps:
    return [("case.reassigned", at, {"to": f"u-{i % 2}", "reason": "x"}) for i, at in enumerate(times)]


def paused(at: int, until: int) -> Steps:
    return [("case.suspended", at, {"reason": "x", "until": iso(until, ZONE)}), ("case.resumed", until, {})]


@pytest.mark.parametrize(
    "steps",
    [
        begun(LONG_AGO) + moves([T0 if i % 2 else LONG_AGO for i in range(EVENTS - 3)]),
        begun(T0) + moves([T0] * 500) + [("case.extended", T0, {"hours": 0.001, "mode": "work_hours"})] * 497,
        begun(T0) + moves([T0 + i % 2 * 20 * HOUR for i in range(333)]) + paused(T0, T0 + 10 * HOUR) * 332,
    ],
    ids=["spans of 26 years", "extensions at once", "pauses at once"],
)
def test_a_whole_case_is_explained_in_bounded_work(steps: Steps) -> None:
    found = clocks(*live(steps), SLA, T0 + DAY)
    assert len(found) > 300
    assert len(msgspec.json.encode(found)) < 16 << 20
    for clock in found:
        lines = [line for line in clock.ledger if line.kind in ("work", "wall")]
        assert sum(line.seconds for line in lines) == pytest.approx(clock.ledger[-1].seconds, abs=1)
        assert sum(line.kind == "extension" for line in clock.ledger) <= MAX_EXTENSIONS + 2


def test_extensions_that_are_not_listed_are_summed_up() -> None:
    steps = [*begun(T0), *[("case.extended", T0 + i, {"hours": 1, "mode": "24x7"}) for i in range(50)]]
    total = clocks(*live(steps), SLA, T0 + DAY)[0]
    lines = [line for line in total.ledger if line.kind == "extension"]
    assert (len(lines), sum(line.seconds for line in lines)) == (MAX_EXTENSIONS + 1, 50 * 3600)


def test_what_stood_still_stood_still_once() -> None:
    """A source that tells of the same pause twice, or of pauses in any order, gives nobody time twice."""
    twice = begun(T0) + paused(T0 + HOUR, T0 + 3 * HOUR) + paused(T0 + 2 * HOUR, T0 + 4 * HOUR)
    total = clocks(*live(twice), SLA, T0 + 8 * HOUR)[0]
    assert total.elapsed_business_s == 3600 * 2.5  # the afternoon until 16:00: from 9 to 12 it stood still


def test_pauses_lead_no_promise_out_of_the_calendar() -> None:
    """After ten pauses of 26 years nothing more could be said of the case: not that it is closed, and nobody could read it."""
    steps = begun(LONG_AGO) + paused(LONG_AGO, T0) * 40 + [("case.voided", T0, {"reason": "x"})]
    events, case = live(steps)
    assert case.due == LONG_AGO + EXTENDED_AT_MOST
    assert clocks(events, case, SLA, T0)[0].due == case.due
