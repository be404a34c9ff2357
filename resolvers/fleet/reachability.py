"""Whether a cluster answers."""

from dataclasses import dataclass
from time import perf_counter

from k8s.apiserver.version import read_version
from k8s.errors import ClusterError
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from resolvers.unexpected import contained


@dataclass(frozen=True, slots=True)
class Reachability:
    """The answer to one small request: version and milliseconds, or why there was none."""

    version: str | None
    latency_ms: float | None
    error: ClusterError | None


async def read_reachability(cluster: FleetCluster, deadline: Deadline) -> Reachability:
    """Asks a cluster for its version; a failure is a value."""
    started_s = perf_counter()
    try:
        with contained(cluster.name):
            version = await read_version(cluster.sender, deadline)
    except ClusterError as error:
        return Reachability(None, None, error)
    return Reachability(version, round((perf_counter() - started_s) * 1000, 3), None)
