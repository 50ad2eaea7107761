"""A demo that was left: what is open of it ends in a way that the workflow allows, and nothing else is touched."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboard.cases.case import Case
from dashboard.cases.event import decode
from dashboard.cases.fold import fold
from dashboard.cases.row import row_of
from dashboard.cases.stage import ENDED, OPEN, Stage
from dashboard.clock import DAY, HOUR
from dashboard.simulate.demo import SOURCES
from dashboard.simulate.leftover import endings
from tests.made import T0, entry

STEPS = [
    ("case.accepted", {}), ("case.filed", {}), ("case.dispatched", {"to": "u"}), ("case.signed", {"unit": "u"}), ("case.handled", {}),
    ("case.check_requested", {}),
]  # fmt: skip
LEFT, NOW = T0 + HOUR, T0 + 7 * DAY


def case_in(stage: Stage, subject: str = "GC20261120-0700001", source: str = "/12345") -> Case:
    """As far as this stage, by the events of its source."""
    report = {"category": "010101", "channel": "other", "place": {"grid": "990101001001001"}, "workflow": "grid"}
    case: Case | None = None
    for n, (type_, data) in enumerate([("case.reported", report), *STEPS][: stage + 1]):
        after = fold(decode(entry(type_, subject, T0 + n * 1000, data, source=source), NOW), case)
        assert isinstance(after, Case), after
        case = after
    assert case is not None and case.stage == stage
    return case


@pytest.mark.parametrize("stage", sorted(OPEN))
def test_a_case_of_any_stage_is_closed(stage: Stage) -> None:
    case = case_in(stage)
    told = list(endings([row_of(case)], SOURCES, 8, LEFT, NOW))
    for at, body in told:
        event = decode(body, NOW)
        assert LEFT <= at == event.at <= NOW
        after = fold(event, case)
        assert isinstance(after, Case), (event, after)
        case = after
    assert case.stage == Stage.CLOSED and case.flags == [] and case.stage in ENDED


def test_they_end_in_order_of_time_and_not_all_at_once() -> None:
    rows = [row_of(case_in(Stage.SIGNED, f"GC20261120-07{n:05d}")) for n in range(200)]
    times = [at for at, _ in endings(rows, SOURCES, 8, LEFT, NOW)]
    assert all(a <= b for a, b in pairwise(times)) and times[-1] - times[0] > 6 * DAY


@pytest.mark.parametrize(
    ("subject", "source", "ends"),
    [
        ("GC20261120-0700001", "/12345", True),
        ("GC20261120-000001", "/12345", True),  # of a version that wrote no seed
        ("SC20261125-035412-001", "/video", True),
        ("GC20261120-0800001", "/12345", False),  # of the day that begins
        ("GC20261120-0700001", "/somebody", False),
        ("20261120-17", "/12345", False),
        ("XGC20261120-0700001", "/12345", False),
        ("GC20261120-07000012", "/12345", False),
    ],
)
def test_only_what_the_simulator_made_on_another_day(subject: str, source: str, ends: bool) -> None:
    row = row_of(case_in(Stage.ACCEPTED, subject, source))
    assert bool(list(endings([row], SOURCES, 8, LEFT, NOW))) == ends
