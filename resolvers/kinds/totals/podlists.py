"""Lists of pods for sums: one for each cluster, shared by all fields of an operation.

The pods of a single node or namespace are read alone, unless the operation reads all pods anyway.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from k8s.errors import ClusterError, Forbidden
from k8s.kinds.builtin import POD
from k8s.reading.selection import selection_of
from resolvers.arguments.listarguments import ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.kinds.totals.podsums import NOT_ENDED, READS, SUMMED, PodSum, PodSums, joined
from resolvers.links.absent import Absent, NoValue, absent_if_masked
from resolvers.links.fetching import is_selectable
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected
from resolvers.together import together

Sum: TypeAlias = PodSum | NoValue
"""A sum, or the reason for its absence."""

POD_LIST: Final = "pods"
"""The list of pods in estimates; the totals of the same objects share it."""

_SELECTION: Final = selection_of(READS)


@dataclass(frozen=True, slots=True)
class _Pods:
    """The sums of the pods of a cluster, or of a part of it; `error` if the cluster failed."""

    sums: PodSums
    scope: Scope = WHOLE_CLUSTER
    error: ClusterError | None = None


async def sums_of_nodes(operation: Operation, nodes: Rows) -> list[Sum]:
    """Returns the sum of each node's pods; the error of its cluster if not all of them can be read."""
    absent = _masked(operation)
    if absent is not None:
        return [absent] * len(nodes)
    names = await _names(nodes)
    read = (_on_nodes(operation, cluster, own) for cluster, own in names.items())
    pods = dict(zip(names, await together(*read), strict=True))
    return await collected(
        pods[cluster].error or pods[cluster].sums.of_node(node.metadata.name) for cluster, node in nodes
    )


async def sums_of_namespaces(operation: Operation, namespaces: Rows) -> list[Sum]:
    """Returns the sum of each namespace's pods; an error where they cannot be read."""
    absent = _masked(operation)
    if absent is not None:
        return [absent] * len(namespaces)
    names = await _names(namespaces)
    read = (_in_namespaces(operation, cluster, own) for cluster, own in names.items())
    pods = dict(zip(names, await together(*read), strict=True))

    def sum_of(cluster: FleetCluster, name: str) -> Sum:
        own = pods[cluster]
        hidden = _forbidden(cluster) if own.error is None and own.scope.hides(name) else None
        return own.error or hidden or own.sums.of_namespace(name)

    return await collected(sum_of(cluster, row.metadata.name) for cluster, row in namespaces)


async def sums_of_clusters(operation: Operation, clusters: Sequence[FleetCluster]) -> list[Sum]:
    """Returns the sum of each cluster's pods; its error if not all of them can be read."""
    absent = _masked(operation)
    if absent is not None:
        return [absent] * len(clusters)
    pods = await together(*(_all(operation, cluster) for cluster in clusters))
    return [own.error or await own.sums.of_cluster() for own in pods]


def _masked(operation: Operation) -> Absent | None:
    return absent_if_masked(operation.masking, [(POD, READS)])


async def _names(objects: Rows) -> dict[FleetCluster, set[str]]:
    names: dict[FleetCluster, set[str]] = {}
    async for batch in batches(objects):
        for cluster, row in batch:
            names.setdefault(cluster, set()).add(row.metadata.name)
    return names


async def _on_nodes(operation: Operation, cluster: FleetCluster, names: Collection[str]) -> _Pods:
    (name, *others) = names
    if others or not is_selectable(name) or await _is_read_whole(operation, cluster):
        return await _all(operation, cluster)
    return await _read(operation, cluster, ListArguments(field_selector=f"{NOT_ENDED},spec.nodeName={name}"))


async def _in_namespaces(operation: Operation, cluster: FleetCluster, names: Collection[str]) -> _Pods:
    (name, *others) = names
    if others or await _is_read_whole(operation, cluster):
        return await _all(operation, cluster, within=tuple(sorted(names)))
    return await _read(operation, cluster, ListArguments(field_selector=NOT_ENDED, namespaces=(name,)))


async def _all(operation: Operation, cluster: FleetCluster, within: tuple[str, ...] = ()) -> _Pods:
    """Reads all pods; if the caller may not list them all, reads those `within` some namespaces."""
    (await _read_whole(operation)).add(cluster.id)
    return await _read(operation, cluster, ListArguments(field_selector=NOT_ENDED), within)


async def _read(
    operation: Operation, cluster: FleetCluster, arguments: ListArguments, within: tuple[str, ...] = ()
) -> _Pods:
    question = ListQuestion(POD, _SELECTION, arguments, wants_count=False, within=within, reduce=SUMMED)

    async def read() -> _Pods:
        (answer,) = await ask(operation, question, [cluster])
        if answer.error is not None:
            return _Pods(PodSums(), error=None if answer.lacks_kind else answer.error)
        parts = answer.rows if answer.is_reduced else await SUMMED(cluster, answer.rows)
        return _Pods(await joined(parts), answer.scope)

    return await operation.once((cluster.id, "sums of pods", arguments, within), read)


async def _is_read_whole(operation: Operation, cluster: FleetCluster) -> bool:
    return cluster.id in await _read_whole(operation)


async def _read_whole(operation: Operation) -> set[str]:
    """Returns the ids of the clusters whose pods the operation reads all."""

    async def none_yet() -> set[str]:
        return set()

    return await operation.once("clusters with sums of all pods", none_yet)


def _forbidden(cluster: FleetCluster) -> Forbidden:
    """Returns one error for all namespaces of a cluster whose pods may not be listed."""
    return Forbidden(cluster.name, f"its RBAC does not allow to list {POD} in all of these namespaces.", status=403)
