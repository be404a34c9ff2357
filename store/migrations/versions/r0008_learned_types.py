"""The custom types that were learned of each cluster, so that a restart while clusters are down has the same schema."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Adds an empty table; servers fill it within seconds of their start."""
    op.create_table(
        "learned_types",
        sa.Column("cluster_id", sa.String(36), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", name="pk_learned_types"),
        sa.ForeignKeyConstraint(["cluster_id"], ["cluster.id"], name="fk_learned_types_cluster_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
