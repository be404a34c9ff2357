"""Metrics of the objects of any number of clusters: one list for each cluster, or a few requests by name.

An operation reads a list once, however many fields need it. Missing metrics are no error of a row: its value is
`Absent`, with the reason, which the envelope has once for each cluster.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import EVERYTHING, FEW, ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.usage.absence import absent_of
from resolvers.kinds.usage.metricskinds import METRICS_KINDS, SELECTIONS
from resolvers.links.absent import Absent
from resolvers.links.fetching import is_selectable
from resolvers.lists.clusteranswer import ClusterAnswer
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


@dataclass(frozen=True, slots=True)
class ClusterMetrics:
    """Metrics of a kind in one cluster.

    Attributes:
        rows: the metrics by place.
        absent: the reason for missing all; None if they were read.
        hidden: namespaces whose metrics the caller may not read, with the reason.
    """

    rows: Mapping[Place, Row] = field(default_factory=dict)
    absent: Absent | None = None
    hidden: Mapping[str, Absent] = field(default_factory=dict)

    def at(self, place: Place) -> Row | Absent | None:
        """Returns the metrics of an object, or the reason for their absence; None if it has none."""
        return self.rows.get(place) or self.missing(place[0])

    def missing(self, namespace: str) -> Absent | None:
        """Returns the reason for the absence of the metrics of a namespace; None if they were read."""
        return self.absent or self.hidden.get(namespace)


async def metrics_of(operation: Operation, kind: Kind, objects: Rows) -> list[Row | Absent | None]:
    """Returns the metrics of each object, or the reason for their absence; None for an object without metrics.

    Args:
        operation: the operation.
        kind: the kind of the metrics, which have the namespaces and names of their objects.
        objects: pods or nodes.
    """
    wanted: dict[FleetCluster, dict[Place, None]] = {}
    async for batch in batches(objects):
        for cluster, row in batch:
            wanted.setdefault(cluster, {})[place_of(kind, row)] = None
    found = await together(*(_of_places(operation, cluster, kind, places) for cluster, places in wanted.items()))
    by_cluster = dict(zip(wanted, found, strict=True))
    return await collected(by_cluster[cluster].at(place_of(kind, row)) for cluster, row in objects)


async def listed_metrics(
    operation: Operation, kind: Kind, namespaces: Mapping[FleetCluster, Collection[str]]
) -> Mapping[FleetCluster, ClusterMetrics]:
    """Returns all metrics of a kind in each cluster.

    Args:
        operation: the operation.
        kind: the kind of the metrics.
        namespaces: by cluster the only namespaces whose metrics are needed; empty for all.
    """
    found = await together(*(_list(operation, cluster, kind, homes) for cluster, homes in namespaces.items()))
    return dict(zip(namespaces, found, strict=True))


def place_of(kind: Kind, row: Row) -> Place:
    """Returns the place of an object, or of its metrics of a kind."""
    return (row.metadata.namespace or "") if kind.namespaced else "", row.metadata.name


async def _of_places(
    operation: Operation, cluster: FleetCluster, kind: Kind, places: Collection[Place]
) -> ClusterMetrics:
    begun: set[Any] = await operation.once("lists of metrics", _no_lists)
    if (cluster, kind) not in begun and len(places) <= FEW and all(is_selectable(name) for _, name in places):
        return await _named(operation, cluster, kind, places)
    begun.add((cluster, kind))
    homes = {namespace for namespace, _name in places} if kind.namespaced else ()
    return await _list(operation, cluster, kind, homes)


async def _named(operation: Operation, cluster: FleetCluster, kind: Kind, places: Collection[Place]) -> ClusterMetrics:
    """Reads a few metrics by name, each once in the operation."""
    operation.add_requests(cluster, len(places) - 1)
    rows: dict[Place, Row] = {}
    errors: list[ClusterError] = []

    async def read(place: Place) -> Row | None:
        return await cluster.reader.get(
            kind,
            structure=METRICS_KINDS.type_of(kind),
            selection=with_identity(SELECTIONS[kind], kind),
            namespace=place[0] if kind.namespaced else None,
            name=place[1],
            deadline=operation.deadline(cluster),
            structures=METRICS_KINDS.structures,
        )

    async def add(place: Place) -> None:
        try:
            with contained(cluster.name):
                row = await operation.once((cluster.id, "metrics", kind.plural, place), lambda: read(place))
        except ClusterError as error:
            errors.append(error)
            return
        if row is not None:
            rows[place] = row

    await together(*map(add, places))
    return ClusterMetrics(rows, absent_of(errors[0]) if errors else None)


async def _list(operation: Operation, cluster: FleetCluster, kind: Kind, homes: Collection[str]) -> ClusterMetrics:
    """Reads the list of one namespace, or of the whole cluster, once in the operation."""
    namespaces = tuple(sorted(homes)) if kind.namespaced else ()

    async def read() -> ClusterMetrics:
        arguments = ListArguments(namespaces=namespaces) if len(namespaces) == 1 else EVERYTHING
        question = ListQuestion(
            kind, SELECTIONS[kind], arguments, wants_count=False, within=namespaces or None, kinds=METRICS_KINDS
        )
        (answer,) = await ask(operation, question, [cluster])
        if answer.error is not None:
            return ClusterMetrics(absent=absent_of(answer.error))
        operation.memory.charge(len(answer.rows) * _PLACE_BYTES)
        rows = dict(await collected((place_of(kind, row), row) for row in answer.rows))
        return ClusterMetrics(rows, hidden=_hidden(answer, kind, namespaces))

    return await operation.once((cluster.id, "metrics", kind.plural, namespaces), read)


def _hidden(answer: ClusterAnswer, kind: Kind, namespaces: Sequence[str]) -> Mapping[str, Absent]:
    hidden = [namespace for namespace in namespaces if answer.scope.hides(namespace)]
    if not hidden:
        return {}
    return dict.fromkeys(hidden, absent_of(unseen(answer.cluster, kind, hidden[0])))


async def _no_lists() -> set[Any]:
    return set()
