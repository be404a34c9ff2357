"""The registered clusters in memory, on every database: read again after each change by any process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
import pytest_asyncio
from sqlalchemy import text

from store.audit.event import AuditAction, AuditEvent
from store.audit.log import AuditLog
from store.clusters.cluster import EVERY_CLUSTER, ClusterFilter, IdentityMode, OpenedCluster
from store.clusters.clusters import Clusters
from store.clusters.grants import Grants
from store.clusters.registered import RegisteredClusters
from store.clusters.snapshots import Snapshots
from store.database.database import Database
from store.keys.encryption import Cipher
from store.keys.keyring import KeyRing
from store.keys.reencryption import Reencryption
from store.tokens import Tokens
from tests.store.clock import NOON
from tests.store.clusters.test_grants import DEVELOPERS, new_grant
from tests.store.clusters.test_snapshots import PARTS, failing, new, stream
from tests.store.samples import CREDENTIAL, new_cluster

KEYS = {1: bytes(range(32))}
NEWER_KEYS = {**KEYS, 2: bytes(32)}


@dataclass
class Replica:
    """Another process over the same database, with a newer key beside the old one."""

    database: Database

    def __post_init__(self) -> None:
        cipher = Cipher(KeyRing(NEWER_KEYS))
        self.clusters = Clusters(self.database, cipher)
        self.grants = Grants(self.database)
        self.snapshots = Snapshots(self.database, cipher)
        self.tokens = Tokens(self.database)

    async def execute(self, statement: str) -> None:
        async with self.database.write() as session:
            await (await session.connection()).execute(text(statement))


class ChangedClusters(Clusters):
    """Clusters that another process changes at the end of each reading."""

    def __init__(self, database: Database, replica: Replica) -> None:
        super().__init__(database, Cipher(KeyRing(NEWER_KEYS)))
        self._replica = replica
        self.readings = 0
        self.later: list[asyncio.Task[tuple[OpenedCluster, ...]]] = []
        self.on_change: Callable[[], asyncio.Task[tuple[OpenedCluster, ...]]] | None = None

    async def open(self, chosen: ClusterFilter = EVERY_CLUSTER) -> tuple[OpenedCluster, ...]:
        self.readings += 1
        opened = await super().open(chosen)
        await self._replica.clusters.change_labels("alpha", put={"change": str(self.readings)})
        if self.on_change is not None and not self.later:
            self.later.append(self.on_change())
        return opened


@pytest_asyncio.fixture(loop_scope="session")
async def replica(database_url: str, database: Database) -> AsyncIterator[Replica]:
    async with await Database.open(database_url) as other:
        replica = Replica(other)
        yield replica
        await replica.tokens.drain()


@pytest.fixture
def registered(database: Database) -> RegisteredClusters:
    cipher = Cipher(KeyRing(NEWER_KEYS))
    return RegisteredClusters(database, Clusters(database, cipher))


async def _add_grant(replica: Replica) -> None:
    await replica.grants.add(new_grant())


async def _remove_grant(replica: Replica) -> None:
    await replica.grants.remove((await replica.grants.all())[0].id)


async def _edit(replica: Replica) -> None:
    await replica.execute("UPDATE cluster SET description = 'by hand'")


async def _edit_grant(replica: Replica) -> None:
    await replica.execute("UPDATE \"grant\" SET role_name = 'edit'")


async def _reencrypt(replica: Replica) -> None:
    changed = await Reencryption(replica.database, Cipher(KeyRing(NEWER_KEYS))).with_current_key()
    assert changed.clusters == 1


CHANGES: dict[str, Callable[[Replica], Awaitable[object]]] = {
    "add": lambda replica: replica.clusters.add(new_cluster("other")),
    "overwrite": lambda replica: replica.clusters.add(new_cluster("alpha", credential=b"new"), overwrite=True),
    "labels": lambda replica: replica.clusters.change_labels("alpha", put={"a": "b"}),
    "identity": lambda replica: replica.clusters.set_identity("alpha", IdentityMode.IMPERSONATION),
    "prometheus": lambda replica: replica.clusters.set_prometheus("alpha", "https://prometheus"),
    "remove": lambda replica: replica.clusters.remove("alpha"),
    "snapshot": lambda replica: replica.snapshots.put(new("dump"), stream(PARTS)),
    "grant": _add_grant,
    "revocation": _remove_grant,
    "edit": _edit,
    "edit of a grant": _edit_grant,
    "reencryption": _reencrypt,
}


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def alpha(database: Database) -> None:
    """Registers one cluster, with a grant."""
    await Clusters(database, Cipher(KeyRing(KEYS))).add(new_cluster("alpha"))
    await Grants(database).add(new_grant(DEVELOPERS))


def reads(statements: list[str], table: str) -> int:
    """Returns the number of statements that read a table."""
    return sum(f"FROM {table}" in statement for statement in statements)


async def test_an_unchanged_registry_is_read_once_and_its_generation_each_time(
    registered: RegisteredClusters, statements: list[str]
) -> None:
    first = await registered.open()
    statements.clear()

    assert all([await registered.open() is first for _ in range(3)])
    assert (reads(statements, "registry_generation"), reads(statements, "cluster")) == (3, 0)


@pytest.mark.parametrize("change", CHANGES)
async def test_each_change_by_another_process_is_seen_at_once(
    registered: RegisteredClusters, replica: Replica, change: str
) -> None:
    before = await registered.open()

    await CHANGES[change](replica)

    after = await registered.open()
    assert after is not before
    assert [opened.record for opened in after] == list(await replica.clusters.select())
    assert await registered.open() is after


async def test_tokens_and_the_audit_change_nothing(registered: RegisteredClusters, replica: Replica) -> None:
    before = await registered.open()

    await replica.tokens.create("ci", is_administrator=True)
    await AuditLog(replica.database).write([AuditEvent.new(AuditAction.DENIAL, "alice", NOON)])

    assert await registered.open() is before


async def test_a_change_that_is_rolled_back_changes_nothing(registered: RegisteredClusters, replica: Replica) -> None:
    before = await registered.open()

    with pytest.raises(RuntimeError):
        await replica.snapshots.put(new("dump"), failing())

    assert await registered.open() is before


async def test_many_operations_after_a_change_read_the_clusters_once(
    registered: RegisteredClusters, replica: Replica, statements: list[str]
) -> None:
    await registered.open()
    await replica.clusters.add(new_cluster("beta"))
    statements.clear()

    opened = await asyncio.gather(*(registered.open() for _ in range(20)))

    assert len(set(map(id, opened))) == 1
    assert reads(statements, "cluster") == 1


async def test_operations_that_wait_share_a_reading_although_the_registry_changes_again(
    database: Database, replica: Replica
) -> None:
    clusters = ChangedClusters(database, replica)
    registered = RegisteredClusters(database, clusters)
    clusters.on_change = lambda: asyncio.create_task(registered.open())

    await asyncio.gather(*(registered.open() for _ in range(10)))

    (seen,) = await clusters.later[0]  # it began after the first change, so another reading has it
    assert (seen.record.labels, clusters.readings) == ({"change": "1"}, 2)


async def test_a_credential_is_opened_with_the_key_of_now(registered: RegisteredClusters, replica: Replica) -> None:
    (before,) = await registered.open()
    await _reencrypt(replica)
    (after,) = await registered.open()

    assert (before.open_credential(), after.open_credential()) == (CREDENTIAL, CREDENTIAL)


async def test_a_cluster_that_is_removed_and_added_again_is_another_one(
    registered: RegisteredClusters, replica: Replica
) -> None:
    (before,) = await registered.open()

    await replica.clusters.remove("alpha")
    await replica.clusters.add(new_cluster("alpha", credential=b"other"))

    (after,) = await registered.open()
    assert after.record.id != before.record.id
    assert after.open_credential() == b"other"


async def test_without_its_row_the_generation_is_unknown_until_the_next_change(
    registered: RegisteredClusters, replica: Replica
) -> None:
    before = await registered.open()
    await replica.execute("DELETE FROM registry_generation")

    unknown = await registered.open()
    assert unknown is not before
    assert await registered.open() is not unknown

    await replica.clusters.add(new_cluster("beta"))
    known = await registered.open()
    assert [opened.record.name for opened in known] == ["alpha", "beta"]
    assert await registered.open() is known
