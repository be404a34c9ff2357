"""PostgreSQL through asyncpg, which reads the operator's URL itself, so that every option of it means what it says."""

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def postgresql_engine(dsn: str, timeout_s: float) -> AsyncEngine:
    """Makes an engine for a server; nothing is opened before the first use.

    Connecting, each statement and the wait for a free connection are bounded by the timeout. A connection that died is
    noticed when it is taken from the pool and replaced, so a server that restarts needs no restart here.
    """

    async def connect() -> asyncpg.Connection:
        try:
            return await asyncpg.connect(dsn, timeout=timeout_s, command_timeout=timeout_s)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # SQLAlchemy does not translate what its creator raises; the server's words never repeat the password.
            raise ConnectionError(str(error)) from error

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_timeout=timeout_s,
        pool_pre_ping=True,
        hide_parameters=True,
    )
