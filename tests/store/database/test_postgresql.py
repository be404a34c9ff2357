"""PostgreSQL only: servers that are away, hang, lock or refuse."""

import asyncio
import socket

import asyncpg  # type: ignore[import-untyped]  # asyncpg ships no types
import pytest
from sqlalchemy import text

from store.clusters.clusters import Clusters
from store.database.database import Database
from store.errors import StoreUnavailable
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from tests.store.locks import TIMEOUT_S
from tests.store.postgres import PASSWORD, PostgresServer
from tests.store.samples import new_cluster


async def test_a_locked_table_of_postgresql_is_reported(postgres_url: str, keys: KeyRing) -> None:
    async with await Database.open(postgres_url, timeout_s=TIMEOUT_S) as database:
        clusters = Clusters(database, Cipher(keys))
        other = await asyncpg.connect(postgres_url)
        async with other.transaction():
            await other.execute("LOCK TABLE cluster IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(StoreUnavailable, match="it did not answer in time"):
                await clusters.add(new_cluster("prod"))
        await other.close()

        added = await clusters.add(new_cluster("prod"))

        assert await clusters.select() == (added,)


async def test_a_connection_that_died_is_replaced(postgres_url: str, keys: KeyRing) -> None:
    async with await Database.open(postgres_url) as database:
        clusters = Clusters(database, Cipher(keys))
        added = await clusters.add(new_cluster("prod"))
        other = await asyncpg.connect(postgres_url)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await other.close()

        assert await clusters.select() == (added,)


async def test_a_server_that_is_not_there_is_reported_without_its_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async with await Database.open(f"postgresql://user:canary@127.0.0.1:{port}/fleet") as database:
        with pytest.raises(StoreUnavailable) as failure:
            await database.ping()

    assert str(failure.value).startswith(f"The database postgresql://127.0.0.1:{port}/fleet cannot be reached: ")
    assert "canary" not in str(failure.value)


async def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = f"postgresql://user:canary@127.0.0.1:{port}/fleet"
        async with await Database.open(url, timeout_s=TIMEOUT_S) as database:
            started = loop.time()
            with pytest.raises(StoreUnavailable, match="cannot be reached: it did not answer in time"):
                await database.ping()

    assert loop.time() - started < 10 * TIMEOUT_S


async def test_a_refused_password_is_reported_and_not_shown(postgres_server: PostgresServer) -> None:
    async with await Database.open(postgres_server.url("postgres", password="canary-wrong")) as database:
        with pytest.raises(StoreUnavailable, match="password authentication failed") as failure:
            await database.ping()

    assert "canary" not in str(failure.value)


async def test_a_missing_database_is_named(postgres_server: PostgresServer) -> None:
    async with await Database.open(postgres_server.url("nowhere")) as database:
        with pytest.raises(StoreUnavailable, match='database "nowhere" does not exist') as failure:
            await database.ping()

    assert PASSWORD not in str(failure.value)


async def test_options_of_a_postgresql_url_are_honoured(postgres_url: str) -> None:
    async with await Database.open(f"{postgres_url}?application_name=replica-7&sslmode=disable") as database:
        assert await _scalar(database, "SHOW application_name") == "replica-7"

    async with await Database.open(f"{postgres_url}?sslmode=require") as database:
        with pytest.raises(StoreUnavailable, match=r"cannot be reached: .*SSL"):
            await database.ping()


async def _scalar(database: Database, statement: str) -> object:
    async with database.read() as session:
        found: object = await (await session.connection()).scalar(text(statement))
        return found
