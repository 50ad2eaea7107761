"""Alembic's entry: the URL comes from data_access.database.migrate."""

from alembic import context
from sqlalchemy import create_engine

from data_access.table import metadata

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite")
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
