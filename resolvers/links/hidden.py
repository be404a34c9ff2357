"""Objects to which a link leads, of a kind that the identity may not list there: one error per cluster and kind."""

from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import chain

from k8s.errors import ClusterError
from k8s.kinds.builtin import NAMESPACE
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.pacing import batches

Partial = tuple[FleetCluster, Kind, Scope]
"""A list that the identity may read in some namespaces only, and those that were read."""
Named = dict[tuple[FleetCluster, Kind], dict[str, None]]
"""Of kinds that were read by name: the namespaces of names that the identity may not list."""
_Places = tuple[dict[str, list[int]], list[int]]
"""The indexes of parents by the namespace of all their children, and of those whose children may be anywhere."""
UNKNOWN = ""
"""The place of namespaces that the identity may not list, and whose names are not known."""


def home_namespace(row: Row) -> str | None:
    """Returns the namespace of all children of an object; None for objects of the whole cluster."""
    metadata = getattr(row, "metadata", None)
    if _is_namespace(row):
        return str(metadata.name)  # type: ignore[union-attr]  # every object has its identity
    return getattr(metadata, "namespace", None)


async def hidden_parents(
    parents: Rows, partial: Iterable[Partial], *, is_across_namespaces: bool = False
) -> Mapping[int, ClusterError]:
    """Returns errors by index for parents some of whose children are hidden: the same one for a cluster and a kind.

    The children of a parent without a namespace may be in any, as are all of a link across namespaces. But those of a
    namespace are in it, and a cluster's own lists say in their envelopes which namespaces were read.
    """
    lists: dict[tuple[FleetCluster, Kind], dict[Scope, None]] = {}
    for cluster, kind, scope in partial:
        lists.setdefault((cluster, kind), {})[scope] = None
    if not lists:
        return {}
    places = await _places(parents, {cluster for cluster, _kind in lists}, is_across_namespaces=is_across_namespaces)
    errors: dict[int, ClusterError] = {}
    pace = Pace()
    for (cluster, kind), scopes in lists.items():
        homes, anywhere = places[cluster]
        hidden = [home for home in homes if any(scope.hides(home) for scope in scopes)]
        if all(scope.refused is not None for scope in scopes):
            anywhere = []  # these requests were for the namespaces of other parents
        error = unseen(cluster, kind, *(() if anywhere else hidden))
        async for batch in batches(chain(anywhere, (index for home in hidden for index in homes[home]))):
            for index in batch:
                errors.setdefault(index, error)
        await pace.breathe()
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
    places = await _places(parents, {cluster for cluster, _kind in hidden})
    errors: list[tuple[int, ClusterError]] = []
    for (cluster, kind), namespaces in hidden.items():
        own, _ = places[cluster]
        first = next((own[namespace][0] for namespace in namespaces if namespace in own), None)
        index = parents.clusters.index(cluster) if first is None else first
        errors.append((index, unseen(cluster, kind, *filter(None, namespaces))))
    return errors


async def parents_of_hidden_names(parents: Rows, named: Named) -> Set[int]:
    """Returns the indexes of parents that may have named hidden objects: those in, or named from, their namespaces."""
    found = set[int]()
    for (cluster, _kind), namespaces in named.items():
        if not namespaces:
            continue
        homes, anywhere = (await _places(parents, {cluster}))[cluster]
        found |= {*anywhere}
        for home, indexes in homes.items():
            if home in namespaces or UNKNOWN in namespaces:
                found |= {*indexes}
    return found


async def _places(
    parents: Rows, clusters: Set[FleetCluster], *, is_across_namespaces: bool = False
) -> Mapping[FleetCluster, _Places]:
    """Returns the indexes of the parents of some clusters by their homes, and of those with children anywhere."""
    places: dict[FleetCluster, _Places] = {cluster: ({}, []) for cluster in clusters}
    async for batch in batches(enumerate(parents)):
        for index, (cluster, row) in batch:
            if cluster not in places or isinstance(row, FleetCluster):
                continue
            homes, anywhere = places[cluster]
            home = None if is_across_namespaces and not _is_namespace(row) else home_namespace(row)
            (anywhere if home is None else homes.setdefault(home, [])).append(index)
    return places


def _is_namespace(row: Row) -> bool:
    return type(row).__name__ == NAMESPACE.name
