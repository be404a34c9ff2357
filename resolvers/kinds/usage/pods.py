"""Usage of pods and of their containers, and its part of their requests and limits."""

from collections.abc import Callable, Sequence
from typing import Any

from k8s.kinds import builtin as kinds
from k8s.kinds.metrics import POD_METRICS
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.container import CONTAINERS, PodContainer, of_specs
from resolvers.kinds.core.podresources import READS, pod_limits, pod_requests
from resolvers.kinds.longlists import items_of
from resolvers.kinds.resources import amounts_of
from resolvers.kinds.usage.ratios import PodUsageRatio, pod_ratio
from resolvers.kinds.usage.reading import METRICS, metrics_of
from resolvers.kinds.usage.usage import Usage, UsageSum, usage_of_container, usage_of_pod
from resolvers.links.absent import Absent
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import collected, worked

POD_USAGE = Family(kinds.POD)


@POD_USAGE.remote(
    description="What its containers use now, by the metrics API (metrics.k8s.io): one list of metrics for each "
    "cluster, or a few requests by name. Null for a pod without metrics, and in a cluster without the API.",
    returns=Usage | None,
    lists=(METRICS,),
)
async def usage(pods: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of all pods at once."""
    return await worked(_usage, await metrics_of(operation, POD_METRICS, pods))


@POD_USAGE.remote(
    *READS,
    description="Usage ÷ requests and usage ÷ limits of the whole pod, as `requests` and `limits` count them. Null "
    "where `usage` is.",
    returns=PodUsageRatio | None,
    lists=(METRICS,),
)
async def usage_ratio(pods: Rows, operation: Operation) -> Sequence[PodUsageRatio | Absent | None]:
    """Reads the metrics of all pods at once; `usage` shares them."""
    metrics = await metrics_of(operation, POD_METRICS, pods)
    return await worked(_ratio, zip(pods.rows, metrics, strict=True))


def _ratio(measured: tuple[Row, Row | Absent | None]) -> PodUsageRatio | Absent | None:
    pod, metrics = measured
    if metrics is None or isinstance(metrics, Absent):
        return metrics
    used = UsageSum()
    used.add_pod(metrics)
    return pod_ratio(used, pod_requests(pod), pod_limits(pod))


def _usage(metrics: Row | Absent | None) -> Usage | Absent | None:
    return metrics if metrics is None or isinstance(metrics, Absent) else usage_of_pod(metrics)


@CONTAINERS.remote(
    name="usage",
    description="What it uses now, by the metrics API (metrics.k8s.io), which the pod's `usage` shares. Null for a "
    "container without metrics, such as one that has ended, and in a cluster without the API.",
    returns=Usage | None,
    lists=(METRICS,),
)
async def container_usage(containers: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of the pods of all containers at once."""
    return await _each(containers, operation, lambda _container, *measured: usage_of_container(*measured))


@CONTAINERS.remote(
    *of_specs("resources.requests", "resources.limits"),
    name="usageRatio",
    description="Usage ÷ requests and usage ÷ limits of its spec. Null where `usage` is.",
    returns=PodUsageRatio | None,
    lists=(METRICS,),
)
async def container_usage_ratio(containers: Rows, operation: Operation) -> Sequence[PodUsageRatio | Absent | None]:
    """Reads the metrics of the pods of all containers at once."""
    return await _each(containers, operation, _container_ratio)


def _container_ratio(container: PodContainer, measured: Row, _metrics: Row) -> PodUsageRatio:
    used, resources = UsageSum(), container.spec.resources
    used.add_container(measured)
    return pod_ratio(used, amounts_of(resources and resources.requests), amounts_of(resources and resources.limits))


async def _each(
    containers: Rows, operation: Operation, value: Callable[[PodContainer, Row, Row], Any]
) -> Sequence[Any]:
    """Returns the value of each container from its metrics and those of its pod."""
    pods = Rows(await collected(container.pod for container in containers.rows), containers.clusters)
    metrics = await metrics_of(operation, POD_METRICS, pods)
    by_name: dict[int, dict[str, Row]] = {}

    def one(measured: tuple[PodContainer, Row | Absent | None]) -> Any:
        container, own = measured
        if own is None or isinstance(own, Absent):
            return own
        if id(own) not in by_name:
            by_name[id(own)] = {part.name: part for part in items_of(own.containers)}
        part = by_name[id(own)].get(container.name)
        return None if part is None else value(container, part, own)

    return await worked(one, zip(containers.rows, metrics, strict=True))
