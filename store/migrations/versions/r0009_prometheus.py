"""The address of a cluster's Prometheus, which recorded the history of its usage."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Adds an empty column."""
    op.add_column("cluster", sa.Column("prometheus", sa.Text, nullable=True))


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
