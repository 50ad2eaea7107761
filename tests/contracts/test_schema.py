"""The migrations make exactly the tables that the code writes to, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from data_access.database import connect
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
