"""Metrics of the objects of any number of clusters: one list for each cluster, or a few requests by name.

An operation reads a list once, however many fields need it. Missing metrics are no error of a row: its value is
`Absent`, with the reason, which the envelope has once for each cluster.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from k8s.errorcode import ErrorCode
from k8s.errors import ClusterError, KindUnavailable
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.arguments.listarguments import EVERYTHING, FEW, ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.totals.readnamespaces import namespaces_to_read
from resolvers.kinds.usage.metricskinds import METRICS_KINDS, SELECTIONS
from resolvers.links.absent import Absent
from resolvers.links.joining import is_selectable
from resolvers.lists.clusteranswer import ClusterAnswer
from resolvers.lists.clusternotes import NoteCode
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, mapped, slices
from resolvers.together import together
from resolvers.unexpected import contained

METRICS: Final = "metrics"
"""The list of metrics in estimates; all usage of the same objects shares it."""

Place: TypeAlias = str
"""`namespace/name`, or the name of an object of the whole cluster: texts, which garbage collections pass over."""

_MOST_FEW: Final = 100
"""Objects of a cluster, such as containers of the same few pods, whose places are counted."""

_REFUSALS: Final = frozenset({ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED})

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

    @property
    def is_complete(self) -> bool:
        """True if no metrics are missing for a reason."""
        return self.absent is None and not self.hidden

    def at(self, kind: Kind, row: Row) -> Row | Absent | None:
        """Returns the metrics of an object, or the reason for their absence; None if it has none."""
        return self.rows.get(place_of(kind, row)) or self.missing(namespace_of(kind, row))

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
    counts = Counter(objects.clusters)
    few = (cluster for cluster, count in counts.items() if count <= _MOST_FEW)
    wanted: dict[FleetCluster, dict[Place, None]] = {cluster: {} for cluster in few}
    homes: dict[FleetCluster, set[str]] = {cluster: set() for cluster in counts}
    async for batch in batches(objects):
        for cluster, row in batch:
            if kind.namespaced:
                homes[cluster].add(row.metadata.namespace or "")
            if cluster in wanted:
                wanted[cluster][place_of(kind, row)] = None
    found = await together(
        *(_of_places(operation, cluster, kind, wanted.get(cluster), homes[cluster]) for cluster in counts)
    )
    if len(found) == 1 and found[0].is_complete:
        rows = found[0].rows
        return await mapped(lambda row: rows.get(place_of(kind, row)), objects.rows)
    by_cluster = dict(zip(counts, found, strict=True))
    return await mapped(lambda cluster, row: by_cluster[cluster].at(kind, row), objects.clusters, objects.rows)


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
    metadata = row.metadata
    return f"{metadata.namespace}/{metadata.name}" if kind.namespaced else metadata.name


def namespace_of(kind: Kind, row: Row) -> str:
    """Returns the namespace of an object, or of its metrics of a kind; empty for one of the whole cluster."""
    return row.metadata.namespace or "" if kind.namespaced else ""


def absent_of(error: ClusterError) -> Absent:
    """Returns the absence of metrics that a cluster does not have, or refused or failed to send."""
    if _is_unserved(error):
        cause = "it does not serve metrics.k8s.io, which has the usage of its objects; metrics-server serves it."
        return Absent(NoteCode.NOT_SERVED, cause)
    return Absent(NoteCode.FORBIDDEN if error.code in _REFUSALS else NoteCode.UNAVAILABLE, error.cause)


def _is_unserved(error: ClusterError) -> bool:
    return isinstance(error, KindUnavailable) and error.is_absent


async def _of_places(
    operation: Operation, cluster: FleetCluster, kind: Kind, places: Collection[Place] | None, homes: Set[str]
) -> ClusterMetrics:
    """Returns the metrics of a few places, or of all objects in the namespaces `homes`."""
    begun: set[Any] = await operation.once("lists of metrics", _no_lists)
    is_followed = operation.changed is not None  # then a list, which serves the next changes, too
    if not is_followed and (cluster, kind) not in begun and places is not None and _are_few(places):
        return await _named(operation, cluster, kind, places)
    begun.add((cluster, kind))
    return await _list(operation, cluster, kind, homes)


def _are_few(places: Collection[Place]) -> bool:
    return len(places) <= FEW and all(is_selectable(place.rpartition("/")[2]) for place in places)


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
            namespace=place.partition("/")[0] if kind.namespaced else None,
            name=place.rpartition("/")[2],
            deadline=operation.deadline(cluster, is_addition=True),
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

    first, *others = places
    await add(first)
    if not any(map(_is_unserved, errors)):  # each refusal of a kind would look for it anew
        await together(*map(add, others))
    return ClusterMetrics(rows, absent_of(errors[0]) if errors else None)


async def _list(operation: Operation, cluster: FleetCluster, kind: Kind, homes: Collection[str]) -> ClusterMetrics:
    """Reads the list of one namespace, or of the whole cluster, once in the operation."""
    namespaces = await namespaces_to_read(operation, (cluster.id, kind), homes if kind.namespaced else ())

    async def read() -> ClusterMetrics:
        arguments = ListArguments(namespaces=namespaces) if len(namespaces) == 1 else EVERYTHING
        question = ListQuestion(
            kind,
            SELECTIONS[kind],
            arguments,
            wants_count=False,
            within=namespaces or None,
            kinds=METRICS_KINDS,
            is_addition=True,
        )
        (answer,) = await ask(operation, question, [cluster])
        if answer.error is not None:
            return ClusterMetrics(absent=absent_of(answer.error))
        operation.memory.charge(len(answer.rows) * _PLACE_BYTES)
        rows: dict[Place, Row] = {}
        async for batch in slices(answer.rows):
            rows.update(zip([place_of(kind, row) for row in batch], batch, strict=True))
        return ClusterMetrics(rows, hidden=_hidden(answer, kind, namespaces))

    return await operation.once((cluster.id, "metrics", kind.plural, namespaces), read)


def _hidden(answer: ClusterAnswer, kind: Kind, namespaces: Sequence[str]) -> Mapping[str, Absent]:
    hidden = [namespace for namespace in namespaces if answer.scope.hides(namespace)]
    if not hidden:
        return {}
    return dict.fromkeys(hidden, absent_of(unseen(answer.cluster, kind, hidden[0])))


async def _no_lists() -> set[Any]:
    return set()
