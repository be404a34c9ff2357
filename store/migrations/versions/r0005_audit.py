"""The audit: who did what to what, and how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TEXTS = ("actor", "request_id", "cluster", "identity", "verb", "resource", "namespace", "name", "code")
_SOUGHT = ("actor", "request_id", "cluster")


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "audit_event",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("audit_ids", sa.JSON, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in _TEXTS),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    for name in _SOUGHT:
        op.create_index(f"ix_audit_event_{name}", "audit_event", [name])


def downgrade() -> None:
    """Refused: going back would lose what the table holds; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
