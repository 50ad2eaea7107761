"""The facts of shared/data/README.md, reproduced from the events of the real file (skipped where it is absent)."""

import csv
import gzip
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from dashboard.simulate.boston311 import read

FILE = Path("/work/shared/data/boston311_2015.csv.gz")
UNTIL = round(datetime.fromisoformat("2016-01-13T00:00:00-05:00").timestamp() * 1000)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is not here: Boston's real requests are not checked")


class Case(msgspec.Struct):
    opened: int = 0
    due: int | None = None
    closed: int | None = None
    owner: str = ""


class Data(msgspec.Struct):
    due: datetime | None = None
    to: str = ""


class Event(msgspec.Struct):
    type: str
    subject: str
    time: datetime
    data: Data


def ms(time: datetime) -> int:
    return round(time.timestamp() * 1000)


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    out: dict[str, Case] = {}
    decode = msgspec.json.Decoder(Event).decode
    last = 0
    for time, data in read(FILE, until=UNTIL).events:
        assert time >= last
        last, event = time, decode(data)
        if event.type == "case.reported":
            assert event.subject not in out
            out[event.subject] = Case(ms(event.time), event.data.due and ms(event.data.due))
        elif event.type == "case.dispatched":
            out[event.subject].owner = event.data.to
        elif event.type == "case.closed":
            out[event.subject].closed = ms(event.time)
    assert last == UNTIL
    return out


@pytest.fixture(scope="module")
def label() -> dict[str, str]:
    with gzip.open(FILE, "rt", encoding="utf-8") as text:
        return {row["CASE_ENQUIRY_ID"]: row["OnTime_Status"] for row in csv.DictReader(text)}


def test_every_row_is_a_case_with_an_owner(cases: dict[str, Case]) -> None:
    assert len(cases) == 121_145
    assert all(case.owner for case in cases.values())


def test_the_citys_label_of_the_closed_is_reproduced(cases: dict[str, Case], label: dict[str, str]) -> None:
    closed = {key: case for key, case in cases.items() if case.closed is not None and case.due is not None}
    assert len(closed) == 79_208
    assert Counter(label[key] for key in closed) == {"ONTIME": 60_054, "OVERDUE": 19_072, "": 82}
    ours = {key: "ONTIME" if case.closed <= case.due else "OVERDUE" for key, case in closed.items()}
    assert all(ours[key] == label[key] for key in closed if label[key])


def test_the_city_is_open_and_overdue_as_the_snapshot_says(cases: dict[str, Case], label: dict[str, str]) -> None:
    open_ = {key: case for key, case in cases.items() if case.closed is None}
    due = {key: case for key, case in open_.items() if case.due is not None}
    overdue = {key for key, case in due.items() if case.due < UNTIL and label[key]}
    assert len(open_) == 19_873
    assert Counter(label[key] for key in due) == {"OVERDUE": 11_374, "ONTIME": 3_501, "": 71}
    assert overdue == {key for key in due if label[key] == "OVERDUE"}


def test_197_were_closed_before_they_were_opened(cases: dict[str, Case]) -> None:
    assert sum(case.closed is not None and case.closed < case.opened for case in cases.values()) == 197


def test_what_the_city_left_blank_was_late(cases: dict[str, Case], label: dict[str, str]) -> None:
    """So by the rule alone 19,154 were closed late and 11,445 were open and overdue: the label's counts plus the blanks."""
    promised = {key: case for key, case in cases.items() if case.due is not None}
    late = {key for key, case in promised.items() if (UNTIL if case.closed is None else case.closed) > case.due}
    assert all(key in late for key in promised if not label[key])
    assert sum(promised[key].closed is not None for key in late) == 19_072 + 82
    assert sum(promised[key].closed is None for key in late) == 11_374 + 71
