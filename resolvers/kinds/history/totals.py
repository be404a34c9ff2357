"""`usageOver` of namespaces and of clusters: sums that their Prometheus computes."""

from collections.abc import Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.cluster import CLUSTERS
from resolvers.kinds.history.expressions import Per
from resolvers.kinds.history.period import PERIOD, Period
from resolvers.kinds.history.points import UsageOver
from resolvers.kinds.history.recording import History, Wanted, histories
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import worked

NAMESPACE_HISTORY: Final = Family(kinds.NAMESPACE)


@NAMESPACE_HISTORY.remote(
    name="usageOver",
    description="What its pods used over a range of time, those that are gone included, by the cluster's Prometheus: "
    "one query for each cluster. Null if nothing was recorded, and in a cluster without one.",
    returns=UsageOver | None,
    arguments=PERIOD,
)
async def namespace_usage_over(namespaces: Rows, operation: Operation, period: Period) -> Sequence[History]:
    """Reads the sums of all namespaces at once."""
    homes: dict[FleetCluster, list[str]] = {}
    for cluster, row in namespaces:
        homes.setdefault(cluster, []).append(row.metadata.name)
    wanted = {cluster: Wanted(names, frozenset((name,) for name in names)) for cluster, names in homes.items()}
    found = await histories(operation, Per.NAMESPACE, period, wanted, places=namespaces.clusters)
    return await worked(lambda place: found[place[0]].of((place[1].metadata.name,), place[1].metadata.name), namespaces)


@CLUSTERS.remote(
    name="usageOver",
    description="What its nodes used over a range of time, those that are gone included, by its Prometheus: one query. "
    "Null if nothing was recorded, and in a cluster without one.",
    returns=UsageOver | None,
    arguments=PERIOD,
)
async def cluster_usage_over(clusters: Rows, operation: Operation, period: Period) -> Sequence[History]:
    """Reads the sum of each cluster."""
    wanted = dict.fromkeys(clusters.rows, Wanted((), frozenset([()])))
    found = await histories(operation, Per.CLUSTER, period, wanted, places=clusters.rows)
    return [found[cluster].of(()) for cluster in clusters.rows]
