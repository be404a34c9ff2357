"""Objects and clusters by their keys in a federated graph: one request per cluster and kind for any number of them.

Source: Apollo Federation subgraph specification, `Query._entities`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from k8s.errors import ClusterError, KindUnavailable
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import Selection
from k8s.transport.path import PathInvalid, object_path
from resolvers.arguments.globalids import GlobalId, parse_object_id
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.links.members import ANY_KIND, CLUSTER
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.lists.visibility import unseen
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, collected, worked
from resolvers.together import together
from resolvers.typedkinds import TypedKinds
from resolvers.unexpected import contained

_QUOTED_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """The key of a cluster: its id or its name."""

    id: str | None
    name: str | None


EntityKey = GlobalId | ClusterKey


@dataclass(slots=True)
class Entities:
    """The values of representations, in order.

    Attributes:
        values: an object's row, a cluster, or None.
        clusters: the cluster of each value; None for no value.
        failures: errors by the index of the first representation that each concerns.
    """

    values: list[Row | FleetCluster | None]
    clusters: list[FleetCluster | None]
    failures: dict[int, ClusterError] = field(default_factory=dict)

    def put(self, index: int, value: Row | FleetCluster | None, cluster: FleetCluster) -> None:
        """Sets the value of a representation."""
        self.values[index], self.clusters[index] = value, cluster


async def entity_keys(operation: Operation, representations: Sequence[object]) -> list[EntityKey]:
    """Returns the keys of the representations.

    Raises:
        BadUserInput: a representation is invalid; the message has its index.
        LimitExceeded: with those of the operation's other fields, they are more than the largest page.
    """
    operation.representations += len(representations)
    if operation.representations > operation.limits.page_objects:
        raise LimitExceeded(
            f"_entities: {operation.representations} representations; the limit of a query is "
            f"{operation.limits.page_objects}."
        )
    return await worked(partial(_key, operation.own_kinds), enumerate(representations))


async def entity_places(keys: Sequence[EntityKey]) -> tuple[Collection[tuple[str, Kind]], Collection[str]]:
    """Returns the pairs of cluster id and kind to read from, and a text for each cluster that occurs in the keys."""
    places, clusters = set[tuple[str, Kind]](), set[str]()
    async for batch in batches(keys):
        for key in batch:
            if isinstance(key, GlobalId):
                places.add((key.cluster_id, key.kind))
                clusters.add(key.cluster_id)
            else:
                clusters.add(f"{key.id or ''}/{key.name or ''}")
    return places, clusters


async def find_entities(
    operation: Operation, keys: Sequence[EntityKey], selection: Callable[[Kind], Selection]
) -> Entities:
    """Reads the objects and clusters of the keys; those that do not exist any more are None."""
    entities = Entities([None] * len(keys), [None] * len(keys))
    groups: dict[tuple[FleetCluster, Kind], dict[int, GlobalId]] = {}
    clusters = await operation.clusters()
    by_id, by_name = {cluster.id: cluster for cluster in clusters}, {cluster.name: cluster for cluster in clusters}
    async for batch in batches(enumerate(keys)):
        for index, key in batch:
            if isinstance(key, ClusterKey):
                cluster = by_id.get(key.id or "") or by_name.get(key.name or "")
                if cluster is not None:
                    entities.put(index, cluster, cluster)
            elif key.cluster_id in by_id:
                groups.setdefault((by_id[key.cluster_id], key.kind), {})[index] = key
    for cluster, kind in [place for place, ids in groups.items() if not next(iter(ids.values())).is_typed]:
        name = ".".join(filter(None, (kind.name, kind.group)))
        cause = f"{name} has no type of its own, so its objects are no entities. Read them with object(id:)."
        entities.failures[min(groups.pop((cluster, kind)))] = KindUnavailable(cluster.name, cause)
    reads = (_read(operation, place, ids, selection(place[1]), entities=entities) for place, ids in groups.items())
    await together(*reads)
    return entities


def _key(kinds: TypedKinds, item: tuple[int, object]) -> EntityKey:
    index, representation = item
    where = f"_entities: representation {index}"
    if not isinstance(representation, Mapping) or not isinstance(representation.get("__typename"), str):
        raise BadUserInput(f"{where} has no __typename.")
    name = representation["__typename"]
    if name == CLUSTER.name:
        return _cluster_key(where, representation)
    if name not in kinds.by_type and name != ANY_KIND.name:
        raise BadUserInput(f"{where}: {name[:_QUOTED_CHARACTERS]!r} is no entity of this graph.")
    if not isinstance(representation.get("id"), str):
        raise BadUserInput(f"{where} has no id, the key of {name}.")
    return _object(kinds, where, name=name, text=str(representation["id"]))


def _cluster_key(where: str, representation: Mapping[str, object]) -> ClusterKey:
    cluster_id, name = representation.get("id"), representation.get("name")
    if not isinstance(cluster_id, str) and not isinstance(name, str):
        raise BadUserInput(f"{where} has neither the id nor the name of a cluster.")
    return ClusterKey(cluster_id if isinstance(cluster_id, str) else None, name if isinstance(name, str) else None)


def _object(kinds: TypedKinds, where: str, *, name: str, text: str) -> GlobalId:
    try:
        key = parse_object_id(text, kinds)
        if key.is_typed:
            object_path(key.kind, key.namespace, key.name)
    except (BadUserInput, PathInvalid) as error:
        raise BadUserInput(f"{where}: {error}") from error
    if name not in (type_name(key.kind), ANY_KIND.name):
        raise BadUserInput(f"{where}: the id is that of a {type_name(key.kind)}, and not of a {name}.")
    return key


async def _read(
    operation: Operation,
    place: tuple[FleetCluster, Kind],
    ids: Mapping[int, GlobalId],
    selection: Selection,
    *,
    entities: Entities,
) -> None:
    cluster, kind = place
    try:
        with contained(cluster.name):
            rows, scope = await _rows(operation, cluster, kind, ids=ids, selection=selection)
    except ClusterError as error:
        entities.failures[min(ids)] = error
        return
    async for batch in batches(ids.items()):
        for index, key in batch:
            row = rows.get((key.namespace, key.name))
            if row is not None:
                entities.put(index, row, cluster)
            elif key.namespace is not None and scope.hides(key.namespace):
                entities.failures[index] = unseen(cluster, kind, key.namespace)


async def _rows(
    operation: Operation, cluster: FleetCluster, kind: Kind, *, ids: Mapping[int, GlobalId], selection: Selection
) -> tuple[dict[tuple[str | None, str], Row], Scope]:
    """Reads objects of a kind by namespace and name: one by GET, several by listing their namespace or the cluster."""
    places = set(await collected((key.namespace, key.name) for key in ids.values()))
    if len(places) == 1:
        ((namespace, name),) = places
        row = await cluster.reader.get(
            kind,
            structure=type_name(kind),
            structures=operation.kinds.structures,
            selection=with_identity(selection, kind),
            namespace=namespace,
            name=name,
            deadline=operation.deadline(cluster),
        )
        return {(namespace, name): row} if row is not None else {}, WHOLE_CLUSTER
    namespaces = {namespace for namespace, _ in places if namespace}
    arguments = ListArguments(namespaces=tuple(namespaces) if len(namespaces) == 1 else None)
    (answer,) = await ask(operation, ListQuestion(kind, selection, arguments), [cluster])
    if answer.error is not None:
        raise answer.error
    rows: dict[tuple[str | None, str], Row] = {}
    async for batch in batches(answer.rows):
        rows.update(((getattr(row.metadata, "namespace", None), row.metadata.name), row) for row in batch)
    return rows, answer.scope
