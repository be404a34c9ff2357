"""SQLite as a server would have it: readers never wait for the writer, and writers wait their turn.

Write-ahead logging lets reads go on while a write is running (https://www.sqlite.org/wal.html). Writers take the lock
before their first statement (BEGIN IMMEDIATE) and wait for it up to the timeout; a lock that is taken halfway through a
transaction could fail at once instead. All of it happens on threads, so the event loop never waits.
"""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

WRITING: Final = "fleetgraph_writing"  # the execution option that makes a transaction a writing one
_PRAGMAS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL")


def prepare_file(path: Path) -> None:
    """Creates the file with mode 0600 in a directory with mode 0700, unless they are there; both may raise OSError.

    SQLite gives the mode of the file to the files of its write-ahead log, too.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sqlite_engine(path: Path, timeout_s: float) -> AsyncEngine:
    """Makes an engine for a file; nothing is opened before the first use."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"timeout": timeout_s},
        pool_timeout=timeout_s,
        hide_parameters=True,
    )
    _prepare(engine.sync_engine)
    return engine


def reading_engine(path: Path, timeout_s: float, *, connections: int) -> Engine:
    """Makes an engine for threads that read a file, a connection each."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": timeout_s},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=timeout_s,
        hide_parameters=True,
    )
    _prepare(engine)
    return engine


def _prepare(engine: Engine) -> None:
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3 begins no transactions of its own: `_begin` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
