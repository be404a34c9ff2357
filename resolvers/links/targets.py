"""Objects of any kind that others point to by group, kind and name, such as the parameters of an ingress class.

Unlike owner references (`references`), these have no uid.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.joining import ObjectName
from resolvers.links.references import is_gone, kinds_of, places_of
from resolvers.pacing import batches, collected
from resolvers.together import together


class Target(NamedTuple):
    """An object that another one points to; the namespace is None for its own, and ignored for a kind without one."""

    group: str
    kind: str
    name: str
    namespace: str | None = None


async def targets_of_each(
    fetch: Fetch, clusters: Sequence[FleetCluster], targets: Sequence[Sequence[Target]]
) -> Sequence[Sequence[Row] | None]:
    """Reads the targets of each object, in order; those that do not exist are left out.

    None for an object some of whose targets cannot be read.
    """
    every, owners, starts = list[Target](), list[FleetCluster](), [0]
    async for batch in batches(zip(clusters, targets, strict=True)):
        for cluster, own in batch:
            every.extend(own)
            owners.extend([cluster] * len(own))
            starts.append(len(every))
    found, unread = await _found(fetch, owners, every)
    return await collected(
        None
        if unread and not unread.isdisjoint(range(start, stop))
        else [row for row in found[start:stop] if row is not None]
        for start, stop in pairwise(starts)
    )


async def target_of_each(
    fetch: Fetch, clusters: Sequence[FleetCluster], targets: Sequence[Target | None]
) -> Sequence[Row | None]:
    """Reads the object of each target, with one request per cluster and kind; None for none, and for one that is gone.

    Failures of clusters and kinds are added to those of `fetch`; one kind that fails costs no other.

    Args:
        fetch: the reads of the link.
        clusters: the cluster of each parent of `fetch`.
        targets: the target of each parent.
    """
    found, unread = await _found(fetch, clusters, targets)
    fetch.unread |= unread
    return found


async def _found(
    fetch: Fetch, clusters: Sequence[FleetCluster], targets: Sequence[Target | None]
) -> tuple[Sequence[Row | None], AbstractSet[int]]:
    """Reads the object of each target; returns them, and the indexes of targets that cannot be read."""
    names = await collected(target and (target.group, target.kind) for target in targets)
    kinds, failures = await kinds_of(fetch, clusters, names)

    async def of_kind(kind: Kind, own: Sequence[int]) -> tuple[Fetch, Sequence[ObjectName], Sequence[Row | None]]:
        apart = replace(fetch, answers={}, failures={}, partial=[])
        places = await collected(_place(kind, clusters[index], targets[index]) for index in own)
        return apart, places, await apart.named(kind, places)

    of_kinds = await places_of(kinds)
    found = await together(*(of_kind(kind, own) for kind, own in of_kinds.items()))
    children: list[Row | None] = [None] * len(targets)
    unread = set[int]()
    async for batch in batches(enumerate(zip(clusters, names, kinds, strict=True)) if failures else ()):
        unread |= {index for index, (one, named, kind) in batch if named and kind is None and one in failures}
    for (kind, own), (apart, places, rows) in zip(of_kinds.items(), found, strict=True):
        failed = {cluster: error for cluster, error in apart.failures.items() if not is_gone(kind, error)}
        failures |= failed
        fetch.partial += apart.partial
        async for read in batches(zip(own, places, rows, strict=True)):
            for index, (cluster, namespace, name), row in read:
                children[index] = row
                if name and (cluster in failed or (apart.partial and apart.hides(cluster, kind, namespace))):
                    unread.add(index)
    fetch.failures |= failures
    return children, unread


def _place(kind: Kind, cluster: FleetCluster, target: Target | None) -> ObjectName:
    if target is None or not target.name or (kind.namespaced and not target.namespace):
        return cluster, None, None
    return cluster, target.namespace if kind.namespaced else None, target.name
