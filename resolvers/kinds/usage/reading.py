"""Metrics of the objects of any number of clusters: one list for each cluster, or a few requests by name.

An operation reads a list once, however many fields need it. A cluster without metrics is no error of a row: its objects
have none, and the answer has the reason once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import EVERYTHING, FEW, ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.kinds.usage.metricskinds import METRICS_KINDS, SELECTIONS
from resolvers.links.fetching import is_selectable
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected
from resolvers.together import together
from resolvers.unexpected import contained

Place: TypeAlias = tuple[str, str]
"""Namespace, empty for an object of the whole cluster, and name."""

_PLACE_BYTES: Final = 200
"""The memory of one place in an index of metrics."""


async def metrics_of(operation: Operation, kind: Kind, objects: Rows) -> list[Row | None]:
    """Returns the metrics of each object; None without metrics.

    Args:
        operation: the operation.
        kind: the kind of the metrics, which has its objects' namespaces and names.
        objects: pods or nodes.
    """
    wanted: dict[FleetCluster, dict[Place, None]] = {}
    async for batch in batches(objects):
        for cluster, row in batch:
            wanted.setdefault(cluster, {})[place_of(kind, row)] = None
    found = await together(*(_found(operation, cluster, kind, places) for cluster, places in wanted.items()))
    by_cluster = dict(zip(wanted, found, strict=True))
    return await collected(by_cluster[cluster].get(place_of(kind, row)) for cluster, row in objects)


async def listed_metrics(
    operation: Operation, kind: Kind, namespaces: Mapping[FleetCluster, Collection[str]]
) -> Mapping[FleetCluster, Sequence[Row] | None]:
    """Returns all metrics of a kind in each cluster; None for a cluster without metrics.

    Args:
        operation: the operation.
        kind: the kind of the metrics.
        namespaces: by cluster the only namespaces whose metrics are needed; empty for all.
    """

    async def read(cluster: FleetCluster, homes: Collection[str]) -> Sequence[Row] | None:
        try:
            rows, _scope = await _listed(operation, cluster, kind, homes)
        except ClusterError as error:
            operation.note_absence(cluster, error)
            return None
        return rows

    found = await together(*(read(cluster, homes) for cluster, homes in namespaces.items()))
    return dict(zip(namespaces, found, strict=True))


def place_of(kind: Kind, row: Row) -> Place:
    """Returns the place of an object, or of its metrics of a kind."""
    return (row.metadata.namespace or "") if kind.namespaced else "", row.metadata.name


async def _found(
    operation: Operation, cluster: FleetCluster, kind: Kind, places: Collection[Place]
) -> Mapping[Place, Row]:
    """Returns the metrics of those of the places that have some."""
    try:
        with contained(cluster.name):
            begun: set[Any] = await operation.once("lists of metrics", _no_lists)
            if (cluster, kind) not in begun and len(places) <= FEW and all(is_selectable(name) for _, name in places):
                return await _named(operation, cluster, kind, places)
            begun.add((cluster, kind))
            homes = {namespace for namespace, _name in places} if kind.namespaced else set()
            return await _index(operation, cluster, kind, homes)
    except ClusterError as error:
        operation.note_absence(cluster, error)
        return {}


async def _named(
    operation: Operation, cluster: FleetCluster, kind: Kind, places: Collection[Place]
) -> Mapping[Place, Row]:
    """Reads a few metrics by name, each once in the operation."""
    operation.add_requests(cluster, len(places) - 1)

    async def read(place: Place) -> Row | None:
        namespace, name = place
        return await cluster.reader.get(
            kind,
            structure=METRICS_KINDS.type_of(kind),
            selection=with_identity(SELECTIONS[kind], kind),
            namespace=namespace if kind.namespaced else None,
            name=name,
            deadline=operation.deadline(cluster),
            structures=METRICS_KINDS.structures,
        )

    keys = [(cluster.id, "metrics", kind.plural, place) for place in places]
    rows = await together(
        *(operation.once(key, lambda place=place: read(place)) for key, place in zip(keys, places, strict=True))
    )
    return {place: row for place, row in zip(places, rows, strict=True) if row is not None}


async def _index(
    operation: Operation, cluster: FleetCluster, kind: Kind, homes: Collection[str]
) -> Mapping[Place, Row]:
    """Returns the metrics of a list by place; notes namespaces that the caller may not read."""
    key = frozenset(homes)

    async def index() -> Mapping[Place, Row]:
        rows, scope = await _listed(operation, cluster, kind, homes)
        operation.memory.charge(len(rows) * _PLACE_BYTES)
        hidden = next((namespace for namespace in sorted(homes) if scope.hides(namespace)), None)
        if hidden is not None:
            operation.note_absence(cluster, unseen(cluster, kind, hidden))
        return dict(await collected((place_of(kind, row), row) for row in rows))

    return await operation.once((cluster.id, "metrics", kind.plural, key), index)


async def _listed(
    operation: Operation, cluster: FleetCluster, kind: Kind, homes: Collection[str]
) -> tuple[Sequence[Row], Scope]:
    """Reads a list of metrics: of one namespace, or of the whole cluster; raises ClusterError."""
    namespaces = tuple(sorted(homes)) if kind.namespaced else ()
    arguments = ListArguments(namespaces=namespaces) if len(namespaces) == 1 else EVERYTHING
    question = ListQuestion(
        kind, SELECTIONS[kind], arguments, wants_count=False, within=namespaces or None, kinds=METRICS_KINDS
    )
    (answer,) = await ask(operation, question, [cluster])
    if answer.error is not None:
        raise answer.error
    return answer.rows, answer.scope or WHOLE_CLUSTER


async def _no_lists() -> set[Any]:
    return set()
