"""Key rotation: which key sealed each part of a snapshot; and what each credential is bound to."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds two columns; credentials that are there were bound to their rows alone, and are sealed anew at the start."""
    op.add_column("cluster", sa.Column("credential_binding", sa.Integer, nullable=False, server_default="1"))
    op.add_column("snapshot_part", sa.Column("key_version", sa.Integer, nullable=False, server_default="0"))
    op.execute(
        "UPDATE snapshot_part SET key_version = "
        "(SELECT credential_key_version FROM cluster WHERE cluster.id = snapshot_part.cluster_id)"
    )
    op.create_index("ix_snapshot_part_key_version", "snapshot_part", ["key_version"])


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
