"""`usage` of namespaces and of clusters: sums over their pods and their nodes."""

from collections.abc import Mapping, Sequence

from k8s.kinds import builtin as kinds
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.cluster import CLUSTERS
from resolvers.kinds.totals.capacity import NODE_LIST, Nodes, nodes_of
from resolvers.kinds.totals.podlists import POD_LIST, Sum, sums_of_namespaces
from resolvers.kinds.usage.ratios import PodUsageRatio, UsageRatio, pod_ratio, ratio_of
from resolvers.kinds.usage.reading import METRICS, listed_metrics
from resolvers.kinds.usage.usage import Usage, UsageSum
from resolvers.links.absent import Absent, NoValue
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped
from resolvers.together import both

NAMESPACE_USAGE = Family(kinds.NAMESPACE)


@NAMESPACE_USAGE.remote(
    description="What its pods use now, by the metrics API (metrics.k8s.io): one list of metrics for each cluster. "
    "Null for a namespace whose pods have no metrics, and in a cluster without the API.",
    returns=Usage | None,
    lists=(METRICS,),
)
async def usage(namespaces: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of the pods of all namespaces at once, and adds them."""
    used = await _used_in(namespaces, operation)
    return [one.usage if isinstance(one, UsageSum) else one for one in used]


@NAMESPACE_USAGE.remote(
    name="usageRatio",
    description="Usage ÷ requests and usage ÷ limits of its pods that have not ended. Pods without limits count in the "
    "usage only. Null where `usage` is, or `requested`.",
    returns=PodUsageRatio | None,
    lists=(POD_LIST, METRICS),
)
async def usage_ratio(namespaces: Rows, operation: Operation) -> Sequence[PodUsageRatio | NoValue | None]:
    """Reads the pods of all namespaces, which `requested` shares, and their metrics, which `usage` shares."""
    sums, used = await both(sums_of_namespaces(operation, namespaces), _used_in(namespaces, operation))
    return await mapped(_ratio_of_pods, sums, used)


def _ratio_of_pods(own: Sum, used: UsageSum | Absent | None) -> PodUsageRatio | NoValue | None:
    if isinstance(own, NoValue):
        return own
    return pod_ratio(used, own.requests, own.limits) if isinstance(used, UsageSum) else used


async def _used_in(namespaces: Rows, operation: Operation) -> list[UsageSum | Absent | None]:
    """Returns the usage of each namespace, or the reason for its absence; None for one without measured pods."""
    homes: dict[FleetCluster, list[str]] = {}
    for cluster, row in namespaces:
        homes.setdefault(cluster, []).append(row.metadata.name)
    found = await listed_metrics(operation, POD_METRICS, homes)
    sums: dict[tuple[FleetCluster, str], UsageSum] = {}
    for cluster, metrics in found.items():
        async for batch in batches(metrics.rows.values()):
            for row in batch:
                sums.setdefault((cluster, row.metadata.namespace), UsageSum()).add_pod(row)
    places = [(cluster, row.metadata.name) for cluster, row in namespaces]
    return [sums[place] if place in sums else found[place[0]].missing(place[1]) for place in places]


@CLUSTERS.remote(
    name="usage",
    description="What its nodes use now, by the metrics API (metrics.k8s.io): one list of metrics. Null in a cluster "
    "without the API.",
    returns=Usage | None,
    lists=(METRICS,),
)
async def cluster_usage(clusters: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of the nodes of each cluster, and adds them."""
    used = await _used(clusters, operation)
    return [one if isinstance(one, Absent) else one.usage for one in map(used.__getitem__, clusters.rows)]


@CLUSTERS.remote(
    name="usageRatio",
    description="Usage ÷ allocatable of all its nodes. Null where `usage` is.",
    returns=UsageRatio | None,
    lists=(NODE_LIST, METRICS),
)
async def cluster_usage_ratio(clusters: Rows, operation: Operation) -> Sequence[UsageRatio | NoValue | None]:
    """Reads the nodes of each cluster, which `capacity` shares, and their metrics, which `usage` shares."""
    nodes, used = await both(nodes_of(operation, clusters.rows), _used(clusters, operation))
    return [_ratio(of_cluster, used[cluster]) for cluster, of_cluster in zip(clusters.rows, nodes, strict=True)]


def _ratio(nodes: Nodes, used: UsageSum | Absent) -> UsageRatio | NoValue:
    if isinstance(nodes, NoValue):
        return nodes
    return used if isinstance(used, Absent) else ratio_of(used, nodes.allocatable)


async def _used(clusters: Rows, operation: Operation) -> Mapping[FleetCluster, UsageSum | Absent]:
    """Returns the sum of the nodes of each cluster, or the reason for its absence."""
    sums: dict[FleetCluster, UsageSum | Absent] = {}
    homes: dict[FleetCluster, Sequence[str]] = dict.fromkeys(clusters.rows, ())
    for cluster, metrics in (await listed_metrics(operation, NODE_METRICS, homes)).items():
        total = UsageSum()
        async for batch in batches(metrics.rows.values()):
            for row in batch:
                total.add_node(row)
        sums[cluster] = metrics.absent or total
    return sums
