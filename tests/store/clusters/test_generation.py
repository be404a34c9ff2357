"""The generation of the registry beside transactions that write at the same time."""

import asyncio

from sqlalchemy import text

from store.clusters.clusters import Clusters
from store.clusters.grant import GrantedClusters
from store.clusters.grants import Grants
from store.clusters.registered import RegisteredClusters
from store.database.database import Database
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
