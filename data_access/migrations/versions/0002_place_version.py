"""Units and grids in versions: the same code may stand several times, each with its own time (DOMAIN.md 1)."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("unit", "grid"):
        op.execute(sa.text(f"UPDATE {name} SET valid_from = 0 WHERE valid_from IS NULL"))  # noqa: S608 - the two names above
    op.drop_index("unit_parent", "unit")
    op.rename_table("unit", "unit_before")
    op.rename_table("grid", "grid_before")
    if op.get_bind().dialect.name == "postgresql":  # an index keeps its name when its table gets another
        op.execute("ALTER INDEX unit_pkey RENAME TO unit_before_pkey")
        op.execute("ALTER INDEX grid_pkey RENAME TO grid_before_pkey")
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("initials", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("parent", sa.String(length=64), nullable=True),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    op.create_index("unit_parent", "unit", ["parent"], unique=False)
    op.create_table(
        "grid",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("community", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("residents_reported", sa.Integer(), nullable=False),
        sa.Column("residents_verified", sa.Integer(), nullable=False),
        sa.Column("full_time", sa.Integer(), nullable=False),
        sa.Column("part_time", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("rings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    for name in ("unit", "grid"):
        op.execute(sa.text(f"INSERT INTO {name} SELECT * FROM {name}_before"))  # noqa: S608 - the same columns in the same order
        op.drop_table(f"{name}_before")
    op.create_table(
        "place_import",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("place_import_made", "place_import", ["made"], unique=False)
