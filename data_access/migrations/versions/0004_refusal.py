"""A refusal is said in the reader's language: its key and values are kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("command", sa.Column("why", sa.String(length=32), nullable=True))
    op.add_column("command", sa.Column("why_values", sa.Text(), nullable=True))
