"""`usage` of the kinds that control pods, directly or through another kind: the sums of their pods."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds.builtin import POD
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import POD_METRICS
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.totals.controlledpods import BETWEEN, Controlled, controlled_lists, controlled_pods
from resolvers.kinds.totals.podsums import READS
from resolvers.kinds.usage.ratios import PodUsageRatio, pod_ratio
from resolvers.kinds.usage.reading import METRICS, ClusterMetrics, listed_metrics
from resolvers.kinds.usage.usage import Usage, UsageSum
from resolvers.links.absent import Absent, NoValue, absent_if_masked
from resolvers.links.members import Family
from resolvers.links.owners import UID
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped, worked
from resolvers.together import both

_Used: TypeAlias = tuple[Controlled, UsageSum | Absent | None]
"""The pods of an object, and their usage; None if none is measured."""


async def _used(kind: Kind, objects: Rows, operation: Operation) -> list[_Used]:
    """Reads pods, their metrics and the objects between at once, and adds the metrics of each object's pods."""
    homes: dict[FleetCluster, set[str]] = {}
    async for batch in batches(objects):
        for cluster, row in batch:
            homes.setdefault(cluster, set()).add(row.metadata.namespace)
    pods, metrics = await both(controlled_pods(operation, kind, objects), listed_metrics(operation, POD_METRICS, homes))
    pace, used = Pace(), list[_Used]()
    for own, cluster, row in zip(pods, objects.clusters, objects.rows, strict=True):
        used.append((own, await _measured(own, metrics[cluster], row.metadata.namespace, pace)))
    return used


async def _measured(own: Controlled, metrics: ClusterMetrics, namespace: str, pace: Pace) -> UsageSum | Absent | None:
    total = UsageSum()

    def add(name: str) -> None:
        row = metrics.rows.get(f"{namespace}/{name}")
        if row is not None:
            total.add_pod(row)

    await worked(add, () if isinstance(own, ClusterError) else own.names, pace)
    return metrics.missing(namespace) if total.is_empty else total


def _usage(used: _Used) -> Usage | NoValue | None:
    pods, total = used
    if isinstance(pods, ClusterError):
        return pods
    return total.usage if isinstance(total, UsageSum) else total


def _ratio(used: _Used) -> PodUsageRatio | NoValue | None:
    pods, total = used
    if isinstance(pods, ClusterError):
        return pods
    return pod_ratio(total, pods.sum.requests, pods.sum.limits) if isinstance(total, UsageSum) else total


def _family(kind: Kind, between: Kind | None) -> Family:
    family = Family(kind)
    through = "" if between is None else f" (of its {between.name} objects)"
    lists = (*controlled_lists(between), METRICS)

    async def usage(objects: Rows, operation: Operation) -> Sequence[Usage | NoValue | None]:
        return await mapped(_usage, await _used(kind, objects, operation))

    async def usage_ratio(objects: Rows, operation: Operation) -> Sequence[PodUsageRatio | NoValue | None]:
        absent = absent_if_masked(operation.masking, [(POD, READS)])
        if absent is not None:
            return [absent] * len(objects)
        return await mapped(_ratio, await _used(kind, objects, operation))

    family.remote(
        UID,
        name="usage",
        description=f"What its pods{through} use now, by the metrics API (metrics.k8s.io): one list of metrics and "
        "one of pods for each cluster. Null if its pods have no metrics, and in a cluster without the API.",
        returns=Usage | None,
        lists=lists,
    )(usage)
    family.remote(
        UID,
        name="usageRatio",
        description="Usage ÷ requests and usage ÷ limits of its pods that have not ended; above 1 if they use more. "
        "Pods without limits count in the usage only. Null where `usage` is.",
        returns=PodUsageRatio | None,
        lists=lists,
    )(usage_ratio)
    return family


WORKLOAD_USAGE: Final = tuple(_family(kind, between) for kind, between in BETWEEN.items())
