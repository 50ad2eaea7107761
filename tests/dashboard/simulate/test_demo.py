"""What `--demo` puts into a fresh folder: catalogue and limits once, and nothing over what an operator has imported."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from dashboard.cases.category import Category
from dashboard.clock import DAY, HOUR
from dashboard.clocks.policy import Policy, PolicyRow
from dashboard.places.unit import Unit
from dashboard.simulate import demo
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.city import City
from dashboard.simulate.player import Progress
from dashboard.simulate.policy import body, default_policy
from data_access.account import SqlAccounts
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry

OWN = Policy("own-1", 1_000, None, [PolicyRow("02", "", "total", 3.0, "24x7")])


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city of one unit: what is drawn is tested elsewhere."""
    monkeypatch.setattr(demo, "city", lambda seed: City([Unit("99", "City", "city")], [], [], [], []))


def test_catalogue_and_limits_are_there_once(database: Engine, tmp_path: Path) -> None:
    reader, registry, accounts = SqlReader(database), SqlRegistry(database), SqlAccounts(database)
    demo.seed(reader, registry, accounts, tmp_path)
    assert reader.places.catalogue() == CATEGORIES
    (policy,) = reader.rules.sla().policies.versions
    assert (policy.version, policy.valid_from, policy.valid_to, policy.rows) == ("default-1", 0, None, default_policy().rows)
    stamp = reader.places.stamp()
    registry.replace_categories([Category("x", "x", "x")])
    demo.seed(reader, registry, accounts, tmp_path)
    assert list(reader.places.catalogue()) == ["x"] and reader.places.stamp() != stamp


def test_what_an_operator_has_imported_stays(database: Engine, tmp_path: Path) -> None:
    reader, registry = SqlReader(database), SqlRegistry(database)
    registry.replace_categories([Category("x", "x", "x")])
    registry.add_policy(OWN, body(OWN))
    demo.seed(reader, registry, SqlAccounts(database), tmp_path)
    assert list(reader.places.catalogue()) == ["x"]
    assert [p.version for p in reader.rules.sla().policies.versions] == ["own-1"]
    assert msgspec.structs.asdict(reader.places.units()[0])["code"] == "99"


NOW = 1_795_140_000_000


@pytest.mark.parametrize(
    ("kept", "says", "start"),
    [
        (None, None, 0),
        ({"start": NOW - DAY, "sent": 0, "left": 0, "seed": 7}, None, NOW - DAY),  # a first start that was broken off goes on
        ({"start": NOW - 3 * DAY, "sent": NOW - 12 * HOUR, "left": 0, "seed": 7}, None, NOW - 3 * DAY),
        ({"start": NOW - 3 * DAY, "sent": NOW + HOUR, "left": 0, "seed": 7}, None, NOW - 3 * DAY),  # it ran faster than the clock
        ({"start": NOW - 3 * DAY, "sent": NOW - 13 * HOUR, "left": 0, "seed": 7}, "13 hours", NOW - 13 * HOUR),
        ({"start": NOW - 9 * DAY, "sent": NOW - 7 * DAY, "left": 0, "seed": 9}, "7 days", NOW - DAY),
        ({"start": NOW - 3 * DAY, "sent": NOW - HOUR}, "an older version", NOW - HOUR),
    ],
)
def test_a_folder_that_was_left_begins_a_fresh_day(kept: dict[str, int] | None, says: str | None, start: int, tmp_path: Path) -> None:
    if kept is not None:
        (tmp_path / demo.PROGRESS).write_text(json.dumps(kept))
    told = demo.begin_again(tmp_path, NOW)
    progress = Progress(tmp_path / demo.PROGRESS)
    assert progress.start == start
    if says is None:
        assert told is None
        return
    assert told is not None and says in told and "fresh day" in told and "\n" not in told
    assert kept is not None and progress.seed == kept.get("seed", 0) + 1 and (progress.left, progress.sent) == (kept["sent"], 0)
    assert demo.begin_again(tmp_path, NOW) is None, "once"
