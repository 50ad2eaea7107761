"""A change of policy: new cases get it, open ones keep theirs until an audited event says otherwise (DOMAIN.md 3)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dashboard.clock import HOUR, FixedClock, iso
from dashboard.clocks.preview import changes
from dashboard.clocks.table import parse_policy
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from data_access.stream import name
from tests.circle import assert_whole, make_engine, stored_cases
from tests.fakes.streams import FakeServer
from tests.made import T0, command, entry

CATEGORY = "020101"
ZONE = "Asia/Shanghai"
OPERATOR = {"id": "operator", "name": "operator", "role": "operator", "unit": "000000000000"}


def table(hours: float, start: int = T0 + 2 * HOUR, version: str = "v2") -> str:
    return f"version,valid_from,category,severity,stage,value,mode\n{version},{iso(start, ZONE)},{CATEGORY}$,,total,{hours},24x7\n"


def report(subject: str, at: int) -> bytes:
    return entry("case.reported", subject, at, {"category": CATEGORY, "channel": "other", "severity": "normal", "place": {}})


def test_new_cases_get_it_and_open_ones_only_by_an_event(tmp_path: Path) -> None:
    migrate(url_of("", tmp_path))
    db, server, clock = connect(url_of("", tmp_path)), FakeServer(), FixedClock(T0 + HOUR)
    engine = make_engine(db, server.engine(), clock)
    assert engine.start()
    server.add(name("reports"), report("OLD", T0))
    engine.step(0)
    before = stored_cases(db)["12345~OLD"]
    registry, policy = SqlRegistry(db), parse_policy(table(3))
    moved, lights = changes(registry.open_states(), SqlReader(db, ZONE).rules.sla(), policy, T0 + HOUR * 2 + 1)
    assert [c.case for c in moved] == ["12345~OLD"] and lights == Counter()
    registry.add_policy(policy, table(3))
    server.add(name("reports"), report("NEW", T0 + 2 * HOUR))
    clock.at = T0 + 2 * HOUR + 2000
    server.add(name("commands"), command("recalculate", "12345~OLD", 1, OPERATOR, {"policy": "v2", "reason": "new limits"}))
    engine.step(0)
    old, new = stored_cases(db)["12345~OLD"], stored_cases(db)["12345~NEW"]
    assert before.policy == "default-1" and before.due != old.due
    assert (old.policy, old.due, old.last_type) == ("v2", T0 + 3 * HOUR, "case.recalculated")
    assert (new.policy, new.due) == ("v2", T0 + 5 * HOUR)
    assert_whole(db)


def test_a_version_is_never_changed_and_never_goes_back(tmp_path: Path) -> None:
    migrate(url_of("", tmp_path))
    registry = SqlRegistry(connect(url_of("", tmp_path)))
    registry.add_policy(parse_policy(table(3)), table(3))
    with pytest.raises(ValueError, match="exists"):
        registry.add_policy(parse_policy(table(4)), table(4))
    earlier = table(4, T0, "v1")
    with pytest.raises(ValueError, match="not after"):
        registry.add_policy(parse_policy(earlier), earlier)


def test_only_the_operator_recalculates(tmp_path: Path) -> None:
    migrate(url_of("", tmp_path))
    db, server = connect(url_of("", tmp_path)), FakeServer()
    engine = make_engine(db, server.engine(), FixedClock(T0 + HOUR))
    assert engine.start()
    server.add(name("reports"), report("A", T0))
    chief = OPERATOR | {"role": "duty_chief"}
    server.add(name("commands"), command("recalculate", "12345~A", 1, chief, {"policy": "default-1", "reason": "r"}))
    engine.step(0)
    engine.step(0)
    assert stored_cases(db)["12345~A"].version == 1
