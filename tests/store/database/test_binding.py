"""A credential belongs to the connection that it was imported for."""

from pathlib import Path

import pytest
from sqlalchemy import text

from store.clusters.clusters import Clusters
from store.database.database import Database
from store.database.tables import Cluster
from store.errors import CredentialUnreadable
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from store.registry import Registry
from tests.store.samples import CREDENTIAL, new_cluster


@pytest.mark.parametrize(
    "change",
    [
        "server = 'https://evil.example.com'",
        "server = 'https://api.example.com:6443/'",
        "ca_pem = NULL",
        "ca_pem = '-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n'",
        "tls_server_name = 'evil.example.com'",
        "tls_server_name = NULL",
        "skip_tls_verify = true",
        "proxy_url = 'http://evil.example.com'",
        "credential_binding = 1, server = 'https://evil.example.com'",
    ],
)
async def test_im_9_a_connection_that_was_edited_costs_only_its_cluster(
    clusters: Clusters, database: Database, change: str
) -> None:
    edited = await clusters.add(new_cluster("a"))
    await clusters.add(new_cluster("b"))
    await _execute(database, f"UPDATE cluster SET {change} WHERE name = 'a'")  # noqa: S608  of this file

    bad, good = await clusters.open()

    with pytest.raises(CredentialUnreadable):
        bad.open_credential()
    assert good.open_credential() == CREDENTIAL
    with pytest.raises(CredentialUnreadable, match="import the cluster again"):
        await clusters.credential(edited.id)


async def test_im_9_importing_it_again_is_the_way_out(clusters: Clusters, database: Database) -> None:
    await clusters.add(new_cluster("a"))
    await _execute(database, "UPDATE cluster SET server = 'https://evil.example.com'")

    await clusters.add(new_cluster("a"), overwrite=True)

    assert [opened.open_credential() for opened in await clusters.open()] == [CREDENTIAL]


async def test_labels_name_and_description_are_free_to_change(clusters: Clusters, database: Database) -> None:
    await clusters.add(new_cluster("a"))
    await _execute(database, "UPDATE cluster SET name = 'b', description = 'x', labels = '{}'")

    assert [opened.open_credential() for opened in await clusters.open()] == [CREDENTIAL]


async def test_im_9_a_credential_of_an_older_release_is_bound_at_the_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fleetgraph.db"
    async with await Registry.open(url) as registry:
        await registry.clusters.add(new_cluster("a"))
        await _unbind(registry.database, registry.keys)

    async with await Registry.open(url) as again:
        assert [opened.open_credential() for opened in await again.clusters.open()] == [CREDENTIAL]
        await _execute(again.database, "UPDATE cluster SET server = 'https://evil.example.com'")
        (edited,) = await again.clusters.open()

    with pytest.raises(CredentialUnreadable):
        edited.open_credential()


async def test_im_9_one_that_is_not_bound_is_never_used_as_it_is(clusters: Clusters, database: Database) -> None:
    await clusters.add(new_cluster("a"))
    await _unbind(database, KeyRing({1: bytes(range(32))}))

    (opened,) = await clusters.open()

    with pytest.raises(CredentialUnreadable):
        opened.open_credential()


async def test_a_damaged_credential_of_an_older_release_does_not_stop_the_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/fleetgraph.db"
    async with await Registry.open(url) as registry:
        for name in ("a", "b"):
            await registry.clusters.add(new_cluster(name))
        await _unbind(registry.database, registry.keys)
        await _execute(registry.database, "UPDATE cluster SET credential = zeroblob(60) WHERE name = 'a'")

    async with await Registry.open(url) as again:
        bad, good = await again.clusters.open()

    with pytest.raises(CredentialUnreadable):
        bad.open_credential()
    assert good.open_credential() == CREDENTIAL


async def _unbind(database: Database, keys: KeyRing) -> None:
    """Encrypts all credentials like old releases did, without a binding."""
    async with database.write() as session:
        connection = await session.connection()
        ids = list(await connection.scalars(text("SELECT id FROM cluster")))
        for cluster_id in ids:
            row = await session.get(Cluster, cluster_id)
            assert row is not None
            row.credential = Cipher(keys).seal(CREDENTIAL, cluster_id=cluster_id, column="credential")
            row.credential_binding = 1


async def _execute(database: Database, statement: str) -> None:
    async with database.write() as session:
        await (await session.connection()).execute(text(statement))
