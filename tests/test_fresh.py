"""A city that has imported no policy and no catalogue: it works, and promises nothing (DOMAIN.md 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import Engine as Database
from sqlalchemy import select

from dashboard.cases.category import Category
from dashboard.cases.light import light_at
from dashboard.cases.stage import Light, Severity
from dashboard.clock import DAY, HOUR, SECOND, FixedClock, wall_ms
from dashboard.live.feed import PLACES_EVERY
from data_access import stream
from data_access import table as t
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from layouts import ids
from tests.callbacks.running import Running, running
from tests.circle import assert_whole, make_engine, stored_cases, stored_events
from tests.fakes.streams import FakeServer
from tests.journeys.system import until
from tests.made import T0, entry

REPORT = {"category": "010101", "channel": "other", "place": {"grid": "g1"}}


def test_a_case_has_no_due_time_no_light_and_no_timer(database: Database) -> None:
    server, clock = FakeServer(), FixedClock(T0 + HOUR)
    engine = make_engine(database, server.engine(), clock, rules=False)
    assert engine.start()
    server.add(stream.name("reports"), entry("case.reported", "A", T0, REPORT))
    engine.step(0)
    for _ in range(3):  # nothing is late after years
        clock.at += 400 * DAY
        engine.step(0)
    case = stored_cases(database)["12345~A"]
    assert (case.due, case.amber, case.policy, case.severity) == (None, None, "", Severity.normal)
    assert light_at(case.due, case.amber, case.closed, False, clock.at) == Light.none
    with database.connect() as c:
        assert c.execute(select(t.cases.c.timer)).scalars().all() == [None]
    assert [e.type for e in stored_events(database)] == ["case.reported"]
    detail = SqlReader(database).cases.case("12345~A", clock.at)
    assert detail is not None and {(c.light, c.due) for c in detail["clocks"]} == {("none", None)}
    assert_whole(database)


def test_an_import_of_categories_reaches_the_engine_that_runs(database: Database) -> None:
    server, clock = FakeServer(), FixedClock(T0 + HOUR)
    engine = make_engine(database, server.engine(), clock, rules=False)
    assert engine.start()

    def severity_of(subject: str) -> int:
        server.add(stream.name("reports"), entry("case.reported", subject, T0, REPORT))
        clock.at += 2 * SECOND
        engine.step(0)
        engine.step(0)
        return stored_cases(database)[f"12345~{subject}"].severity

    before = severity_of("A")
    SqlRegistry(database).replace_categories([Category("010101", "a", "a", "danger")])
    clock.at += 2 * SECOND
    engine.step(0)
    after = severity_of("B")
    assert (before, after) == (Severity.normal, Severity.danger)
    assert stored_cases(database)["12345~A"].severity == Severity.normal, "what was stored stays"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Running]:
    redis.Redis.from_url(valkey_url).flushall()
    with running(tmp_path_factory.mktemp("fresh"), valkey_url, rules=False) as made:
        engine = make_engine(made.db, stream.EngineStreams(stream.client(valkey_url)), FixedClock(wall_ms()), rules=False)
        assert engine.start()
        stream.Inbox(stream.client(valkey_url)).report([entry("case.reported", "A", wall_ms() - HOUR, REPORT)])
        while engine.step(1):
            pass
        yield made


def test_the_api_answers(city: Running) -> None:
    page = city.ask("GET", "/api/v1/cases")
    assert page.status == 200 and [(c["due"], c["light"]) for c in page.json["items"]] == [(None, "none")]
    assert city.ask("GET", "/api/v1/cases", query=b"light=none").json["total"] == 1
    assert city.ask("GET", "/api/v1/cases", query=b"light=red").json["total"] == 0
    case = city.ask("GET", "/api/v1/cases/12345~A")
    assert case.status == 200 and all(c["due"] is None for c in case.json["clocks"])


def shown(city: Running, page: str, who: str) -> tuple[str, dict[str, Any]]:
    """A page as Dash sends it, and the names that its scripts get."""
    outputs = [{"id": ids.PAGE, "property": "children"}, {"id": ids.SESSION, "property": "data"}, {"id": ids.NAMES, "property": "data"}]
    click = {
        "output": "..".join(("", "...".join(f"{o['id']}.{o['property']}" for o in outputs), "")), "outputs": outputs,
        "inputs": [{"id": ids.URL, "property": "pathname", "value": page}], "state": [{"id": ids.URL, "property": "search", "value": ""}],
        "changedPropIds": [],
    }  # fmt: skip
    got = city.ask("POST", "/_dash-update-component", who, body=click)
    assert got.status == 200, got.body
    answer = got.json["response"]
    return json.dumps(answer[ids.PAGE]["children"], ensure_ascii=False), answer[ids.NAMES]["data"]


@pytest.mark.parametrize(("page", "who"), [("/desk", "first"), ("/case/12345~A", "first"), ("/wall", "wall"), ("/admin", "chief")])
def test_every_page_is_drawn_without_a_name(city: Running, page: str, who: str) -> None:
    drawn, names = shown(city, page, who)
    assert len(drawn) > 1000 and names["categories"] == {}


def test_a_page_has_the_names_soon_after_an_import(city: Running) -> None:
    city.registry.replace_categories([Category("010101", "消防通道堵塞", "Fire lane blocked", "danger")])
    until(lambda: shown(city, "/case/12345~A", "first")[1]["categories"], PLACES_EVERY + 5)
    drawn, names = shown(city, "/case/12345~A", "first")
    assert names["categories"] == {"010101": ["消防通道堵塞", "Fire lane blocked"]} and "消防通道堵塞" in drawn
