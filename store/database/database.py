"""One database: its engine, its transactions, its schema."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from time import perf_counter
from types import TracebackType
from typing import Final, Self, TypeAlias, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from store.database.migrationwait import MigrationWait
from store.database.outage import outages_reported
from store.database.schema import is_current
from store.database.sqlite import THREADS, WRITING, SqliteReader, is_locked, prepare_file, reading_engine, sqlite_engine
from store.database.url import DatabaseUrl
from store.errors import StoreUnavailable

T = TypeVar("T")

DEFAULT_TIMEOUT_S: Final = 5.0
MIGRATION_WAIT_S: Final = 600.0
"""The longest wait for another process that migrates: minutes for millions of rows, but an end if it hangs."""

_ATTEMPT_PAUSE_S: Final = 0.2


OnTransaction: TypeAlias = Callable[[str, float, bool], None]
"""A callback with `read` or `write`, seconds, and whether the database answered; it must not raise."""


class Database:
    """A SQLite file or a PostgreSQL server with the same transactions.

    No call blocks the event loop, or waits longer than the timeout for a lock, a connection or a statement; only
    `migrate` waits longer, for another process that migrates.

    Attributes:
        on_transaction: Called with the duration of each transaction; set by the composition of the process.
    """

    def __init__(
        self, url: DatabaseUrl, engine: AsyncEngine, reader: SqliteReader | None = None, *, timeout_s: float
    ) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._writers = asyncio.Lock()
        self.on_transaction: OnTransaction | None = None
        self._engine = engine
        self._reader = reader
        self._writer = engine.execution_options(**{WRITING: True})
        self._reading = async_sessionmaker(self._engine, class_=AsyncSession, expire_on_commit=False)
        self._writing = async_sessionmaker(self._writer, class_=AsyncSession, expire_on_commit=False)

    @classmethod
    async def open(cls, url: str | DatabaseUrl, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Self:
        """Opens the database: creates the SQLite file if it does not exist; connects to a server at the first use.

        Args:
            url: Its address, parsed or as text.
            timeout_s: The timeout in seconds, for each lock, connection and statement.

        Raises:
            DatabaseUrlError: The address is invalid.
            StoreUnavailable: The file cannot be created.
        """
        address = url if isinstance(url, DatabaseUrl) else DatabaseUrl.parse(url)
        if address.file is None:
            from store.database.postgresql import postgresql_engine  # noqa: PLC0415 - asyncpg is slow to load

            return cls(address, postgresql_engine(address.dsn or "", timeout_s), timeout_s=timeout_s)
        with outages_reported(address):
            await asyncio.to_thread(prepare_file, address.file)
        reader = SqliteReader(reading_engine(address.file, timeout_s, connections=THREADS))
        return cls(address, sqlite_engine(address.file, timeout_s), reader, timeout_s=timeout_s)

    async def migrate(self, *, wait_s: float = MIGRATION_WAIT_S) -> None:
        """Brings the schema up to date; safe when several processes start at once, and without a lock if it is current.

        Args:
            wait_s: The longest wait, in seconds, for another process that migrates; it is logged, and again every 30 s.
                On PostgreSQL also the timeout of a statement of a migration.

        Raises:
            MigrationError: A step failed; nothing of it remains.
            DatabaseTooNew: A newer fleetgraph has migrated this database.
            StoreUnavailable: The database does not answer, or another process holds its lock for longer than `wait_s`.
        """
        with outages_reported(self.url):
            if not await _unless_locked(self._engine.connect(), is_current):
                async with self._migrating_engine(max(wait_s, self._timeout_s)) as engine:
                    await self._migrate_in_turn(engine, wait_s)

    async def _migrate_in_turn(self, engine: AsyncEngine, wait_s: float) -> None:
        from store.database.migration import upgrade  # noqa: PLC0415 - alembic is slow to load

        waiting = MigrationWait(self.url, wait_s)
        while not await _unless_locked(engine.begin(), upgrade):
            waiting.check()
            await asyncio.sleep(_ATTEMPT_PAUSE_S)

    @asynccontextmanager
    async def _migrating_engine(self, statement_timeout_s: float) -> AsyncIterator[AsyncEngine]:
        """Opens an engine whose statements may take long: on a busy machine, or for many rows, a migration's do."""
        if self.url.file is not None:
            yield self._writer
            return
        from store.database.postgresql import postgresql_engine  # noqa: PLC0415 - asyncpg is slow to load

        engine = postgresql_engine(self.url.dsn or "", self._timeout_s, statement_timeout_s=statement_timeout_s)
        try:
            yield engine
        finally:
            await engine.dispose()

    async def ping(self) -> None:
        """Runs an empty query; raises `StoreUnavailable` if the database does not answer."""
        async with self.read() as session:
            await (await session.connection()).execute(text("SELECT 1"))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Opens a transaction that only reads; on SQLite it never waits for a writer."""
        with timed("read", self.on_transaction), outages_reported(self.url):
            async with self._reading() as session:
                yield session

    async def select(self, statement: SelectOfScalar[T]) -> list[T]:
        """Returns the rows of one statement, in a transaction that only reads; the fastest way to read."""
        if self._reader is None:
            async with self.read() as session:
                return list(await session.exec(statement))
        with timed("read", self.on_transaction), outages_reported(self.url):
            return await self._reader.select(statement)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Opens a transaction that writes: committed at the end, rolled back on an error.

        SQLite's lock is taken here and not at the commit, which SQLAlchemy shields from cancellation: a task that is
        cancelled while it waits for the lock has written nothing.
        """
        with timed("write", self.on_transaction), outages_reported(self.url):
            async with self._turn_to_write(), self._writing.begin() as session:
                await session.connection()
                yield session

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[None]:
        """Lets SQLite's writers of this process take turns: SQLite itself has them sleep for up to 100 ms and retry."""
        if self.url.file is None:
            yield
            return
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._writers.acquire()
        except TimeoutError as error:
            raise StoreUnavailable(f"The database {self.url} is overloaded: earlier writes took too long.") from error
        try:
            yield
        finally:
            self._writers.release()

    async def close(self) -> None:
        """Closes every connection; may be called again."""
        if self._reader is not None:
            await self._reader.close()
        await self._engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


async def _unless_locked(
    opening: AbstractAsyncContextManager[AsyncConnection], step: Callable[[Connection], bool]
) -> bool:
    """Runs a step of a migration; returns False if another process holds SQLite's lock for the ordinary timeout.

    A new file is locked even for readers, until its first process has set its journal.
    """
    try:
        async with opening as connection:
            return await connection.run_sync(step)
    except OperationalError as error:
        if is_locked(error):
            return False
        raise


@contextmanager
def timed(mode: str, on_transaction: OnTransaction | None) -> Iterator[None]:
    """Reports the duration of the transaction in its context, including the wait for a lock or connection."""
    started_s, is_answered = perf_counter(), True
    try:
        yield
    except StoreUnavailable:
        is_answered = False
        raise
    finally:
        if on_transaction is not None:
            on_transaction(mode, perf_counter() - started_s, is_answered)
