"""A real intake of permits, each with its own deadline: the published lateness comes out (../shared/data, CoSeLoG WABO)."""

from __future__ import annotations

import csv
import gzip
from datetime import datetime

import pytest

from dashboard.cases.case import on_time
from dashboard.cases.event import decode
from dashboard.cases.fold import fold
from dashboard.clock import ms
from dashboard.engine.intake import Intake
from dashboard.places.locate import Maps
from dashboard.simulate.category import CATEGORIES
from tests.conftest import SHARED
from tests.made import SLA, entry

FILE = SHARED / "data/wabo_receipt.csv.gz"


@pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not here: the real deadlines cannot be compared")
def test_377_of_1329_ended_after_their_deadline() -> None:
    with gzip.open(FILE, "rt") as f:
        cases = {row["case:concept:name"]: row for row in csv.DictReader(f)}
    assert len(cases) == 1_434
    kept = [_kept(name, row) for name, row in cases.items() if row["case:enddate"]]
    assert (len(kept), kept.count(False)) == (1_329, 377)


def _kept(name: str, row: dict[str, str]) -> bool | None:
    start, end = (ms(datetime.fromisoformat(row[f"case:{key}"])) for key in ("startdate", "enddate"))
    place = {"category": "wabo", "channel": "department", "workflow": "simple", "place": {}}
    due = datetime.fromisoformat(row["case:deadline"]).isoformat()
    report = decode(entry("case.reported", name, start, place | {"due": due}), 2**62)
    (report,) = Intake(SLA, Maps([]), CATEGORIES).take([report], start)
    closed = fold(decode(entry("case.closed", name, end), 2**62), fold(report, None))  # type: ignore[arg-type]
    return on_time(closed)  # type: ignore[arg-type]
