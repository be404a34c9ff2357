"""`usageOver` of pods and of their containers."""

from collections.abc import Mapping, Sequence
from typing import Final

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.core.container import CONTAINERS, PodContainer
from resolvers.kinds.history.expressions import Per
from resolvers.kinds.history.period import PERIOD, Period
from resolvers.kinds.history.points import UsageOver
from resolvers.kinds.history.recording import ClusterHistory, History, Key, Wanted, histories
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, worked

POD_HISTORY: Final = Family(kinds.POD)

_FIELD: Final = "usageOver"


@POD_HISTORY.remote(
    name=_FIELD,
    description="What its containers used over a range of time, by the cluster's Prometheus: one query for each "
    "cluster. Null for a pod of which nothing was recorded, and in a cluster without one. An earlier pod of the same "
    "name counts as the same.",
    returns=UsageOver | None,
    arguments=PERIOD,
)
async def usage_over(pods: Rows, operation: Operation, period: Period) -> Sequence[History]:
    """Reads the usage of all pods at once."""
    keys = await collected((row.metadata.namespace or "", row.metadata.name) for row in pods.rows)
    found = await _histories(operation, Per.POD, period, keys, pods.clusters)

    def usage(place: tuple[FleetCluster, Row]) -> History:
        cluster, row = place
        namespace = row.metadata.namespace or ""
        return found[cluster].of((namespace, row.metadata.name), namespace)

    return await worked(usage, pods)


@CONTAINERS.remote(
    name=_FIELD,
    description="What it used over a range of time, by the cluster's Prometheus: one query for each cluster. Null for "
    "a container of which nothing was recorded, and in a cluster without one.",
    returns=UsageOver | None,
    arguments=PERIOD,
)
async def container_usage_over(containers: Rows, operation: Operation, period: Period) -> Sequence[History]:
    """Reads the usage of all containers at once."""
    keys = await collected(
        (row.pod.metadata.namespace or "", row.pod.metadata.name, row.name) for row in containers.rows
    )
    found = await _histories(operation, Per.CONTAINER, period, keys, containers.clusters)

    def usage(place: tuple[FleetCluster, PodContainer]) -> History:
        cluster, container = place
        metadata = container.pod.metadata
        namespace = metadata.namespace or ""
        return found[cluster].of((namespace, metadata.name, container.name), namespace)

    return await worked(usage, containers)


async def _histories(
    operation: Operation, per: Per, period: Period, keys: Sequence[Key], clusters: Sequence[FleetCluster]
) -> Mapping[FleetCluster, ClusterHistory]:
    """Returns the recorded usage of objects in each cluster; errors as for `histories`.

    Args:
        operation: the operation.
        per: the objects.
        period: the time.
        keys: the key of each object.
        clusters: the cluster of each object.
    """
    of_clusters: dict[FleetCluster, set[Key]] = {}
    async for batch in batches(zip(clusters, keys, strict=True)):
        for cluster, key in batch:
            of_clusters.setdefault(cluster, set()).add(key)
    wanted = {cluster: Wanted(sorted({key[0] for key in own}), frozenset(own)) for cluster, own in of_clusters.items()}
    return await histories(operation, per, period, wanted, places=clusters)
