"""The generation of the registry: a number that every change of a cluster or a grant raises, in its transaction.

Triggers raise it, so that no writer can forget it: not an older release beside this one, nor an operator's own SQL. On
PostgreSQL they run at the end of a transaction: its lock of the number is its last, so that it cannot wait for another
transaction that waits for it, and numbers are visible in the order of the commits. A transaction raises it once there,
since each version of a row makes the next update slower. TRUNCATE has a trigger of its own, which cannot be deferred.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_RAISE = (
    "INSERT INTO registry_generation (number, value) VALUES (1, 1) "
    "ON CONFLICT (number) DO UPDATE SET value = registry_generation.value + 1;"
)


def upgrade() -> None:
    """Adds a table with one row, and the triggers. A migration that replaces a watched table must create its anew."""
    op.create_table(
        "registry_generation",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_registry_generation"),
    )
    op.execute("INSERT INTO registry_generation (number, value) VALUES (1, 1)")
    if op.get_bind().dialect.name == "postgresql":
        _watch_on_postgresql()
    else:
        _watch_on_sqlite()


def _watch_on_sqlite() -> None:
    for table in ("cluster", "grant"):
        for event in ("INSERT", "UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER registry_generation_{table}_{event.lower()} AFTER {event} ON "{table}" '
                f"BEGIN {_RAISE} END"
            )


def _watch_on_postgresql() -> None:
    """Adds a function that finds the table by its schema, because the search path of `pg_restore` is empty."""
    op.execute(
        "CREATE FUNCTION raise_registry_generation() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "EXECUTE format('INSERT INTO %I.registry_generation AS current (number, value) VALUES (1, 1) "
        "ON CONFLICT (number) DO UPDATE SET value = current.value + 1 "
        "WHERE current.xmin <> pg_current_xact_id()::xid', TG_TABLE_SCHEMA); "
        "RETURN NULL; END $$"
    )
    for table in ("cluster", "grant"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER registry_generation_{table} AFTER INSERT OR UPDATE OR DELETE "
            f'ON "{table}" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_registry_generation()'
        )
        op.execute(
            f'CREATE TRIGGER registry_generation_{table}_truncate AFTER TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_generation()"
        )


def downgrade() -> None:
    """Refused: going back would lose what the tables hold; restore a copy instead."""
    raise NotImplementedError("Restore a copy of the database instead of going back.")
