"""One running app for the folder's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.callbacks.running import Running, running


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("city"), valkey_url) as made:
        yield made
