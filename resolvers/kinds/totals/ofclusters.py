"""Members of namespaces and clusters: the requests of their pods, and the resources of all nodes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from k8s.kinds.builtin import NAMESPACE
from resolvers.kinds.cluster import CLUSTERS
from resolvers.kinds.resources import (
    NodeResources,
    ResourceRatios,
    Resources,
    node_resources,
    remainder,
    resource_ratios,
    resources,
)
from resolvers.kinds.totals.capacity import NODE_LIST, Nodes, NodeSum, nodes_of
from resolvers.kinds.totals.podlists import POD_LIST, Sum, sums_of_clusters, sums_of_namespaces
from resolvers.kinds.totals.podsums import PodSum
from resolvers.links.absent import NoValue
from resolvers.links.members import Family
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import mapped
from resolvers.together import both

T = TypeVar("T")
NAMESPACE_TOTALS = Family(NAMESPACE)


@NAMESPACE_TOTALS.remote(
    description="The requests of its pods that have not ended, also of those that wait for a node. Null if the caller "
    "may not list its pods.",
    returns=Resources | None,
    lists=(POD_LIST,),
)
async def requested(namespaces: Rows, operation: Operation) -> Sequence[Resources | NoValue]:
    """Reads the pods of all namespaces at once."""
    return await _of_pods(await sums_of_namespaces(operation, namespaces), lambda own: resources(own.requests))


@NAMESPACE_TOTALS.remote(
    description="The limits of its pods that have not ended; pods without limits may take more. Null where `requested` "
    "is.",
    returns=Resources | None,
    lists=(POD_LIST,),
)
async def limits(namespaces: Rows, operation: Operation) -> Sequence[Resources | NoValue]:
    """Reads the pods of all namespaces at once."""
    return await _of_pods(await sums_of_namespaces(operation, namespaces), lambda own: resources(own.limits))


@NAMESPACE_TOTALS.remote(
    name="podCount",
    description="The number of its pods that have not ended. Null where `requested` is.",
    returns=int | None,
    lists=(POD_LIST,),
)
async def pod_count(namespaces: Rows, operation: Operation) -> Sequence[int | NoValue]:
    """Reads the pods of all namespaces at once."""
    return await _of_pods(await sums_of_namespaces(operation, namespaces), lambda own: own.pods)


@CLUSTERS.remote(
    name="requested",
    description="The requests of its pods that have not ended, also of those that wait for a node. Null if the caller "
    "may not list the pods of all namespaces.",
    returns=NodeResources | None,
    lists=(POD_LIST,),
)
async def cluster_requested(clusters: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the pods of each cluster."""
    sums = await sums_of_clusters(operation, clusters.rows)
    return await _of_pods(sums, lambda own: node_resources(own.requested))


@CLUSTERS.remote(
    name="limits",
    description="The limits of its pods that have not ended; pods without limits may take more. Null where `requested` "
    "is.",
    returns=Resources | None,
    lists=(POD_LIST,),
)
async def cluster_limits(clusters: Rows, operation: Operation) -> Sequence[Resources | NoValue]:
    """Reads the pods of each cluster."""
    return await _of_pods(await sums_of_clusters(operation, clusters.rows), lambda own: resources(own.limits))


@CLUSTERS.remote(
    name="podCount",
    description="The number of its pods that have not ended; `counts { pods }` counts all. Null where `requested` is.",
    returns=int | None,
    lists=(POD_LIST,),
)
async def cluster_pod_count(clusters: Rows, operation: Operation) -> Sequence[int | NoValue]:
    """Reads the pods of each cluster."""
    return await _of_pods(await sums_of_clusters(operation, clusters.rows), lambda own: own.pods)


@CLUSTERS.remote(
    name="capacity",
    description="The resources of all its nodes together. Null if the caller may not list its nodes.",
    returns=NodeResources | None,
    lists=(NODE_LIST,),
)
async def capacity(clusters: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the nodes of each cluster."""
    nodes = await nodes_of(operation, clusters.rows)
    return [own if isinstance(own, NoValue) else node_resources(own.capacity) for own in nodes]


@CLUSTERS.remote(
    name="allocatable",
    description="The resources that all its nodes together offer to pods. Null if the caller may not list its nodes.",
    returns=NodeResources | None,
    lists=(NODE_LIST,),
)
async def allocatable(clusters: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the nodes of each cluster."""
    nodes = await nodes_of(operation, clusters.rows)
    return [own if isinstance(own, NoValue) else node_resources(own.allocatable) for own in nodes]


@CLUSTERS.remote(
    name="free",
    description="Allocatable less requested, pods that wait for a node included; negative if more is requested than "
    "there is. Null if the caller may not list its nodes, or the pods of all namespaces.",
    returns=NodeResources | None,
    lists=(POD_LIST, NODE_LIST),
)
async def free(clusters: Rows, operation: Operation) -> Sequence[NodeResources | NoValue]:
    """Reads the nodes and the pods of each cluster."""
    return await _of_both(
        clusters, operation, lambda nodes, pods: node_resources(remainder(nodes.allocatable, pods.requested))
    )


@CLUSTERS.remote(
    name="requestedRatio",
    description="Requested ÷ allocatable: 0.9 is 90 %. Null where `free` is.",
    returns=ResourceRatios | None,
    lists=(POD_LIST, NODE_LIST),
)
async def requested_ratio(clusters: Rows, operation: Operation) -> Sequence[ResourceRatios | NoValue]:
    """Reads the nodes and the pods of each cluster."""
    return await _of_both(clusters, operation, lambda nodes, pods: resource_ratios(pods.requested, nodes.allocatable))


async def _of_pods(sums: Sequence[Sum], value: Callable[[PodSum], T]) -> Sequence[T | NoValue]:
    return await mapped(lambda own: own if isinstance(own, NoValue) else value(own), sums)


async def _of_both(
    clusters: Rows, operation: Operation, value: Callable[[NodeSum, PodSum], T]
) -> Sequence[T | NoValue]:
    nodes, pods = await both(nodes_of(operation, clusters.rows), sums_of_clusters(operation, clusters.rows))

    def of(offered: Nodes, own: Sum) -> T | NoValue:
        if isinstance(offered, NoValue):
            return offered
        return own if isinstance(own, NoValue) else value(offered, own)

    return list(map(of, nodes, pods))
