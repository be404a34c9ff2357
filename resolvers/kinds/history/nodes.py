"""`usageOver` of nodes, whose series have the node's name, or an address at which its kubelet is scraped."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.history.expressions import Per
from resolvers.kinds.history.period import PERIOD, Period
from resolvers.kinds.history.points import Recorded, UsageOver, greatest
from resolvers.kinds.history.recording import ClusterHistory, History, Key, Wanted, histories, host_of
from resolvers.kinds.longlists import items_of
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, worked

NODE_HISTORY: Final = Family(kinds.NODE)


@NODE_HISTORY.remote(
    "status.addresses.address",
    name="usageOver",
    description="What the node used over a range of time, with its system, by the cluster's Prometheus: one query for "
    "each cluster. Null for a node of which nothing was recorded, and in a cluster without one.",
    returns=UsageOver | None,
    arguments=PERIOD,
)
async def node_usage_over(nodes: Rows, operation: Operation, period: Period) -> Sequence[History]:
    """Reads the usage of all nodes at once."""
    hosts_of: dict[FleetCluster, set[Key]] = {cluster: set() for cluster in nodes.distinct_clusters()}
    async for batch in batches(nodes):
        for cluster, node in batch:
            hosts_of[cluster].update((host,) for host in _hosts(node))
    wanted = {cluster: Wanted((), frozenset(hosts)) for cluster, hosts in hosts_of.items()}
    found = await histories(operation, Per.NODE, period, wanted, places=nodes.clusters)
    by_host = {cluster: await _by_host(history) for cluster, history in found.items()}

    def usage(place: tuple[FleetCluster, Row]) -> History:
        cluster, node = place
        hosts = by_host[cluster]
        parts = [part for host in _hosts(node) for part in hosts.get(host, ())]
        return found[cluster].value(greatest(parts) if parts else None)

    return await worked(usage, nodes)


async def _by_host(history: ClusterHistory) -> Mapping[str, Sequence[Recorded]]:
    """Returns series by the name of the node; without one, by the host of the instance that was scraped."""
    found: dict[str, list[Recorded]] = {}
    async for batch in batches(history.series.items()):
        for (node, instance), recorded in batch:
            found.setdefault(node or host_of(instance), []).append(recorded)
    return found


def _hosts(node: Row) -> Iterable[str]:
    addresses = items_of(node.status and node.status.addresses)
    return dict.fromkeys([node.metadata.name, *(one.address for one in addresses if one.address)])
