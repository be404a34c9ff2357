"""Members of nodes: the requests of their pods, and the rest."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from k8s.kinds.builtin import NODE
from k8s.reading.rowdecoders import Row
from resolvers.kinds.resources import (
    NodeResources,
    ResourceRatios,
    Resources,
    node_resources,
    remainder,
    resource_ratios,
    resources,
)
from resolvers.kinds.totals.capacity import READS, offered
from resolvers.kinds.totals.podlists import POD_LIST, sums_of_nodes
from resolvers.kinds.totals.podsums import PodSum
from resolvers.links.absent import NoValue, absent_if_masked
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import mapped

T = TypeVar("T")
NODE_TOTALS = Family(NODE)


@NODE_TOTALS.remote(
    description="The requests of its pods that have not ended, as `kubectl describe node` prints them under Allocated "
    "resources: by the specs of the pods, so that a resize counts as soon as it is requested. Null if the caller may "
    "not list the pods of all namespaces.",
    returns=NodeResources | None,
    lists=(POD_LIST,),
)
async def requested(nodes: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the pods of all nodes at once."""
    return await _of_sums(nodes, operation, lambda _node, own: node_resources(own.requested))


@NODE_TOTALS.remote(
    description="The limits of its pods that have not ended, as `kubectl describe node` prints them under Allocated "
    "resources; pods without limits may take more. Null where `requested` is.",
    returns=Resources | None,
    lists=(POD_LIST,),
)
async def limits(nodes: Rows, operation: Operation) -> Sequence[Resources | NoValue]:
    """Reads the pods of all nodes at once."""
    return await _of_sums(nodes, operation, lambda _node, own: resources(own.limits))


@NODE_TOTALS.remote(
    *READS,
    description="Allocatable less requested: what another pod can request; negative if more is requested than the node "
    "offers. Null where `requested` is.",
    returns=NodeResources | None,
    lists=(POD_LIST,),
)
async def free(nodes: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the pods of all nodes at once."""
    return await _of_both(nodes, operation, lambda node, own: node_resources(remainder(offered(node), own.requested)))


@NODE_TOTALS.remote(
    *READS,
    description="Requested ÷ allocatable: 0.9 is 90 %. Null where `requested` is.",
    returns=ResourceRatios | None,
    lists=(POD_LIST,),
)
async def requested_ratio(nodes: Rows, operation: Operation) -> Sequence[ResourceRatios | NoValue]:
    """Reads the pods of all nodes at once."""
    return await _of_both(nodes, operation, lambda node, own: resource_ratios(own.requested, offered(node)))


@NODE_TOTALS.remote(
    description="The number of its pods that have not ended: the Non-terminated Pods of `kubectl describe node`. Null "
    "where `requested` is.",
    returns=int | None,
    lists=(POD_LIST,),
)
async def pod_count(nodes: Rows, operation: Operation) -> Sequence[int | NoValue]:
    """Reads the pods of all nodes at once."""
    return await _of_sums(nodes, operation, lambda _node, own: own.pods)


async def _of_sums(nodes: Rows, operation: Operation, value: Callable[[Row, PodSum], T]) -> Sequence[T | NoValue]:
    sums = await sums_of_nodes(operation, nodes)
    return await mapped(lambda node, own: own if isinstance(own, NoValue) else value(node, own), nodes.rows, sums)


async def _of_both(nodes: Rows, operation: Operation, value: Callable[[Row, PodSum], T]) -> Sequence[T | NoValue]:
    """Returns values of what the nodes offer as well."""
    absent = absent_if_masked(operation.masking, [(NODE, READS)])
    return await _of_sums(nodes, operation, value) if absent is None else [absent] * len(nodes)
