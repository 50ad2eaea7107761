"""Boston's real requests through the real engine and database: the city's own labels come out (skipped where the file is absent).

A tenth of them in the normal suite, all 121,145 with `-m large`.
"""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from dashboard.cases.case import Case, on_time
from dashboard.cases.envelope import split_id
from dashboard.clock import StreamClock, parse
from dashboard.desk.query import CaseQuery
from dashboard.live.board import Board
from dashboard.places.unit import UnitTree
from dashboard.simulate.boston311 import read
from data_access import stream
from data_access import table as t
from data_access.database import connect, migrate, url_of
from data_access.ledger import case_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.circle import letters, make_engine, orphans
from tests.conftest import SHARED
from tests.fakes.streams import FakeServer

FILE = SHARED / "data" / "boston311_2015.csv.gz"
ZONE = "America/New_York"
UNTIL = parse("2016-01-13T00:00:00", ZONE)
pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE} is not here: Boston's real requests are not replayed")


class Boston:
    """The database after the replay, and the city's label of each request."""

    def __init__(self, folder: Path, every: int) -> None:
        self.all = every == 1
        url = url_of("", folder)
        migrate(url)
        self.db = connect(url)
        replay = read(FILE, UNTIL)
        SqlRegistry(self.db).replace_places(replay.units, [], [])
        server, self.clock = FakeServer(), StreamClock()
        self.events = 0
        for _, body in replay.events:
            if _number(body) % every:
                continue
            server.add(stream.name("reports"), body)
            self.events += 1
        engine = make_engine(self.db, server.engine(), self.clock)
        assert engine.start()
        while engine.step(0):
            del server.changes[:-1]
        self.reader = SqlReader(self.db, ZONE)
        with gzip.open(FILE, "rt", encoding="utf-8") as text:
            self.label = {row["CASE_ENQUIRY_ID"]: row["OnTime_Status"] for row in csv.DictReader(text)}
        self.label = {i: label for i, label in self.label.items() if int(i) % every == 0}
        with self.db.connect() as c:
            self.cases: dict[str, Case] = {x.subject: x for x in map(case_of, c.execute(select(t.cases.c.state)).scalars())}

    def total(self, **asked: object) -> int:
        return int(self.reader.cases.page(CaseQuery(now=self.clock.now(), limit=1, **asked))["total"])  # type: ignore[arg-type]


def _number(body: bytes) -> int:
    """The number of an event's request; 0, which is in every share, for the heartbeat."""
    subject = msgspec.json.decode(body)["subject"]
    return int(subject) if subject.isdigit() else 0


@pytest.fixture(scope="module", params=[pytest.param(10, id="a tenth"), pytest.param(1, id="all", marks=pytest.mark.large)])
def boston(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boston]:
    made = Boston(tmp_path_factory.mktemp("boston"), request.param)
    yield made
    made.db.dispose()


def test_nothing_is_dropped(boston: Boston) -> None:
    assert set(boston.cases) == set(boston.label)
    assert len(boston.cases) == 121_145 if boston.all else len(boston.cases) > 10_000
    assert (letters(boston.db), orphans(boston.db)) == ({}, [])
    with boston.db.connect() as c:
        pos = c.execute(select(t.partition.c.pos)).scalar()
    assert pos == boston.events - 1, "all but the heartbeat at the end"
    assert boston.clock.now() == UNTIL


def test_the_citys_label_of_every_closed_request_comes_out(boston: Boston) -> None:
    closed = {i: c for i, c in boston.cases.items() if c.closed is not None and c.due is not None}
    labelled = {i: "ONTIME" if on_time(c) else "OVERDUE" for i, c in closed.items() if boston.label[i]}
    assert labelled == {i: boston.label[i] for i in labelled}
    if boston.all:
        assert len(labelled) == 79_126
        assert Counter(labelled.values()) == {"ONTIME": 60_054, "OVERDUE": 19_072}


def test_open_and_overdue_as_the_city_had_it(boston: Boston) -> None:
    found = boston.reader.cases.page(CaseQuery(now=UNTIL, stage="open", light="red", limit=20_000))
    overdue = {i["subject"] for i in found["items"]}
    assert {i for i in overdue if boston.label[i]} == {
        i for i, c in boston.cases.items() if c.closed is None and boston.label[i] == "OVERDUE"
    }
    if boston.all:
        assert len(overdue) == 11_374 + 71, "by the rule alone what the city left blank is late too"
        assert sum(boston.label[i] == "OVERDUE" for i in overdue) == 11_374


def test_sql_and_the_cases_agree(boston: Boston) -> None:
    assert boston.total(on_time=True) == sum(on_time(c) is True for c in boston.cases.values())
    assert boston.total(on_time=False) == sum(on_time(c) is False for c in boston.cases.values())
    assert boston.total(stage="open") == sum(c.closed is None for c in boston.cases.values())
    if boston.all:
        found = [boston.total(**asked) for asked in ({"on_time": True}, {"on_time": False}, {"stage": "open"})]  # type: ignore[arg-type]
        assert found == [60_054, 19_072 + 82, 19_873]


def test_those_closed_before_they_were_opened_are_flagged(boston: Boston) -> None:
    flagged = {i for i, c in boston.cases.items() if "closed_before_reported" in c.flags}
    assert flagged == {i for i, c in boston.cases.items() if c.closed is not None and c.closed < c.reported}
    assert len(flagged) == 197 if boston.all else flagged
    assert {f for c in boston.cases.values() for f in c.flags} <= {"closed_before_reported", "no_place"}


def test_a_worker_that_starts_now_shows_it(boston: Boston) -> None:
    pos, rows = boston.reader.board.rows(0, UNTIL)
    board = Board(UnitTree(boston.reader.places.units()), UNTIL)
    board.apply(rows, pos)
    board.turn(UNTIL)
    open_ = {boston.cases[split_id(board.ids[i])[1]].subject for i in board.open_slots(board.tree.root.code).tolist()}
    assert open_ == {i for i, c in boston.cases.items() if c.closed is None}
    assert board.counts.sum() == len(open_)
