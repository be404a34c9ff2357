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
from resolvers.kinds.history.recording import ClusterHistory, Wanted, histories
from resolvers.links.absent import Absent
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
async def usage_over(pods: Rows, operation: Operation, period: Period) -> Sequence[UsageOver | Absent | None]:
    """Reads the usage of all pods at once."""
    found = await histories_of_pods(operation, Per.POD, period, pods)

    def usage(place: tuple[FleetCluster, Row]) -> UsageOver | Absent | None:
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
async def container_usage_over(
    containers: Rows, operation: Operation, period: Period
) -> Sequence[UsageOver | Absent | None]:
    """Reads the usage of all containers at once."""
    pods = Rows(await collected(container.pod for container in containers.rows), containers.clusters)
    found = await histories_of_pods(operation, Per.CONTAINER, period, pods)

    def usage(place: tuple[FleetCluster, PodContainer]) -> UsageOver | Absent | None:
        cluster, container = place
        metadata = container.pod.metadata
        namespace = metadata.namespace or ""
        return found[cluster].of((namespace, metadata.name, container.name), namespace)

    return await worked(usage, containers)


async def histories_of_pods(
    operation: Operation, per: Per, period: Period, pods: Rows
) -> Mapping[FleetCluster, ClusterHistory]:
    """Returns the recorded usage of pods, or of their containers, in each cluster; errors as for `histories`."""
    namespaces: dict[FleetCluster, dict[str, None]] = {}
    names: dict[FleetCluster, dict[str, None]] = {}
    async for batch in batches(pods):
        for cluster, row in batch:
            namespaces.setdefault(cluster, {})[row.metadata.namespace or ""] = None
            names.setdefault(cluster, {})[row.metadata.name] = None
    wanted = {cluster: Wanted(homes, names[cluster]) for cluster, homes in namespaces.items()}
    return await histories(operation, per, period, wanted, places=pods.clusters)
