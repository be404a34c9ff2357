"""Statements that only read a SQLite file, each a transaction of its own on a thread that does nothing else.

An asynchronous session crosses between the event loop and a thread at every step of a transaction; while the loop is
busy each of these crossings waits for its turn, and a request that begins with three transactions waits for sixty.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session
from sqlmodel.sql.expression import SelectOfScalar

T = TypeVar("T")

THREADS: Final = 4
"""SQLite's answers are in memory mostly: more threads would wait for the interpreter, and not for the disk."""


class SqliteReader:
    """Reads by an engine that is its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sqlite-reader")

    async def select(self, statement: SelectOfScalar[T]) -> list[T]:
        """What the statement selects, all of it."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._selected, statement)

    async def close(self) -> None:
        """Closes every connection, once nothing is read any more."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _selected(self, statement: SelectOfScalar[T]) -> list[T]:
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.exec(statement))
