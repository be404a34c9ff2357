"""Users of API tokens: the name and the groups of their bearers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds two columns; the user of an existing token has the token's name, without colons."""
    op.add_column("api_token", sa.Column("user_name", sa.String(256), nullable=False, server_default=""))
    op.add_column("api_token", sa.Column("groups", sa.JSON, nullable=False, server_default="[]"))
    op.execute("UPDATE api_token SET user_name = replace(name, ':', '-')")
    op.execute("UPDATE api_token SET user_name = 'operator-token' WHERE user_name = 'operator'")
    with op.batch_alter_table("api_token") as table:
        table.alter_column("user_name", server_default=None)
        table.alter_column("groups", server_default=None)


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
