"""The clusters of the benchmark and their registry."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from k8s.kubeconfig.kubeconfig import KubeconfigContext, parse_kubeconfig
from k8s.kubeconfig.policy import KubeconfigPolicy
from k8s.transport.limits import ConnectionLimits
from resolvers.fleet.fleet import Fleet
from resolvers.fleet.network import Network
from resolvers.fleet.stored import new_cluster
from store.database.url import DatabaseUrl
from store.registry import Registry
from tests.controlplane.cluster import Cluster
from tests.controlplane.fleet import ControlPlanes
from tests.controlplane.kubeconfig import kubeconfig_text
from tests.controlplane.objects import FleetSize
from tests.controlplane.writer import populate

SIZE = FleetSize(namespaces=20, nodes=200, deployments=500, pods=5000)
NAMES = ("one", "two", "three")


@dataclass(frozen=True, slots=True)
class BenchFleet:
    """Three registered clusters of the same size: `three` is the API server of `one` once more.

    Attributes:
        fleet: The fleet, as in the server.
        contexts: The connections to the clusters by name, for the peers.
        database: The registry's file, for other processes.
        kubeconfig: The kubeconfig of the official client.
        one: The API server of `one`, for further objects.
    """

    fleet: Fleet
    contexts: dict[str, KubeconfigContext]
    database: Path
    kubeconfig: Path
    one: Cluster


@asynccontextmanager
async def bench_fleet(directory: Path) -> AsyncIterator[BenchFleet]:
    """Starts two API servers, fills each with 5,000 pods and registers them."""
    with ControlPlanes(living=False) as planes:
        for cluster in (planes.alpha, planes.beta):
            print(f"writing {SIZE.pods} pods to an API server ...", flush=True)
            await populate(cluster, SIZE)
        clusters = dict(zip(NAMES, (planes.alpha, planes.beta, planes.alpha), strict=True))
        database = directory / "fleetgraph.db"
        async with await Registry.open(DatabaseUrl.for_file(database)) as registry:
            contexts = {name: _context(cluster) for name, cluster in clusters.items()}
            for name, context in contexts.items():
                await registry.clusters.add(
                    new_cluster(name, context.endpoint, credential=context.credential, labels=None)
                )
            fleet = Fleet(registry.registered, connect=Network(ConnectionLimits()))
            kubeconfig = directory / "kubeconfig"
            kubeconfig.write_text(kubeconfig_text([planes.alpha]))
            yield BenchFleet(fleet, contexts, database, kubeconfig, planes.alpha)
            await fleet.close()


def _context(cluster: Cluster) -> KubeconfigContext:
    text = kubeconfig_text([cluster]).encode()
    return parse_kubeconfig(text, source="bench", policy=KubeconfigPolicy()).context(cluster.name)
