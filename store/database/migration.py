"""Migration of a database's schema to that of the code.

These functions are synchronous, like Alembic; the database runs them in SQLAlchemy's own greenlet.
"""

import sqlite3
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from store.database.outage import cause_of
from store.database.schema import is_current
from store.errors import MigrationError

MIGRATIONS: Final = Path(__file__).parents[1] / "migrations"

LOCK_KEY: Final = 0x666C_6565_7467_7261  # "fleetgra": the advisory lock that replicas share while one of them migrates


def upgrade(connection: Connection) -> bool:
    """Applies the missing migrations, within the connection's transaction.

    On SQLite that transaction holds the write lock from its beginning; on PostgreSQL an advisory lock does its work.

    Returns:
        True if the schema is current, False if another process holds the advisory lock: then nothing was done.

    Raises:
        MigrationError: A step failed.
        DatabaseTooNew: Another process has just migrated it further.
    """
    if not _has_lock(connection):
        return False
    if not is_current(connection):
        _apply(connection)
    return True


def _has_lock(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": LOCK_KEY}))


def _apply(connection: Connection) -> None:
    try:
        command.upgrade(_configuration(connection), "head")
    except CommandError as error:
        raise MigrationError(f"The schema could not be brought up to date: {error}.") from error
    except (ProgrammingError, OperationalError) as error:
        if _is_outage(error):
            raise
        raise MigrationError(f"The schema could not be brought up to date: {cause_of(error)}.") from error


def _configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _is_outage(error: ProgrammingError | OperationalError) -> bool:
    """Returns whether an error is an outage: SQLite has one class for a locked file and for faults of statements."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    return isinstance(error, OperationalError) and code != sqlite3.SQLITE_ERROR
