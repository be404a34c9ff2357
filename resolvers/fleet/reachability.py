"""Reachability of a cluster: the answer to one small request, or to another if that one is refused."""

from dataclasses import dataclass
from time import perf_counter

from k8s.apiserver.proof import Proof
from k8s.apiserver.version import read_version
from k8s.errors import ClusterError
from k8s.transport.deadline import Deadline
from resolvers.fleet.cluster import FleetCluster
from resolvers.unexpected import contained


@dataclass(frozen=True, slots=True)
class Reachability:
    """Version and latency of a cluster that answers, or the error of one that does not.

    Attributes:
        version: The API server's release; None without an answer, and if the cluster does not tell.
        latency_ms: Milliseconds until the answer to one small request.
    """

    version: str | None
    latency_ms: float | None
    error: ClusterError | None


async def read_reachability(cluster: FleetCluster, deadline: Deadline) -> Reachability:
    """Reads the version of a cluster, or else the refusal; a failure is part of the result."""
    started_s = perf_counter()
    proof = Proof(cluster.sender, deadline)
    try:
        with contained(cluster.name):
            version = await proof.ask(read_version)
            latency_ms = round((perf_counter() - started_s) * 1000, 3)
            await proof.require()
    except ClusterError as error:
        return Reachability(None, None, error)
    return Reachability(version, latency_ms, None)
