"""Migration 0007: who has worked with the built-in catalogue and limits keeps every promise; a fresh database gets neither."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, insert, select

from dashboard.clock import DAY, HOUR, FixedClock, iso
from dashboard.clocks.explain import clocks
from dashboard.clocks.table import parse_policy
from dashboard.engine.decide import Rules
from dashboard.engine.engine import Engine, Places
from dashboard.engine.intake import Intake
from dashboard.places.locate import Maps
from dashboard.places.route import Routing
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.policy import default_policy
from data_access import table as t
from data_access.database import connect, migrate, url_of
from data_access.ledger import SqlLedger
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from data_access.stream import name
from tests.circle import RETENTION, assert_whole, make_engine, stored_cases
from tests.contracts.test_schema import upgrade
from tests.fakes.streams import FakeServer
from tests.made import CITY, SLA, T0, case, entry

BEFORE = "0006"
ZONE = "Asia/Shanghai"
CODES = ("030101", "020101", "010201", "080302", "boston.pothole")
"""In work hours, in wall hours, danger by its category, without a limit, and unknown."""


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database as the program before had it."""
    url = url_of("", tmp_path)
    if request.param == "postgres":
        admin = create_engine(url_of(request.getfixturevalue("postgres_url"), Path()), isolation_level="AUTOCOMMIT")
        database = f"t{uuid4().hex[:12]}"
        with admin.connect() as c:
            c.exec_driver_sql(f'CREATE DATABASE "{database}"')
        url = admin.url.set(database=database).render_as_string(hide_password=False)
        admin.dispose()
    upgrade(url, BEFORE)
    engine = connect(url)
    yield engine
    engine.dispose()


def newest(db: Database) -> None:
    migrate(db.url.render_as_string(hide_password=False))


def engine_of_before(db: Database, server: FakeServer) -> Engine:
    """With the rules that were the program's own."""
    places = Places("", Intake(SLA, Maps([]), CATEGORIES), Rules(CITY, Routing([], CITY), SLA))
    return Engine(SqlLedger(db), server.engine(), FixedClock(T0 + HOUR), lambda: "", lambda stamp: places, "test:1", RETENTION)


def test_what_was_promised_stays(old: Database) -> None:
    server = FakeServer()
    t.alarm.create(old)  # today's engine stands for the one of before, which knew no alarms
    engine = engine_of_before(old, server)
    assert engine.start()
    for n, code in enumerate(CODES):
        server.add(name("reports"), entry("case.reported", f"A{n}", T0, {"category": code, "channel": "other", "place": {"grid": "g1"}}))
        server.add(name("reports"), entry("case.accepted", f"A{n}", T0 + 1000))
        server.add(name("reports"), entry("case.dispatched", f"A{n}", T0 + 2000, {"to": "u1"}))
    while engine.step(0):
        pass
    before, timers = stored_cases(old), _timers(old)
    assert [before[case(f"A{n}")].policy for n in range(len(CODES))] == ["default-1"] * 3 + ["", ""]

    t.alarm.drop(old)
    newest(old)
    reader = SqlReader(old, ZONE)
    assert reader.places.catalogue() == CATEGORIES
    assert (stored_cases(old), _timers(old)) == (before, timers)
    for i in before:
        state, events = reader.cases.history(i) or pytest.fail()
        for at in (T0 + 3 * HOUR, T0 + 30 * DAY):
            assert clocks(events, state, reader.rules.sla(), at) == clocks(events, state, SLA, at)

    clock = FixedClock(T0 + 2 * HOUR)
    again = make_engine(old, server.engine(), clock, rules=False)
    assert again.start()
    for n, code in enumerate(CODES):
        server.add(name("reports"), entry("case.reported", f"B{n}", T0, {"category": code, "channel": "other", "place": {"grid": "g1"}}))
        server.add(name("reports"), entry("case.extended", f"A{n}", T0 + 3000, {"hours": 2}))
    while again.step(0):
        pass
    after = stored_cases(old)
    for n, code in enumerate(CODES):
        a, b = before[case(f"A{n}")], after[case(f"B{n}")]
        assert (b.due, b.amber, b.policy, b.severity, b.mode) == (a.due, a.amber, a.policy, a.severity, a.mode), code
        assert (after[case(f"A{n}")].due is None) == (a.due is None)
        assert a.due is None or (after[case(f"A{n}")].due or 0) >= a.due + 2 * HOUR
    assert_whole(old)


def _timers(db: Database) -> dict[str, int | None]:
    with db.connect() as c:
        return {row.case_id: row.timer for row in c.execute(select(t.cases.c.case_id, t.cases.c.timer))}


def test_the_kept_policy_is_the_one_that_was_built_in_and_ends_where_the_first_imported_one_began(old: Database) -> None:
    v2 = f"version,valid_from,category,severity,stage,value,mode\nv2,{iso(T0, ZONE)},02,,total,3,24x7\n"
    v3 = v2.replace("v2", "v3").replace(iso(T0, ZONE), iso(T0 + DAY, ZONE))
    with old.execution_options(write=True).begin() as c:
        c.execute(insert(t.unit), [{"code": "c", "name": "City", "name_en": "", "initials": "", "level": "city", "valid_from": 0}])
        c.execute(insert(t.policy), [{"version": "v3", "valid_from": T0 + DAY, "valid_to": None, "body": v3}])
        c.execute(insert(t.policy), [{"version": "v2", "valid_from": T0, "valid_to": T0 + DAY, "body": v2}])
    newest(old)
    versions = SqlReader(old).rules.sla().policies.versions
    assert [(p.version, p.valid_from, p.valid_to) for p in versions] == [("default-1", 0, T0), ("v2", T0, T0 + DAY), ("v3", T0 + DAY, None)]
    assert versions[0].rows == default_policy().rows


def test_a_fresh_database_gets_neither(old: Database) -> None:
    newest(old)
    reader = SqlReader(old)
    assert (len(reader.places.catalogue()), reader.rules.sla().policies.versions) == (0, ())


def test_a_policy_that_holds_since_always_may_be_the_first_one_only(database: Database) -> None:
    registry = SqlRegistry(database)
    body = f"version,valid_from,category,severity,stage,value,mode\nv1,{iso(0)},02,,total,3,24x7\n"
    registry.add_policy(parse_policy(body), body)
    assert [p.version for p in SqlReader(database).rules.sla().policies.versions] == ["v1"]
    again = body.replace("v1", "v0")
    with pytest.raises(ValueError, match="not after the newest"):
        registry.add_policy(parse_policy(again), again)
