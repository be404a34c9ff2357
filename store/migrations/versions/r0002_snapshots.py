"""Snapshot clusters: what a cluster was made of, and the parts of its content."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Adds a column, which is null for all clusters that are there, and a table."""
    op.add_column("cluster", sa.Column("snapshot", sa.JSON, nullable=True))
    op.create_table(
        "snapshot_part",
        sa.Column("cluster_id", sa.String(36), nullable=False),
        sa.Column("import_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "import_id", "number", name="pk_snapshot_part"),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name="fk_snapshot_part_cluster_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
