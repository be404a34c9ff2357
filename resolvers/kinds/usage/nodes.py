"""`Node.usage`, and its part of what the node offers to pods."""

from collections.abc import Sequence

from k8s.kinds import builtin as kinds
from k8s.kinds.metrics import NODE_METRICS
from k8s.reading.rowdecoders import Row
from resolvers.kinds.totals.capacity import READS, offered
from resolvers.kinds.usage.ratios import UsageRatio, ratio_of
from resolvers.kinds.usage.reading import METRICS, metrics_of
from resolvers.kinds.usage.usage import Usage, UsageSum, usage_of_node
from resolvers.links.absent import Absent
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import mapped

NODE_USAGE = Family(kinds.NODE)


@NODE_USAGE.remote(
    description="What the node uses now, by the metrics API (metrics.k8s.io): one list of metrics for each cluster, or "
    "a few requests by name. Null for a node without metrics, and in a cluster without the API.",
    returns=Usage | None,
    lists=(METRICS,),
)
async def usage(nodes: Rows, operation: Operation) -> Sequence[Usage | Absent | None]:
    """Reads the metrics of all nodes at once."""
    return await mapped(_usage, await metrics_of(operation, NODE_METRICS, nodes))


@NODE_USAGE.remote(
    *READS,
    description="Usage ÷ allocatable, the resources that the node offers to pods, as `kubectl top node` shows it in "
    "percent. Null where `usage` is.",
    returns=UsageRatio | None,
    lists=(METRICS,),
)
async def usage_ratio(nodes: Rows, operation: Operation) -> Sequence[UsageRatio | Absent | None]:
    """Reads the metrics of all nodes at once; `usage` shares them."""
    return await mapped(_ratio, nodes.rows, await metrics_of(operation, NODE_METRICS, nodes))


def _usage(metrics: Row | Absent | None) -> Usage | Absent | None:
    return metrics if metrics is None or isinstance(metrics, Absent) else usage_of_node(metrics)


def _ratio(node: Row, metrics: Row | Absent | None) -> UsageRatio | Absent | None:
    if metrics is None or isinstance(metrics, Absent):
        return metrics
    used = UsageSum()
    used.add_node(metrics)
    return ratio_of(used, offered(node))
