"""The current schema of a database, without Alembic: its import is slow, and only a migration needs it."""

from typing import Final

from sqlalchemy import Connection, column, inspect, select, table

from store.errors import DatabaseTooNew

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""All migrations, oldest first; a test holds it to `store.migrations.versions`."""

_APPLIED: Final = table("alembic_version", column("version_num"))


def is_current(connection: Connection) -> bool:
    """Returns whether every migration of this code has been applied.

    Raises:
        DatabaseTooNew: An unknown migration has been applied.
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
