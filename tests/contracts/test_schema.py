"""The migrations make exactly the tables that the code writes to, on both databases, and keep what was there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from dashboard.places.grid import Grid
from dashboard.places.unit import Unit
from data_access.database import MIGRATIONS, connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.table import metadata


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_migrations_and_tables_agree(kind: str, sqlite_url: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgres":
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres")
        url = fresh()
    else:
        url = sqlite_url
    with connect(url).connect() as c:
        assert compare_metadata(MigrationContext.configure(c), metadata) == []


def upgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, revision)


def test_units_and_grids_of_the_first_schema_hold_since_always(tmp_path: Path) -> None:
    url = url_of("", tmp_path)
    upgrade(url, "0001")
    with connect(url).execution_options(write=True).begin() as c:
        c.exec_driver_sql("INSERT INTO unit VALUES ('c', 'City', '', '', 'city', NULL, NULL, NULL, 118.8, 32.0)")
        row = ("g", "G", "c", "general", 1, 2, 3, 4, 5, None, None, msgspec.msgpack.encode([[[0.0, 0.0]]]))
        c.exec_driver_sql("INSERT INTO grid VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    migrate(url)
    reader = SqlReader(connect(url))
    assert reader.places.units() == [Unit("c", "City", "city", lon=118.8, lat=32.0)]
    assert reader.places.grids(0) == [Grid("g", "G", "c", "general", [[[0.0, 0.0]]], 1, 2, 3, 4, 5)]


def test_what_was_undone_before_is_known_as_undone(tmp_path: Path) -> None:
    url = url_of("", tmp_path)
    upgrade(url, "0008")
    with connect(url).execution_options(write=True).begin() as c:
        c.exec_driver_sql(
            "INSERT INTO cases (case_id, partition, pos, version, stage, severity, category, channel, reported, paused, level, pending,"
            " returns, title, address, state) VALUES ('s~A', 0, 2, 2, 1, 0, 'x', 'other', 0, 0, 0, '', 0, '', '', x'00')"
        )
        for pos, data in enumerate(('{"undoes":"command-1","restored":{}}', '{"undoes":"a remark"}'), 2):
            source = "/desk" if pos == 2 else "/s"
            row = (0, pos, f"e-{pos}", "s~A", pos, "case.corrected", source, 0, 0, None, "command-9" if pos == 2 else None, data)
            c.exec_driver_sql("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        for name in ("command-1", "command-2"):
            row = (name, "s~A", "urge", "{}", "p", 0, "", "accepted", 1, None, None, None, None, None)
            c.exec_driver_sql("INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    migrate(url)
    with connect(url).connect() as c:
        found = {row.id: row.undone for row in c.exec_driver_sql("SELECT id, undone FROM command")}
    assert found == {"command-1": "command-9", "command-2": None}
