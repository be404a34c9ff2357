"""The generation of the registry beside transactions that write at the same time."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text
from sqlmodel import select

from store.clusters.clusters import Clusters
from store.clusters.grant import GrantedClusters
from store.clusters.grants import Grants
from store.clusters.registered import RegisteredClusters
from store.database.database import Database
from store.database.tables import RegistryGeneration
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from tests.store.clusters.test_grants import new_grant
from tests.store.samples import new_cluster


async def test_a_transaction_that_ends_after_a_later_one_is_not_missed(postgres_url: str, keys: KeyRing) -> None:
    """Only PostgreSQL has two transactions that write at the same time."""
    cipher = Cipher(keys)
    async with await Database.open(postgres_url) as database, await Database.open(postgres_url) as other:
        for name in ("alpha", "beta"):
            await Clusters(database, cipher).add(new_cluster(name))
        registered, replica = RegisteredClusters(database, Clusters(database, cipher)), Clusters(other, cipher)

        async with database.write() as session:
            connection = await session.connection()
            await connection.execute(text("UPDATE cluster SET description = 'early' WHERE name = 'alpha'"))
            await replica.change_labels("beta", put={"is": "late"})  # it does not wait for the other one
            assert [dict(opened.record.labels) for opened in await registered.open()] == [{}, {"is": "late"}]

        assert [opened.record.description for opened in await registered.open()] == ["early", ""]


async def test_changes_that_cross_do_not_block_each_other(clusters: Clusters, database: Database) -> None:
    grants, names = Grants(database), [f"c{number}" for number in range(6)]
    await clusters.add(new_cluster("alpha"))
    for _ in range(3):
        for name in names:
            await clusters.add(new_cluster(name))
        granted = [await grants.add(new_grant(clusters=GrantedClusters(labels={"is": name}))) for name in names]

        await asyncio.gather(
            *(clusters.remove(name) for name in names),
            *(grants.remove(grant.id) for grant in granted),
            *(clusters.change_labels("alpha", put={name: "x"}) for name in names),
        )

    assert [record.name for record in await clusters.select()] == ["alpha"]
    assert await grants.all() == ()


@pytest_asyncio.fixture(loop_scope="session")
async def on_postgresql(postgres_url: str) -> AsyncIterator[Database]:
    async with await Database.open(postgres_url) as database:
        yield database


async def _execute(database: Database, *statements: str) -> None:
    async with database.write() as session:
        for statement in statements:
            await (await session.connection()).execute(text(statement))


async def _generation(database: Database) -> int:
    return (await database.select(select(RegistryGeneration.value)))[0]


async def _registered(database: Database, keys: KeyRing) -> RegisteredClusters:
    """Returns one cluster with a grant."""
    clusters = Clusters(database, Cipher(keys))
    await clusters.add(new_cluster("alpha"))
    await Grants(database).add(new_grant())
    return RegisteredClusters(database, clusters)


async def test_truncated_grants_are_seen(on_postgresql: Database, keys: KeyRing) -> None:
    registered = await _registered(on_postgresql, keys)
    before = await registered.open()

    await _execute(on_postgresql, 'TRUNCATE "grant"')

    assert await registered.open() is not before


async def test_a_change_with_another_search_path_is_seen(on_postgresql: Database, keys: KeyRing) -> None:
    """The path of `pg_restore` is empty."""
    registered = await _registered(on_postgresql, keys)
    before = await registered.open()

    await _execute(on_postgresql, "SET LOCAL search_path = ''", 'DELETE FROM public."grant"')

    assert await registered.open() is not before


async def test_a_transaction_raises_the_generation_once(on_postgresql: Database) -> None:
    """Each version of its row makes the next update slower: the time of a commit would be quadratic in its rows."""
    for name in ("alpha", "beta", "gamma"):
        await Grants(on_postgresql).add(new_grant(clusters=GrantedClusters(names=(name,))))
    before = await _generation(on_postgresql)

    await _execute(on_postgresql, "UPDATE \"grant\" SET created_by = 'operator'")

    assert await _generation(on_postgresql) == before + 1
