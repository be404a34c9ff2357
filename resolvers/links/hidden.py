"""Namespaces to which a link leads, and in which the identity may not list a kind: one error per cluster and kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from k8s.errors import ClusterError
from k8s.kinds.builtin import NAMESPACE
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.pacing import batches

Partial = tuple[FleetCluster, Kind, Scope]
"""A list that the identity may read in some namespaces only, and those that were read."""
Named = dict[tuple[FleetCluster, Kind], dict[str, None]]
"""Of kinds that were read by name: the namespaces of names that the identity may not list."""
UNKNOWN = ""
"""The place of namespaces that the identity may not list, and whose names are not known."""


def home_namespace(row: Row) -> str | None:
    """Returns the namespace of all children of an object; None for objects of the whole cluster."""
    metadata = getattr(row, "metadata", None)
    if type(row).__name__ == NAMESPACE.name:
        return str(metadata.name)  # type: ignore[union-attr]  # every object has its identity
    return getattr(metadata, "namespace", None)


async def hidden_parents(parents: Rows, partial: Iterable[Partial]) -> Mapping[int, ClusterError]:
    """Returns errors by index for parents whose namespace is hidden: the same one for a cluster and a kind."""
    lists = list(dict.fromkeys(partial))
    if not lists:
        return {}
    homes = await _homes(parents, {cluster for cluster, _kind, _scope in lists})
    errors: dict[int, ClusterError] = {}
    for cluster, kind, scope in lists:
        hidden = [home for home in homes.get(cluster, {}) if scope.hides(home)]
        error = unseen(cluster, kind, *hidden)
        async for batch in batches(index for home in hidden for index in homes[cluster][home]):
            for index in batch:
                errors.setdefault(index, error)
    return errors


async def unknown_parents(
    parents: Rows, hidden: Mapping[int, ClusterError], failures: Mapping[FleetCluster, ClusterError]
) -> Mapping[int, ClusterError]:
    """Returns errors by index for parents of which some children cannot be read: they are hidden, or a list failed."""
    unknown = dict(hidden)
    async for batch in batches(enumerate(parents.clusters if failures else ())):
        unknown |= {index: failures[cluster] for index, cluster in batch if cluster in failures}
    return unknown


async def hidden_names(parents: Rows, named: Named) -> Sequence[tuple[int, ClusterError]]:
    """Returns an error for each cluster and kind of which hidden objects were named, and the index of a parent."""
    hidden = {key: namespaces for key, namespaces in named.items() if namespaces}
    if not hidden:
        return []
    homes = await _homes(parents, {cluster for cluster, _kind in hidden})
    errors: list[tuple[int, ClusterError]] = []
    for (cluster, kind), namespaces in hidden.items():
        own = homes.get(cluster, {})
        first = next((own[namespace][0] for namespace in namespaces if namespace in own), None)
        index = parents.clusters.index(cluster) if first is None else first
        errors.append((index, unseen(cluster, kind, *filter(None, namespaces))))
    return errors


async def _homes(parents: Rows, clusters: set[FleetCluster]) -> Mapping[FleetCluster, Mapping[str, Sequence[int]]]:
    """Returns the indexes of the parents of some clusters by their namespaces."""
    homes: dict[FleetCluster, dict[str, list[int]]] = defaultdict(dict)
    async for batch in batches(enumerate(parents)):
        for index, (cluster, row) in batch:
            home = home_namespace(row) if cluster in clusters else None
            if home is not None:
                homes[cluster].setdefault(home, []).append(index)
    return homes
