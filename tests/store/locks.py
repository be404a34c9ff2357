"""Locks of databases in tests, and measurements during them."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

TIMEOUT_S: Final = 0.3


@contextmanager
def writer_holding(file: Path) -> Iterator[None]:
    """Yields during a write transaction of another process that does not end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


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
