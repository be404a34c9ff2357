"""PostgreSQL through asyncpg, which parses the operator's URL itself, so that all of its options work."""

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def postgresql_engine(dsn: str, timeout_s: float, *, statement_timeout_s: float | None = None) -> AsyncEngine:
    """Creates an engine for a server; the first use connects.

    A dead connection is replaced when it is taken from the pool, so a restart of the server needs no restart here.

    Args:
        dsn: The address of the server.
        timeout_s: Seconds for each connection, each statement and each wait for a free connection.
        statement_timeout_s: Seconds for each statement instead.
    """

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(dsn, timeout=timeout_s, command_timeout=statement_timeout_s or timeout_s)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # SQLAlchemy does not convert errors of its creator; the server's message never repeats the password.
            raise ConnectionError(str(error)) from error

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_timeout=timeout_s,
        pool_pre_ping=True,
        hide_parameters=True,
    )
