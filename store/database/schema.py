"""Which schema a database has, told without alembic: loading it would cost every start what only a migration needs."""

from typing import Final

from sqlalchemy import Connection, column, inspect, select, table

from store.errors import DatabaseTooNew

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006")
"""All migrations, oldest first; a test holds it to `store.migrations.versions`."""

_APPLIED: Final = table("alembic_version", column("version_num"))


def is_current(connection: Connection) -> bool:
    """Tells whether every migration of this code has been applied.

    Raises:
        DatabaseTooNew: One has been applied that this code does not know.
    """
    if not inspect(connection).has_table(_APPLIED.name):
        return False
    applied = set(connection.scalars(select(_APPLIED.c.version_num)))
    unknown = applied.difference(REVISIONS)
    if unknown:
        raise DatabaseTooNew(
            f"The database has schema {', '.join(sorted(unknown))}, which a newer fleetgraph wrote. "
            "Run that version or a later one, or restore an older copy of the database."
        )
    return applied == {REVISIONS[-1]}
