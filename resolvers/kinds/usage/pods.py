"""`Pod.usage`, and its part of the pod's requests and limits."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.core.podresources import READS, pod_limits, pod_requests
from resolvers.kinds.usage.metricskinds import POD_METRICS
from resolvers.kinds.usage.ratios import PodUsageRatio, pod_ratio
from resolvers.kinds.usage.reading import metrics_of
from resolvers.kinds.usage.usage import Usage, UsageSum, usage_of_pod
from resolvers.links.absent import Absent
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import worked

POD_USAGE = Family(kinds.POD)


@POD_USAGE.remote(
    description="What its containers use now, by the metrics API (metrics.k8s.io): one list of metrics for each "
    "cluster, or a few requests by name. Null for a pod without metrics, and in a cluster without the API.",
    returns=Usage | None,
)
async def usage(pods: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of all pods at once."""
    return await worked(_usage, await metrics_of(operation, POD_METRICS, pods))


@POD_USAGE.remote(
    *READS,
    description="Usage ÷ requests and usage ÷ limits of the whole pod, as `requests` and `limits` count them. Null "
    "where `usage` is.",
    returns=PodUsageRatio | None,
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
