"""Transactions, on every database."""

from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from store.database.database import Database
from store.errors import StoreUnavailable
from tests.store.locks import TIMEOUT_S

MOST_CONNECTIONS = 15  # of SQLAlchemy's pool: 5 kept and 10 more


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def delete_and_fail() -> None:
        async with database.write() as session:
            await (await session.connection()).execute(text("DELETE FROM alembic_version"))
            raise KeyError

    with pytest.raises(KeyError):
        await delete_and_fail()

    assert await _scalar(database, "SELECT count(*) FROM alembic_version") == 1


async def test_a_database_that_answers_pings(database: Database) -> None:
    await database.ping()


async def test_closing_again_is_no_error(database: Database) -> None:
    await database.ping()

    await database.close()
    await database.close()


async def test_statements_do_not_show_their_values_in_errors(database: Database) -> None:
    with pytest.raises(StoreUnavailable) as failure:
        async with database.read() as session:
            await (await session.connection()).execute(text("SELECT :value FROM nowhere"), {"value": "canary"})

    assert "canary" not in f"{failure.value} {failure.value.__cause__}"


async def test_too_many_transactions_at_once_are_reported(database_url: str) -> None:
    async with await Database.open(database_url, timeout_s=TIMEOUT_S) as database, AsyncExitStack() as held:
        for _ in range(MOST_CONNECTIONS):
            session = await held.enter_async_context(database.read())
            await session.connection()

        with pytest.raises(StoreUnavailable, match="is overloaded: no connection became free in time"):
            await database.ping()


async def _scalar(database: Database, statement: str) -> object:
    async with database.read() as session:
        found: object = await (await session.connection()).scalar(text(statement))
        return found
