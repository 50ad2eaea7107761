"""Connections: SQLite (WAL, full sync) in the data folder, or PostgreSQL by its URL; and the schema's migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, PoolProxiedConnection, QueuePool, Table, create_engine, event

from dashboard.ports.away import Away
from data_access.away import database_may_be_away, pool_may_be_busy

NETWORK = {
    "connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000,
}  # fmt: skip
"""PostgreSQL's client (libpq): a server or a network that is gone is noticed within about ten seconds."""
SQLITE_LOCKED = (5, 6)
"""Its result codes BUSY and LOCKED."""
MIGRATIONS = Path(__file__).parent / "migrations"
POOL_TIMEOUT = 10
"""Seconds for which a question waits for a connection."""


class Pool(QueuePool):
    """Behind a server that hangs every connection is taken: who gets none meets Away, too."""

    def connect(self) -> PoolProxiedConnection:
        with pool_may_be_busy():
            return super().connect()


def url_of(database_url: str, folder: Path) -> str:
    """The given URL with the driver we ship, or SQLite in the data folder."""
    if not database_url:
        return f"sqlite:///{folder / 'gridcommand.sqlite'}"
    return database_url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)


def connect(url: str) -> Engine:
    """An engine whose SQLite transactions begin explicitly (`begin_write`), since pysqlite's own would begin too late.

    Execution options: `write` takes SQLite's write lock at once, `wait_ms` is how long it waits for it (30 s when not given).
    """
    if not url.startswith("sqlite"):
        engine = create_engine(
            url, poolclass=Pool, pool_pre_ping=True, pool_size=4, max_overflow=8, pool_timeout=POOL_TIMEOUT, connect_args=NETWORK
        )
        event.listen(engine, "connect", _keep_alive)
        database_may_be_away(engine)
        return engine
    engine = create_engine(url, poolclass=Pool, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "mmap_size=268435456"):
            connection.execute(f"PRAGMA {pragma}")

    database_may_be_away(engine)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA busy_timeout={options.get('wait_ms', 30_000):d}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")

    return engine


def _keep_alive(connection: Any, record: Any) -> None:
    """The server, too, soon notices a client whose machine is gone, and frees its locks. Of no effect on a unix socket."""
    with connection.cursor() as c:
        c.execute(
            "SELECT set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false), "
            "set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '10000', false)"
        )
    connection.commit()


def lock_is_held(away: Away) -> bool:
    """Whether the database is there and only a lock could not be had in time."""
    cause = away.__cause__
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_LOCKED or getattr(cause, "sqlstate", None) == "55P03"


class NewerSchema(RuntimeError):
    """The database was written by a version of the program that this one does not know."""


def migrate(url: str) -> None:
    """Brings the schema to the newest version; of several that start at once one does it. Raises NewerSchema, Away."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    scripts = ScriptDirectory.from_config(config)
    found = _schema(url)
    if found is not None and found not in {r.revision for r in scripts.walk_revisions()}:
        raise NewerSchema(f"its schema {found} is newer than this program; start the version that wrote it, or restore a backup")
    if found != scripts.get_current_head():
        command.upgrade(config, "head")


def _schema(url: str) -> str | None:
    """The version that the database has; None for an empty one."""
    engine = connect(url)
    try:
        with engine.connect() as c:
            return MigrationContext.configure(c).get_current_revision()
    finally:
        engine.dispose()


def write_many(c: Connection, table: Table, rows: list[tuple[Any, ...]], conflict: str = "", update: bool = False) -> None:
    """Writes whole rows in the order of the table's columns; see `insert_sql` for `conflict` and `update`."""
    if rows:
        c.exec_driver_sql(insert_sql(table, c.dialect.name, conflict, update), rows)


def insert_sql(table: Table, dialect: str, conflict: str = "", update: bool = False) -> str:
    """INSERT for executemany with the driver's placeholders; `conflict` names the key, `update` overwrites the rest."""
    names = [column.name for column in table.columns]
    mark = "?" if dialect == "sqlite" else "%s"
    quoted = ", ".join(f'"{name}"' for name in names)
    sql = f'INSERT INTO "{table.name}" ({quoted}) VALUES ({", ".join([mark] * len(names))})'  # noqa: S608 - names come from the tables above
    if update:
        moving = [column.name for column in table.columns if not column.info.get("fixed")]
        sets = ", ".join(f'"{n}"=excluded."{n}"' for n in moving if n not in conflict.split(","))
        return f"{sql} ON CONFLICT ({conflict}) DO UPDATE SET {sets}"
    return f"{sql} ON CONFLICT DO NOTHING" if conflict else sql
