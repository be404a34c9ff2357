"""The registry: its opening and its keys."""

import base64
from pathlib import Path

import pytest

from store.database.url import DatabaseUrl
from store.errors import KeyRingError, StoreUnavailable
from store.registry import Registry
from tests.store.samples import CREDENTIAL, new_cluster

KEYS_1 = f"v1:{base64.b64encode(bytes(range(32))).decode()}"
KEYS_2 = f"v2:{base64.b64encode(bytes(range(32, 64))).decode()}"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/fleetgraph.db"


async def test_the_first_opening_creates_a_key_file_beside_the_database(sqlite_url: str, tmp_path: Path) -> None:
    async with await Registry.open(sqlite_url) as registry:
        added = await registry.clusters.add(new_cluster("prod"))

    assert registry.created_key_file == tmp_path / "fleetgraph.key"
    assert (tmp_path / "fleetgraph.key").stat().st_mode & 0o777 == 0o600
    async with await Registry.open(sqlite_url) as again:
        assert again.created_key_file is None
        assert await again.clusters.credential(added.id) == CREDENTIAL


async def test_the_place_of_a_file_may_be_given_as_a_path(tmp_path: Path) -> None:
    async with await Registry.open(DatabaseUrl.for_file(tmp_path / "a.db")) as registry:
        assert registry.created_key_file == tmp_path / "a.key"


async def test_the_key_file_may_be_elsewhere(sqlite_url: str, tmp_path: Path) -> None:
    key_file = tmp_path / "keys" / "key"

    async with await Registry.open(sqlite_url, key_file=key_file) as registry:
        assert registry.created_key_file == key_file

    assert not (tmp_path / "fleetgraph.key").exists()


async def test_given_keys_win_and_no_file_is_created(database_url: str, tmp_path: Path) -> None:
    async with await Registry.open(database_url, encryption_keys=KEYS_1) as registry:
        assert registry.created_key_file is None
        assert registry.keys.versions == (1,)
        added = await registry.clusters.add(new_cluster("prod"))
        assert await registry.clusters.credential(added.id) == CREDENTIAL

    assert not (tmp_path / "fleetgraph.key").exists()


async def test_cr_4_postgresql_without_a_key_is_refused(postgres_url: str) -> None:
    with pytest.raises(KeyRingError, match=r"There is no encryption key\. Set FLEETGRAPH_ENCRYPTION_KEYS"):
        await Registry.open(postgres_url)


async def test_postgresql_takes_a_key_file_that_is_named(postgres_url: str, tmp_path: Path) -> None:
    async with await Registry.open(postgres_url, key_file=tmp_path / "key") as registry:
        assert registry.created_key_file == tmp_path / "key"


@pytest.mark.parametrize("keys", ["", "v1:AAAA", "canary"])
async def test_cr_4_unusable_keys_are_refused_and_not_shown(sqlite_url: str, tmp_path: Path, keys: str) -> None:
    with pytest.raises(KeyRingError) as refusal:
        await Registry.open(sqlite_url, encryption_keys=keys)

    assert "canary" not in str(refusal.value)
    assert not (tmp_path / "fleetgraph.key").exists()


async def test_cr_4_a_key_that_credentials_need_and_is_missing_is_named(database_url: str) -> None:
    async with await Registry.open(database_url, encryption_keys=KEYS_1) as registry:
        await registry.clusters.add(new_cluster("prod"))

    with pytest.raises(KeyRingError, match="Stored credentials need encryption key v1; there is v2"):
        await Registry.open(database_url, encryption_keys=KEYS_2)

    async with await Registry.open(database_url, encryption_keys=f"{KEYS_1},{KEYS_2}") as registry:
        assert [opened.open_credential() for opened in await registry.clusters.open()] == [CREDENTIAL]


async def test_a_lost_key_file_is_not_replaced(sqlite_url: str, tmp_path: Path) -> None:
    async with await Registry.open(sqlite_url) as registry:
        await registry.clusters.add(new_cluster("prod"))
    (tmp_path / "fleetgraph.key").unlink()

    with pytest.raises(KeyRingError, match=r"fleetgraph\.key cannot be read: No such file or directory"):
        await Registry.open(sqlite_url)

    assert not (tmp_path / "fleetgraph.key").exists()


async def test_a_key_file_open_to_others_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    await (await Registry.open(sqlite_url)).close()
    (tmp_path / "fleetgraph.key").chmod(0o644)

    with pytest.raises(KeyRingError, match="Run: chmod 600"):
        await Registry.open(sqlite_url)


async def test_a_healthy_registry_passes_its_check(database_url: str) -> None:
    async with await Registry.open(database_url, encryption_keys=KEYS_1) as registry:
        await registry.check()


async def test_cr_4_a_replica_without_a_new_key_fails_its_check(database_url: str) -> None:
    async with (
        await Registry.open(database_url, encryption_keys=KEYS_1) as old,
        await Registry.open(database_url, encryption_keys=f"{KEYS_1},{KEYS_2}") as new,
    ):
        await new.clusters.add(new_cluster("prod"))

        with pytest.raises(KeyRingError, match="need encryption key v2; there is v1"):
            await old.check()


async def test_a_database_that_has_gone_fails_the_check(sqlite_url: str, tmp_path: Path) -> None:
    async with await Registry.open(sqlite_url) as registry:
        await registry.database.close()
        (tmp_path / "fleetgraph.db").write_bytes(b"damaged" * 1000)

        with pytest.raises(StoreUnavailable):
            await registry.check()


async def test_closing_writes_what_is_pending(database_url: str) -> None:
    async with await Registry.open(database_url, encryption_keys=KEYS_1) as registry:
        created = await registry.tokens.create("ci", is_administrator=True)
        await registry.tokens.verify(created.plaintext)

    async with await Registry.open(database_url, encryption_keys=KEYS_1) as registry:
        (record,) = await registry.tokens.all()
        assert record.last_used_at is not None
