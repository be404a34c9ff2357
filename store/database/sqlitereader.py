"""Statements that only read a SQLite file, each a separate transaction in a thread of a pool.

An asynchronous session switches between the event loop and a thread at every step of a transaction. While the loop is
busy, each switch waits for its turn: a request that begins with three transactions waits sixty times.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

T = TypeVar("T")

THREADS: Final = 4
"""Most data of SQLite is in memory: more threads would wait for the interpreter, not for the disk."""


class SqliteReader:
    """A reader with its own engine and threads."""

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
