"""The clusters of the registry with their connections."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from k8s.credentials.credential import BearerToken, Secret, dump_credential
from k8s.errors import CredentialUnusable
from k8s.kinds.builtin import POD
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path
from resolvers.authorization import Identity
from resolvers.caller import OPERATOR
from resolvers.fleet.client import ClusterClient
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.pooledsender import PooledSender
from resolvers.fleet.slots import FairSender
from resolvers.live.watchingclient import WatchingClient
from resolvers.unexpected import Unexpected
from store.clusters.cluster import ClusterConnection, ClusterId, ClusterRecord, OpenedCluster, SnapshotOrigin
from store.errors import CredentialUnreadable
from tests.k8s.kubeconfig_samples import authority
from tests.k8s.loopclock import loop_clock
from tests.k8s.wireserver import WireServer, http, until, wire_server
from tests.store.samples import refusing

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIST = Call(list_path(POD), "list", "pods")
TOKEN = dump_credential(BearerToken(Secret("t")))


class Registry:
    """The results of the store."""

    def __init__(self) -> None:
        self.opened: list[OpenedCluster] = []

    async def open(self) -> tuple[OpenedCluster, ...]:
        return tuple(self.opened)

    def put(self, name: str, server: WireServer, *, minute: int = 0, credential: bytes = TOKEN) -> None:
        self.opened = [item for item in self.opened if item.record.name != name]
        connection = ClusterConnection(server=server.endpoint.server, ca_pem=authority().pem.decode())
        record = ClusterRecord(
            id=ClusterId(f"id-{name}"),
            name=name,
            labels={},
            connection=connection,
            description="",
            created_at=NOW,
            updated_at=NOW + timedelta(minutes=minute),
        )
        self.opened.append(OpenedCluster(record=record, open_credential=lambda: credential))


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    async with wire_server() as wire:
        yield wire


@pytest.fixture
def registry(server: WireServer) -> Registry:
    made = Registry()
    made.put("alpha", server)
    return made


@pytest.fixture
async def fleet(registry: Registry) -> AsyncIterator[Fleet]:
    made = Fleet(registry, connect=Network(ConnectionLimits()))
    yield made
    await made.close()


async def _connection(fleet: Fleet, index: int = 0) -> WatchingClient:
    sender = (await fleet.clusters(OPERATOR))[index].sender
    assert isinstance(sender, FairSender)
    assert isinstance(sender.sender, PooledSender)
    client = sender.sender.client()
    assert isinstance(client, WatchingClient)
    return client


async def test_clusters_are_ordered_by_name(fleet: Fleet, registry: Registry, server: WireServer) -> None:
    for name in ("a-b", "ab", "a"):
        registry.put(name, server)

    assert [cluster.name for cluster in await fleet.clusters(OPERATOR)] == ["a", "a-b", "ab", "alpha"]


async def test_a_connection_is_kept_from_operation_to_operation(fleet: Fleet) -> None:
    assert await _connection(fleet) is await _connection(fleet)


async def test_a_changed_cluster_gets_another_connection(fleet: Fleet, registry: Registry, server: WireServer) -> None:
    before = await _connection(fleet)
    await before.send(LIST, Deadline(10))
    registry.put("alpha", server, minute=1)

    assert await _connection(fleet) is not before
    await until(lambda: not server.open_connections)


async def test_what_is_under_way_on_a_changed_cluster_is_finished(
    fleet: Fleet, registry: Registry, server: WireServer
) -> None:
    before = await _connection(fleet)
    server.answers = [None]
    asking = asyncio.create_task(before.send(LIST, Deadline(30)))
    await until(lambda: len(server.requests) == 1)
    registry.put("alpha", server, minute=1)
    await fleet.clusters(OPERATOR)
    await asyncio.sleep(0.01)

    assert not asking.done()
    assert server.open_connections == 1
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await until(lambda: not server.open_connections)


async def test_an_operation_may_go_on_with_a_cluster_that_was_removed(
    fleet: Fleet, registry: Registry, server: WireServer
) -> None:
    before = await _connection(fleet)
    registry.opened.clear()
    assert await fleet.clusters(OPERATOR) == ()

    assert await before.send(LIST, Deadline(10)) == b"{}"

    await until(lambda: not server.open_connections)


async def test_the_end_ends_all_connections(fleet: Fleet, registry: Registry, server: WireServer) -> None:
    registry.put("beta", server)
    for index in range(2):
        await (await _connection(fleet, index)).send(LIST, Deadline(10))
    assert server.open_connections == 2

    await fleet.close()

    await until(lambda: not server.open_connections)


@pytest.mark.parametrize("stored", [b"", b"{}", b'{"version":9}'])
async def test_a_credential_of_no_use_costs_its_cluster_only(
    fleet: Fleet, registry: Registry, server: WireServer, stored: bytes
) -> None:
    registry.put("broken", server, credential=stored)

    alpha, broken = await fleet.clusters(OPERATOR)

    assert await alpha.sender.send(LIST, Deadline(10)) == b"{}"
    with pytest.raises(CredentialUnusable, match="cluster 'broken'"):
        await broken.sender.send(LIST, Deadline(10))


async def test_a_credential_that_cannot_be_read(fleet: Fleet, registry: Registry, server: WireServer) -> None:
    unreadable = CredentialUnreadable("alpha", "It was encrypted with another key.")
    registry.opened = [replace(registry.opened[0], open_credential=refusing(unreadable))]

    (alpha,) = await fleet.clusters(OPERATOR)

    with pytest.raises(CredentialUnusable, match="another key"):
        await alpha.sender.send(LIST, Deadline(10))
    assert server.connections == 0


async def test_a_cluster_that_nobody_knows_how_to_reach_costs_itself_only(
    registry: Registry, server: WireServer
) -> None:
    def connect(cluster: OpenedCluster, identity: Identity) -> ClusterClient:
        if cluster.record.name == "alpha":
            raise RuntimeError
        return Network(ConnectionLimits())(cluster, identity)

    registry.put("beta", server)
    fleet = Fleet(registry, connect=connect)

    with capture_logs():
        alpha, beta = await fleet.clusters(OPERATOR)

    with pytest.raises(Unexpected):
        await alpha.sender.send(LIST, Deadline(5))
    server.answers = [http(b"{}")]
    assert await beta.sender.send(LIST, Deadline(5)) == b"{}"
    await fleet.close()


async def test_clusters_share_no_token(fleet: Fleet, registry: Registry, server: WireServer) -> None:
    other = dump_credential(BearerToken(Secret("other")))
    registry.put("beta", server, credential=other)
    server.answers = [http()]

    for cluster in await fleet.clusters(OPERATOR):
        await cluster.sender.send(LIST, Deadline(10))

    assert [server.headers(index)["authorization"] for index in range(2)] == ["Bearer t", "Bearer other"]


async def test_whoever_composes_it_says_how_clusters_are_reached(registry: Registry) -> None:
    made: list[Reached] = []

    def connect(cluster: OpenedCluster, _identity: Identity) -> Reached:
        made.append(Reached(cluster.record.name))
        return made[-1]

    fleet = Fleet(registry, connect=connect)
    (alpha,) = await fleet.clusters(OPERATOR)
    assert await alpha.sender.send(LIST, Deadline(10)) == b"alpha"
    await fleet.clusters(OPERATOR)
    registry.opened.clear()
    await fleet.clusters(OPERATOR)
    await fleet.close()

    assert [(item.name, item.ended) for item in made] == [("alpha", ["retired"])]


async def test_a_snapshot_has_the_time_that_it_was_taken(registry: Registry) -> None:
    origin = SnapshotOrigin(import_id="i", file_name="f", taken_at=NOW, version="v1", objects=1, kinds=1)
    record = replace(registry.opened[0].record, connection=origin)
    registry.opened = [OpenedCluster(record=record, open_credential=lambda: b"")]

    (reached,) = await Fleet(registry, connect=lambda cluster, _identity: Reached(cluster.record.name)).clusters(
        OPERATOR
    )
    (unreached,) = await Fleet(registry, connect=Network(ConnectionLimits())).clusters(OPERATOR)

    assert (reached.taken_at, unreached.taken_at) == (NOW, NOW)
    with pytest.raises(CredentialUnusable, match="it is a snapshot"):
        await unreached.sender.send(LIST, Deadline(10))


class Reached:
    """A client that answers nothing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ended: list[str] = []

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        return self.name.encode()

    async def close(self) -> None:
        self.ended.append("closed")

    async def retire(self) -> None:
        self.ended.append("retired")


