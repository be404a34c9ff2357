"""Grants, how each cluster tells callers apart, and which installation the database belongs to."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds two tables, and a column that has the safer of its two values for all clusters that are there."""
    op.create_table(
        "grant",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("subject_kind", sa.String(5), nullable=False),
        sa.Column("subject_name", sa.String(512), nullable=False),
        sa.Column("cluster_names", sa.JSON, nullable=True),
        sa.Column("cluster_labels", sa.JSON, nullable=True),
        sa.Column("role_kind", sa.String(11), nullable=False),
        sa.Column("role_name", sa.String(253), nullable=False),
        sa.Column("namespaces", sa.JSON, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grant"),
    )
    op.create_index("ix_grant_subject_name", "grant", ["subject_name", "subject_kind"])
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_installation"),
    )
    op.add_column("cluster", sa.Column("identity", sa.String(15), nullable=False, server_default="service-account"))


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
