"""Alembic's entry: the URL comes from data_access.database.migrate. All or nothing, and one process at a time."""

from alembic import context

from data_access.database import connect
from data_access.table import metadata

MIGRATING = 4_713_201
"""Number of PostgreSQL's advisory lock under which one process migrates while others wait; on SQLite it is the write lock."""

engine = connect(context.config.attributes["url"]).execution_options(write=True, wait_ms=60_000)
with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=sqlite, transactional_ddl=True)
    with context.begin_transaction():
        if not sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
        context.run_migrations()
engine.dispose()