async def test_many_clusters_are_found_in_slices(
    fleet: Fleet, registry: Registry, server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)
    for number in range(100):
        registry.put(f"c{number:03}", server)
    async with loop_clock() as clock:
        began = clock.turn

        assert len(await fleet.clusters(OPERATOR)) == 101
        assert clock.turn - began > 100


async def test_the_kinds_that_a_cluster_serves_are_shared_until_its_registration_changes(
    fleet: Fleet, registry: Registry, server: WireServer
) -> None:
    one, other = [(await fleet.clusters(caller))[0] for caller in (OPERATOR, replace(OPERATOR, name="other"))]
    registry.put("beta", server)
    after_another_cluster = (await fleet.clusters(OPERATOR))[0]
    registry.put("alpha", server, minute=1)
    after_a_change = (await fleet.clusters(OPERATOR))[0]

    assert one.served.cache is other.served.cache is after_another_cluster.served.cache
    assert after_a_change.served.cache is not one.served.cache
    assert one.served.sender is one.sender


async def test_a_closed_fleet_reads_no_kinds(fleet: Fleet) -> None:
    (cluster,) = await fleet.clusters(OPERATOR)
    await fleet.close()

    with pytest.raises(asyncio.CancelledError):
        await cluster.served.current(Deadline(10))
