"""SQLite with concurrent readers: they never wait for the writer, and writers wait for each other.

Write-ahead logging allows reads during a write (https://www.sqlite.org/wal.html). Writers take the lock before their
first statement (BEGIN IMMEDIATE) and wait for it up to the timeout; a lock in the middle of a transaction could fail at
once. All of it runs in threads, so the event loop never waits.
"""

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

T = TypeVar("T")

WRITING: Final = "fleetgraph_writing"  # the execution option of transactions that write
THREADS: Final = 4
"""Most data of SQLite is in memory: more threads would wait for the interpreter, not for the disk."""

_PRAGMAS: Final = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL")


def prepare_file(path: Path) -> None:
    """Creates the file with mode 0600 in a directory with mode 0700, unless they exist; raises OSError.

    The files of SQLite's write-ahead log get the same mode.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def sqlite_engine(path: Path, timeout_s: float) -> AsyncEngine:
    """Creates an engine for a file; the first use opens it."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        connect_args={"timeout": timeout_s},
        pool_timeout=timeout_s,
        hide_parameters=True,
    )
    _prepare(engine.sync_engine)
    return engine


def reading_engine(path: Path, timeout_s: float, *, connections: int) -> Engine:
    """Creates an engine for threads that read a file, with one connection each."""
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


def is_locked(error: OperationalError) -> bool:
    """Tells whether a statement failed because another connection holds the file's lock (SQLITE_BUSY)."""
    code: int = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF == sqlite3.SQLITE_BUSY  # the lower byte: https://www.sqlite.org/rescode.html#extrc


def _prepare(engine: Engine) -> None:
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)


def _configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3 does not begin transactions by itself: `_begin` does
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


class SqliteReader:
    """A reader with its own engine and threads: each statement is a separate transaction in a thread.

    An asynchronous session switches between the event loop and a thread at every step of a transaction. While the loop
    is busy, each switch waits for its turn: a request that begins with three transactions waits sixty times.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sqlite-reader")

    async def select(self, statement: SelectOfScalar[T]) -> list[T]:
        """Returns all rows of the statement."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._selected, statement)

    async def close(self) -> None:
        """Closes every connection after the running reads."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _selected(self, statement: SelectOfScalar[T]) -> list[T]:
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.exec(statement))
