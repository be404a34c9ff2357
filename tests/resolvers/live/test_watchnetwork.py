"""Watches beside the reads of registered clusters: neither has a say in the other."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace
from unittest.mock import Mock

import pytest

from k8s.credentials.credential import BearerToken, Secret, dump_credential
from k8s.errors import CircuitOpen, ClusterError
from k8s.kinds.builtin import CONFIG_MAP
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.limits import ConnectionLimits
from k8s.transport.path import list_path
from k8s.watches.freshness import Freshness
from k8s.watches.target import WatchTarget
from k8s.watches.watchbudget import TooManyWatches
from k8s.watches.watchfigures import WatchFigures
from resolvers.authorization import ADMINISTRATOR
from resolvers.fleet.network import Network
from resolvers.live.watchingclient import WatchingClient
from resolvers.live.watchnetwork import WatchNetwork
from resolvers.live.watchpolicy import WatchPolicy
from store.clusters.cluster import ClusterConnection, OpenedCluster
from tests.controlplane.cluster import Cluster
from tests.controlplane.faults import Cut, server_error
from tests.controlplane.proxy import FaultProxy
from tests.k8s.watches.followed import Followed
from tests.k8s.watches.maps import Maps
from tests.resolvers.test_authorization import ALPHA

pytestmark = pytest.mark.controlplane
NAMESPACE = "watchnetwork"
TARGET = WatchTarget(CONFIG_MAP, NAMESPACE)
LIST = Call(list_path(CONFIG_MAP, NAMESPACE), "list", "configmaps", query=(("limit", "1"),))
LIMITS = ConnectionLimits(connect_timeout_s=30, connections=1)


def opened(cluster: Cluster) -> OpenedCluster:
    connection = ClusterConnection(server=cluster.server, ca_pem=cluster.ca_pem.decode())
    credential = dump_credential(BearerToken(Secret(cluster.token())))
    return OpenedCluster(record=replace(ALPHA, connection=connection), open_credential=lambda: credential)


@asynccontextmanager
async def client_of(
    cluster: Cluster, policy: WatchPolicy | None = None, figures: WatchFigures | None = None
) -> AsyncIterator[WatchingClient]:
    network = Network(LIMITS, watches=WatchNetwork(LIMITS, policy, figures=figures))
    client = network(opened(cluster), ADMINISTRATOR)
    assert isinstance(client, WatchingClient)
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture
async def maps(alpha: Cluster) -> AsyncIterator[Maps]:
    async with Maps.opened(alpha, NAMESPACE) as maps:
        yield maps


async def test_watches_take_no_connection_of_reads(alpha: Cluster, maps: Maps) -> None:
    """Three watches run beside the only connection for reads."""
    figures = WatchFigures()
    async with client_of(alpha, figures=figures) as client:
        targets = [replace(TARGET, label_selector=f"n={number}") for number in range(3)]
        with ExitStack() as stack:
            for target in targets:
                await Followed(stack.enter_context(client.watches(opened(alpha)).held(target))).live()
            assert client.is_watching
            await client.send(LIST, Deadline(30))
            [(name, shown)] = figures
            assert (name, len(shown.running)) == (ALPHA.name, 3)
        assert not client.is_watching


async def test_watches_that_fail_open_no_breaker_for_reads(
    alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]
) -> None:
    proxy = fault_proxy(alpha)
    proxy.when(f"{LIST.path}?watch", server_error())
    async with client_of(proxy.cluster) as client:
        for number in range(10):
            with client.watches(opened(proxy.cluster)).held(replace(TARGET, label_selector=f"n={number}")) as held:
                await Followed(held).failed()
        await client.send(LIST, Deadline(30))


async def test_reads_that_fail_end_no_watch(alpha: Cluster, maps: Maps, fault_proxy: Callable[..., FaultProxy]) -> None:
    proxy = fault_proxy(alpha)
    async with client_of(proxy.cluster) as client:
        with client.watches(opened(proxy.cluster)).held(TARGET) as held:
            followed = await Followed(held).live()
            proxy.when(f"{LIST.path}?limit", Cut(before_headers=True))
            failures = [await _failure(client) for _ in range(8)]
            assert isinstance(failures[-1], CircuitOpen)
            await maps.put("a")
            await followed.until(lambda: "a" in followed.names())
            assert held.freshness is Freshness.LIVE


async def _failure(client: WatchingClient) -> ClusterError:
    with pytest.raises(ClusterError) as caught:
        await client.send(LIST, Deadline(30))
    return caught.value


async def test_the_watches_of_a_cluster_have_a_budget(alpha: Cluster, maps: Maps) -> None:
    async with client_of(alpha, WatchPolicy(in_cluster=1)) as client:
        with client.watches(opened(alpha)).held(TARGET):
            with pytest.raises(TooManyWatches, match="FLEETGRAPH_MAX_WATCHES_PER_CLUSTER"):
                client.watches(opened(alpha)).held(replace(TARGET, namespace=None)).__enter__()
            assert client.is_watching


async def test_a_client_without_watches_makes_no_connection_for_them(
    alpha: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Mock()
    monkeypatch.setattr(WatchNetwork, "watches", made)
    async with client_of(alpha) as client:
        assert not client.is_watching
        await client.retire()
    assert not made.called
