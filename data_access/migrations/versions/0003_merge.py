"""Merged cases leave the queue: which case leads is a column."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("merged_into", sa.String(length=130), nullable=True))
    op.create_index("cases_merged", "cases", ["merged_into"])
