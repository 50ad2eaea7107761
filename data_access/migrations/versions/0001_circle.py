"""The circle: events, cases, commands, letters, places, policies, accounts."""

from alembic import op

from data_access.table import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "partition", "event", "cases", "command", "dead_letter", "orphan", "source", "unit", "grid", "route", "video_point", "account",
    "token", "policy", "calendar", "stamp",
)  # fmt: skip


def upgrade() -> None:
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in TABLES])
