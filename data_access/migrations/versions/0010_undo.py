"""What an account may undo is asked of the table: a command knows what undid it, an alarm what ended it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("command", sa.Column("undone", sa.String(length=64), nullable=True))
    op.create_index("command_actor", "command", ["actor_id", "at"])
    op.add_column("alarm", sa.Column("ended_by", sa.String(length=64), nullable=True))
