"""Stored credentials, on every database."""

import pytest
from sqlalchemy import text

from store.clusters.clusters import Clusters
from store.database.database import Database
from store.errors import CredentialUnreadable
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from tests.store.samples import CREDENTIAL, new_cluster


async def test_all_credentials_are_read_by_one_statement(clusters: Clusters, statements: list[str]) -> None:
    for name in ("a", "b", "c"):
        await clusters.add(new_cluster(name, credential=f"secret of {name}".encode()))
    statements.clear()

    opened = await clusters.open()

    assert [item.open_credential() for item in opened] == [b"secret of a", b"secret of b", b"secret of c"]
    assert [statement[:6] for statement in statements if statement != "BEGIN"] == ["SELECT"]


async def test_cr_2_a_credential_moved_to_another_row_costs_only_that_cluster(
    clusters: Clusters, database: Database
) -> None:
    first, second = await clusters.add(new_cluster("a")), await clusters.add(new_cluster("b", credential=b"b"))
    await _execute(
        database,
        "UPDATE cluster SET credential = (SELECT credential FROM cluster WHERE name = 'a') WHERE name = 'b'",
    )

    good, bad = await clusters.open()

    assert good.open_credential() == CREDENTIAL
    with pytest.raises(CredentialUnreadable):
        bad.open_credential()
    assert await clusters.credential(first.id) == CREDENTIAL
    with pytest.raises(CredentialUnreadable, match=second.id):
        await clusters.credential(second.id)


@pytest.mark.parametrize("damaged", [b"", b"\0\0\0\1", b"\0\0\0\1" + bytes(40)], ids=["empty", "cut", "overwritten"])
async def test_cr_3_a_damaged_credential_costs_only_its_cluster(
    clusters: Clusters, database: Database, damaged: bytes
) -> None:
    await clusters.add(new_cluster("a"))
    await clusters.add(new_cluster("b"))
    await _execute(database, "UPDATE cluster SET credential = :damaged WHERE name = 'a'", damaged=damaged)

    bad, good = await clusters.open()

    with pytest.raises(CredentialUnreadable):
        bad.open_credential()
    assert good.open_credential() == CREDENTIAL
    assert [record.name for record in await clusters.select()] == ["a", "b"]


async def test_cr_7_two_clusters_with_one_credential_store_different_values(
    clusters: Clusters, database: Database
) -> None:
    await clusters.add(new_cluster("a"))
    await clusters.add(new_cluster("b"))

    async with database.read() as session:
        connection = await session.connection()
        stored = list(await connection.scalars(text("SELECT credential FROM cluster")))

    assert len({bytes(value)[16:] for value in stored}) == 2


async def test_a_new_key_seals_while_the_old_one_opens(database: Database) -> None:
    old, both = {1: bytes(32)}, {1: bytes(32), 2: bytes([1]) * 32}
    await Clusters(database, Cipher(KeyRing(old))).add(new_cluster("old"))
    clusters = Clusters(database, Cipher(KeyRing(both)))

    await clusters.add(new_cluster("new"))

    assert [opened.open_credential() for opened in await clusters.open()] == [CREDENTIAL, CREDENTIAL]


async def _execute(database: Database, statement: str, **values: bytes) -> None:
    async with database.write() as session:
        connection = await session.connection()
        await connection.execute(text(statement), values)
