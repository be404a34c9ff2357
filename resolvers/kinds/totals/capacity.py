"""Resources that nodes offer to pods: one node, and all nodes of a cluster together."""

from collections.abc import Sequence
from typing import Final, TypeAlias

from msgspec import Struct, field

from k8s.kinds.builtin import NODE
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.resources import ResourceList, add, amounts_of
from resolvers.links.absent import NoValue, absent_if_masked
from resolvers.lists.clusteranswer import Summary
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion
from resolvers.operation.operation import Operation
from resolvers.pacing import worked
from resolvers.together import together

READS: Final = ("status.allocatable", "status.capacity")
NODE_LIST: Final = "nodes"
"""The list of nodes in estimates; the totals of the same clusters share it."""

_SELECTION: Final = selection_of(READS)


class NodeSum(Struct):
    """The resources of some nodes, and their number."""

    capacity: ResourceList = field(default_factory=dict)
    allocatable: ResourceList = field(default_factory=dict)
    nodes: int = 0

    def add_node(self, node: Row) -> None:
        """Adds a node; reads `READS`."""
        add(self.capacity, amounts_of(node.status and node.status.capacity))
        add(self.allocatable, offered(node))
        self.nodes += 1

    def add(self, other: "NodeSum") -> None:
        """Adds other nodes."""
        add(self.capacity, other.capacity)
        add(self.allocatable, other.allocatable)
        self.nodes += other.nodes


Nodes: TypeAlias = NodeSum | NoValue
"""A sum, or the reason for its absence."""


def offered(node: Row) -> ResourceList:
    """Returns the allocatable resources of a node; its capacity while it reports none. Reads `READS`.

    Source: `describeNodeResource` in k8s.io/kubectl/pkg/describe/describe.go.
    """
    status = node.status
    return amounts_of(status and (status.allocatable or status.capacity))


async def nodes_of(operation: Operation, clusters: Sequence[FleetCluster]) -> list[Nodes]:
    """Returns the sum of each cluster's nodes, or its error; one list for each, shared within the operation."""
    absent = absent_if_masked(operation.masking, [(NODE, READS)])
    if absent is not None:
        return [absent] * len(clusters)
    return await together(*(_nodes_of(operation, cluster) for cluster in clusters))


async def _nodes_of(operation: Operation, cluster: FleetCluster) -> Nodes:
    async def read() -> Nodes:
        question = ListQuestion(NODE, _SELECTION, wants_count=False, reduce=_SUMMED)
        (answer,) = await ask(operation, question, [cluster])
        if answer.error is not None and not answer.lacks_kind:
            return answer.error
        total = NodeSum()
        for part in answer.rows if answer.is_reduced else await _SUMMED(cluster, answer.rows):
            total.add(part)
        return total

    return await operation.once((cluster.id, "sums of nodes"), read)


async def _summed(_cluster: FleetCluster, nodes: Sequence[Row]) -> list[NodeSum]:
    total = NodeSum()
    await worked(total.add_node, nodes)
    return [total]


_SUMMED: Final = Summary(_summed)
