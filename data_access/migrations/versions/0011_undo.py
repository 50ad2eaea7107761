"""What an account may undo is asked of the table: a command knows what undid it, an alarm what ended it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("command", sa.Column("undone", sa.String(length=64), nullable=True))
    op.create_index("command_actor", "command", ["actor_id", "at"])
    op.add_column("alarm", sa.Column("ended_by", sa.String(length=64), nullable=True))
    _undone_before()


def _undone_before() -> None:
    """Of open cases: they would stay in the queue of who has undone all they did to them."""
    connection = op.get_bind()
    undos = sa.text(
        "SELECT e.cause, e.data FROM cases c JOIN event e ON e.case_id = c.case_id "
        "WHERE c.stage < 7 AND e.type = 'case.corrected' AND e.source = '/desk'"
    )
    mark = sa.text("UPDATE command SET undone = :cause WHERE id = :undoes")
    for cause, data in connection.execute(undos).all():
        connection.execute(mark, {"cause": cause, "undoes": json.loads(data)["undoes"]})
