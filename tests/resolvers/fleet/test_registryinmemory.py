"""The fleet over a registry in memory: the cost of an operation while nothing changes, and the effect of changes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from pathlib import Path

import pytest

from k8s.credentials.credential import BearerToken, Secret, dump_credential
from k8s.kinds.builtin import POD
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import list_path
from resolvers.authorization import Identity
from resolvers.caller import OPERATOR, Caller
from resolvers.fleet.fleet import Fleet
from store.clusters.cluster import ClusterConnection, NewCluster, OpenedCluster
from store.clusters.grant import (
    GrantedClusters,
    GrantedRole,
    GrantRecord,
    NewGrant,
    RoleKind,
    Subject,
    SubjectKind,
)
from store.clusters.grants import Grants
from store.registry import Registry
from tests.store.sentstatements import sent_statements

LIST = Call(list_path(POD), "list", "pods")
ALICE = Caller(name="alice")
VIEW = GrantedRole(RoleKind.CLUSTER_ROLE, "view")
TOKEN = dump_credential(BearerToken(Secret("t")))


class Reached:
    """A client that answers with its cluster's credential."""

    def __init__(self, cluster: OpenedCluster) -> None:
        self.name = cluster.record.name
        self.ended = 0
        self._credential = cluster.open_credential()

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return self._credential

    async def close(self) -> None:
        self.ended += 1

    async def retire(self) -> None:
        self.ended += 1


class Clients(list[Reached]):
    """Every client that was made."""

    def __call__(self, cluster: OpenedCluster, _identity: Identity) -> Reached:
        self.append(Reached(cluster))
        return self[-1]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'fleetgraph.db'}"


@pytest.fixture
async def registry(url: str) -> AsyncIterator[Registry]:
    async with await Registry.open(url) as registry:
        for name in ("alpha", "beta", "gamma"):
            await registry.clusters.add(new_cluster(name))
        yield registry


@pytest.fixture
async def replica(registry: Registry, url: str) -> AsyncIterator[Registry]:
    """Returns the registry of another process over the same database."""
    async with await Registry.open(url) as other:
        yield other


@pytest.fixture
def clients() -> Clients:
    return Clients()


@pytest.fixture
async def fleet(registry: Registry, clients: Clients) -> AsyncIterator[Fleet]:
    fleet = Fleet(registry.registered, grants=registry.grants, connect=clients)
    yield fleet
    await fleet.close()


@pytest.fixture
def statements() -> Iterator[list[str]]:
    with sent_statements() as sent:
        yield sent


def new_cluster(name: str, credential: bytes = TOKEN) -> NewCluster:
    return NewCluster(name=name, connection=ClusterConnection(server=f"https://{name}.example"), credential=credential)


def grant(name: str = "alpha", user: str = "alice") -> NewGrant:
    subject = Subject(SubjectKind.USER, user)
    return NewGrant(subject=subject, clusters=GrantedClusters(names=(name,)), role=VIEW, created_by="root")


async def names(fleet: Fleet, caller: Caller) -> list[str]:
    return [cluster.name for cluster in await fleet.clusters(caller)]


@pytest.mark.parametrize("caller", [OPERATOR, ALICE], ids=["administrator", "user"])
async def test_while_nothing_changes_an_operation_reads_the_generation_alone(
    fleet: Fleet, registry: Registry, statements: list[str], caller: Caller
) -> None:
    await registry.grants.add(grant())
    first = await fleet.clusters(caller)
    statements.clear()

    assert await fleet.clusters(caller) is first
    assert [statement for statement in statements if statement != "BEGIN"] == [
        "SELECT registry_generation.value \nFROM registry_generation \nWHERE registry_generation.number = ?"
    ]


async def test_a_cluster_that_is_not_asked_has_no_client_and_no_open_credential(fleet: Fleet, clients: Clients) -> None:
    alpha, _, _ = await fleet.clusters(OPERATOR)
    assert clients == []

    assert await alpha.sender.send(LIST, Deadline(10)) == TOKEN
    assert [client.name for client in clients] == ["alpha"]


async def test_a_revocation_by_another_process_holds_for_the_next_operation(
    fleet: Fleet, registry: Registry, replica: Registry
) -> None:
    stored = await registry.grants.add(grant())
    assert await names(fleet, ALICE) == ["alpha"]

    await replica.grants.remove(stored.id)

    assert await names(fleet, ALICE) == []


async def test_a_cluster_added_by_another_process_is_there_for_the_next_operation(
    fleet: Fleet, registry: Registry, replica: Registry
) -> None:
    await registry.grants.add(grant("delta"))
    assert await names(fleet, ALICE) == []

    await replica.clusters.add(new_cluster("delta"))

    assert await names(fleet, ALICE) == ["delta"]
    assert await names(fleet, OPERATOR) == ["alpha", "beta", "delta", "gamma"]


async def test_one_that_is_removed_and_added_again_is_asked_with_its_own_credential(
    fleet: Fleet, clients: Clients, replica: Registry
) -> None:
    before, _, _ = await fleet.clusters(OPERATOR)
    await before.sender.send(LIST, Deadline(10))

    await replica.clusters.remove("alpha")
    await replica.clusters.add(new_cluster("alpha", b"other"))

    after, _, _ = await fleet.clusters(OPERATOR)
    assert await after.sender.send(LIST, Deadline(10)) == b"other"
    await asyncio.sleep(0)
    assert [client.ended for client in clients] == [1, 0]


async def test_an_operation_that_goes_on_without_its_cluster_leaves_no_client_behind(
    fleet: Fleet, clients: Clients, replica: Registry
) -> None:
    before, _, _ = await fleet.clusters(OPERATOR)
    await replica.clusters.remove("alpha")
    await fleet.clusters(OPERATOR)

    assert await before.sender.send(LIST, Deadline(10)) == TOKEN
    await asyncio.sleep(0)
    assert [client.ended for client in clients] == [1]


async def test_a_client_is_kept_if_only_other_clusters_and_grants_change(
    fleet: Fleet, clients: Clients, replica: Registry
) -> None:
    for _ in range(2):
        alpha = (await fleet.clusters(OPERATOR))[0]
        await alpha.sender.send(LIST, Deadline(10))
        await replica.clusters.change_labels("beta", put={"a": "b"})
        await replica.grants.add(grant("beta", user=f"user-{len(await replica.grants.all())}"))

    assert [(client.name, client.ended) for client in clients] == [("alpha", 0)]


async def test_grants_that_are_read_while_the_registry_changes_are_not_kept(
    registry: Registry, clients: Clients
) -> None:
    grants = SlowGrants(registry.grants)
    fleet = Fleet(registry.registered, grants=grants, connect=clients)
    stored = await registry.grants.add(grant())

    asking = asyncio.create_task(fleet.clusters(ALICE))
    await grants.has_read.wait()  # with the grant
    await registry.grants.remove(stored.id)
    await fleet.clusters(OPERATOR)
    grants.goes_on.set()

    assert [cluster.name for cluster in await asking] == ["alpha"]
    assert await names(fleet, ALICE) == []
    await fleet.close()


class SlowGrants:
    """A store of grants whose first answer arrives late."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self.has_read, self.goes_on = asyncio.Event(), asyncio.Event()

    async def of(self, subjects: Collection[Subject]) -> Sequence[GrantRecord]:
        found = await self._grants.of(subjects)
        self.has_read.set()
        await self.goes_on.wait()
        return found
