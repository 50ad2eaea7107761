"""An event is known by its source and id together: two sources may use the same id (CONTRACT.md). Orphans know their partition."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.drop_constraint("event_id", type_="unique")
        event.create_unique_constraint("event_key", ["id", "source"])
    _dead_letters()
    _orphans()


def _dead_letters() -> None:
    """Letters of before tell no source; their entries are acknowledged and do not come again."""
    op.drop_index("dead_letter_event", "dead_letter")
    op.rename_table("dead_letter", "dead_letter_before")
    if op.get_bind().dialect.name == "postgresql":  # an index keeps its name when its table gets another
        op.execute("ALTER INDEX dead_letter_pkey RENAME TO dead_letter_before_pkey")
    op.create_table(
        "dead_letter",
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("event_id", sa.String(length=64), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("redriven", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("stream", "entry"),
    )
    op.execute(
        "INSERT INTO dead_letter (stream, entry, event_id, code, reason, body, at, redriven) "
        "SELECT stream, entry, event_id, code, reason, body, at, redriven FROM dead_letter_before"
    )
    op.drop_table("dead_letter_before")
    op.create_index("dead_letter_event", "dead_letter", ["event_id"], unique=False)


def _orphans() -> None:
    """The source of a waiting event is the source of the case that it waits for, which the case's id names."""
    op.drop_index("orphan_case", "orphan")
    op.rename_table("orphan", "orphan_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX orphan_pkey RENAME TO orphan_before_pkey")
    op.create_table(
        "orphan",
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=130), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.String(length=64), nullable=False),
        sa.Column("entry", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "source"),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.text("SELECT * FROM orphan_before")).mappings().all():
        source = "/" + row["case_id"].rpartition("~")[0].replace("~", "/")
        values = dict(row) | {"source": source, "partition": 0}
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(sa.text(f"INSERT INTO orphan ({names}) VALUES ({marks})"), values)  # noqa: S608 - the names above
    op.drop_table("orphan_before")
    op.create_index("orphan_case", "orphan", ["case_id"], unique=False)
