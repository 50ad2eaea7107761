"""One running app for each module's tests, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.callbacks.running import Running, running


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Running]:
    url = request.getfixturevalue("fresh_postgres")() if request.param == "postgres" else ""
    with running(tmp_path_factory.mktemp("city"), valkey_url, database_url=url) as made:
        yield made
