"""`Pod.usage`."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.reading.rowdecoders import Row
from resolvers.kinds.usage.metricskinds import POD_METRICS
from resolvers.kinds.usage.reading import metrics_of
from resolvers.kinds.usage.usage import Usage, usage_of_pod
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


def _usage(metrics: Row | Absent | None) -> Usage | Absent | None:
    return metrics if metrics is None or isinstance(metrics, Absent) else usage_of_pod(metrics)
