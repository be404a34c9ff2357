"""Members of Leases and LeaseCandidates beyond their Kubernetes fields, and of the nodes and pods that hold leases."""

from collections.abc import Iterator, Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.ages import now_of, seconds_between, time_of
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family, Shape
from resolvers.links.naming import NamedPlace, Naming, add_named, add_naming, by_paths, namespace_of
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

LEASES = Family(kinds.LEASE)
LEASE_CANDIDATES = Family(kinds.LEASE_CANDIDATE)
NODES_WITH_LEASES = Family(kinds.NODE)
PODS_WITH_LEASES = Family(kinds.POD)

NODE_LEASES: Final = "kube-node-lease"
"""The namespace of the leases of nodes. Source: `NamespaceNodeLease` in k8s.io/api/core/v1/types.go."""


@LEASES.derived(
    "spec.acquireTime",
    "spec.holderIdentity",
    description="The number of seconds for which its holder has it; null without a holder, or without acquireTime, "
    "which leases of nodes do not have.",
)
def held_for_seconds(lease: Row, cluster: FleetCluster) -> int | None:
    """Returns the time since it was acquired, which for a snapshot ends when that was taken."""
    spec = lease.spec
    if spec is None or not spec.holderIdentity:
        return None
    return seconds_between(time_of(spec.acquireTime), now_of(cluster))


@LEASES.derived(
    "spec.renewTime",
    "spec.leaseDurationSeconds",
    "spec.holderIdentity",
    description="True if its holder has not renewed it for longer than leaseDurationSeconds, so that another may take "
    "it; null without a holder, or without those times.",
)
def is_stale(lease: Row, cluster: FleetCluster) -> bool | None:
    """Returns whether the lease has expired.

    Source: `isLeaseExpired` in kubernetes/pkg/controlplane/controller/leaderelection/election.go, v1.37.
    """
    spec = lease.spec
    if spec is None or not spec.holderIdentity or spec.leaseDurationSeconds is None:
        return None
    renewed = time_of(spec.renewTime)
    if renewed is None:
        return None
    return int((now_of(cluster) - renewed).total_seconds()) > int(spec.leaseDurationSeconds)


def _node(lease: Row) -> Iterator[NamedPlace]:
    if namespace_of(lease) == NODE_LEASES:
        yield None, lease.metadata.name


def _pod(lease: Row) -> Iterator[NamedPlace]:
    """Yields the pod of the holder: client-go's identities are `<host name>_<id>`, and a pod's host name its own."""
    holder = lease.spec.holderIdentity if lease.spec is not None else None
    if holder and namespace_of(lease) != NODE_LEASES:
        yield namespace_of(lease), holder.partition("_")[0]


_NODES = Naming(kinds.LEASE, kinds.NODE, ("metadata.name", "metadata.namespace"), _node)
_PODS = Naming(kinds.LEASE, kinds.POD, ("spec.holderIdentity", "metadata.namespace"), _pod)
_CANDIDATES = by_paths(kinds.LEASE_CANDIDATE, kinds.LEASE, "spec.leaseName")

add_named(LEASES, _NODES, shape=Shape.ONE, description="The node that renews it; null for leases of other holders.")
add_named(
    LEASES,
    _PODS,
    shape=Shape.ONE,
    description="The pod that holds it: the pod in its namespace whose name begins its holder's identity.",
)
add_naming(LEASES, _CANDIDATES, description="The candidates for it, with coordinated leader election.")
add_named(LEASE_CANDIDATES, _CANDIDATES, shape=Shape.ONE, description="The lease that it is a candidate for.")
add_naming(PODS_WITH_LEASES, _PODS, description="The leases that it holds, by the identity of their holders.")


@NODES_WITH_LEASES.link("metadata.name", to=kinds.LEASE, description="The lease that its kubelet renews.")
async def lease(nodes: Rows, fetch: Fetch) -> Sequence[Row | None]:
    """Reads leases by name."""
    names = await collected((cluster, NODE_LEASES, node.metadata.name) for cluster, node in nodes)
    return await fetch.named(kinds.LEASE, names)
