"""Clients by cluster and identity."""

import asyncio
from dataclasses import replace

import pytest

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from resolvers.authorization import ADMINISTRATOR, AccountHolder, Identity, Impersonated
from resolvers.fleet.connectionpool import IDLE_S, ConnectionPool
from store.clusters.cluster import OpenedCluster
from tests.resolvers.test_authorization import ALICE, ALPHA, DEVELOPERS, EDIT, VIEW

OPENED = OpenedCluster(record=ALPHA, open_credential=lambda: b"secret")
OTHER = OpenedCluster(record=replace(ALPHA, name="beta"), open_credential=lambda: b"secret")
BOB = Impersonated("bob", ())


class Reached:
    """A client that answers nothing."""

    def __init__(self, name: str, identity: Identity) -> None:
        self.name = name
        self.identity = identity
        self.ended: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return b""

    async def close(self) -> None:
        self.ended.append("closed")

    async def retire(self) -> None:
        self.ended.append("retired")


class CreatedClients(list[Reached]):
    """Every client that was created."""

    now_s: float = 0.0

    def __call__(self, cluster: OpenedCluster, identity: Identity) -> Reached:
        self.append(Reached(cluster.record.name, identity))
        return self[-1]

    def ended(self) -> list[list[str]]:
        return [item.ended for item in self]


@pytest.fixture
def clients() -> CreatedClients:
    return CreatedClients()


@pytest.fixture
def connections(clients: CreatedClients) -> ConnectionPool:
    return ConnectionPool(clients, limit=3, clock=lambda: clients.now_s)


async def test_an_operation_that_began_before_gets_the_client_with_the_rights_of_now(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    before, now = AccountHolder((ALICE,), (EDIT, VIEW)), AccountHolder((ALICE,), (VIEW,))
    connections.to(OPENED, before)
    current = connections.to(OPENED, now)

    assert connections.to(OPENED, before, is_current=False) is current
    await asyncio.sleep(0)
    assert clients.ended() == [["retired"], []]


async def test_a_client_for_a_registration_that_is_gone_is_retired_at_once(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    connections.retain([OTHER])

    connections.to(OPENED, ADMINISTRATOR, is_current=False)
    connections.to(OTHER, ADMINISTRATOR)
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"], []]


async def test_an_identity_keeps_its_connection_and_shares_it_with_no_other(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    identities: list[Identity] = [ADMINISTRATOR, BOB, Impersonated("bob", ("dev",))]

    first = [connections.to(OPENED, identity) for identity in identities]
    again = [connections.to(OPENED, identity) for identity in identities]

    assert first == again
    assert [item.identity for item in clients] == identities


async def test_clusters_share_no_connection(connections: ConnectionPool) -> None:
    assert connections.to(OPENED, BOB) is not connections.to(OTHER, BOB)


async def test_an_account_whose_roles_change_gets_another_connection(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    before = AccountHolder((ALICE, DEVELOPERS), (VIEW, EDIT))
    connections.to(OPENED, before)

    connections.to(OPENED, replace(before, roles=(VIEW,)))
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"], []]
    assert len(connections) == 1


async def test_a_grant_that_was_given_again_gets_another_connection(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    """The bindings of the first grant are removed, whatever the old client has cached."""
    before = AccountHolder((ALICE,), (VIEW,), grants=("g-1",))
    first = connections.to(OPENED, before)

    assert connections.to(OPENED, replace(before)) is first
    assert connections.to(OPENED, replace(before, grants=("g-2",))) is not first
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"], []]


async def test_a_cluster_that_changed_takes_all_its_connections_along(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    connections.to(OPENED, ADMINISTRATOR)
    connections.to(OPENED, BOB)
    connections.to(OTHER, BOB)

    connections.retain([OTHER])
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"], ["retired"], []]


async def test_above_the_limit_the_one_that_was_not_used_for_longest_goes(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    for name in ("a", "b", "c", "a", "d"):
        clients.now_s += 1
        connections.to(OPENED, Impersonated(name, ()))
    await asyncio.sleep(0)

    assert clients.ended() == [[], ["retired"], [], []]
    assert len(connections) == 3


async def test_a_connection_that_nobody_uses_goes(connections: ConnectionPool, clients: CreatedClients) -> None:
    connections.to(OPENED, BOB)
    clients.now_s += IDLE_S + 1

    connections.to(OPENED, ADMINISTRATOR)
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"], []]


async def test_the_end_ends_all(connections: ConnectionPool, clients: CreatedClients) -> None:
    connections.to(OPENED, BOB)

    await connections.close()

    assert clients.ended() == [["closed"]]
    assert len(connections) == 0


async def test_what_outlives_the_end_gets_a_connection_that_ends_by_itself(
    connections: ConnectionPool, clients: CreatedClients
) -> None:
    await connections.close()

    connections.to(OPENED, BOB)
    await asyncio.sleep(0)

    assert clients.ended() == [["retired"]]
    assert len(connections) == 0


class Watched(Reached):
    """A client whose watches are needed as long as `is_watching`."""

    is_watching = True


async def test_a_client_whose_watches_are_needed_is_not_idle(clients: CreatedClients) -> None:
    watched = Watched("alpha", BOB)
    pool = ConnectionPool(
        lambda cluster, identity: watched if identity == BOB else clients(cluster, identity),
        limit=1,
        clock=lambda: clients.now_s,
    )
    pool.to(OPENED, BOB)
    pool.to(OPENED, ADMINISTRATOR)
    clients.now_s = 2 * IDLE_S
    pool.retire_idle()
    await asyncio.sleep(0)

    assert watched.ended == []
    assert pool.to(OPENED, BOB) is watched
    watched.is_watching = False
    clients.now_s += 2 * IDLE_S
    pool.retire_idle()
    await asyncio.sleep(0)
    assert watched.ended == ["retired"]


async def test_the_latest_client_stays_although_all_others_are_needed(clients: CreatedClients) -> None:
    watched = Watched("alpha", BOB)
    pool = ConnectionPool(
        lambda cluster, identity: watched if identity == BOB else clients(cluster, identity),
        limit=1,
        clock=lambda: clients.now_s,
    )
    pool.to(OPENED, BOB)
    latest = pool.to(OPENED, ADMINISTRATOR)
    await asyncio.sleep(0)

    assert pool.to(OPENED, ADMINISTRATOR) is latest
    assert clients.ended() == [[]]


async def test_needed_watches_end_with_the_registration(clients: CreatedClients) -> None:
    watched = Watched("alpha", BOB)
    pool = ConnectionPool(lambda _cluster, _identity: watched)
    pool.to(OPENED, BOB)
    pool.retain([OTHER])
    await asyncio.sleep(0)

    assert watched.ended == ["retired"]
