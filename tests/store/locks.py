"""Locks of databases in tests, and measurements during them."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Final

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types

from store.database.migration import LOCK_KEY
from store.database.url import DatabaseUrl

TIMEOUT_S: Final = 0.3


@contextmanager
def writer_holding(file: Path) -> Iterator[None]:
    """Yields during a write transaction of another process that does not end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def migration_holding(url: str) -> AsyncIterator[None]:
    """Another process that migrates, and does not end."""
    address = DatabaseUrl.parse(url)
    if address.file is not None:
        with writer_holding(address.file):
            yield
        return
    connection = await asyncpg.connect(address.dsn)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK_KEY)
        yield
    await connection.close()


class LoopWatch:
    """A counter of the timers of the event loop, one after the other."""

    def __init__(self) -> None:
        self.ticks = 0
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_later(0.005, self._tick)

    def _tick(self) -> None:
        self.ticks += 1
        self._next = self._loop.call_later(0.005, self._tick)

    def stop(self) -> None:
        self._next.cancel()
