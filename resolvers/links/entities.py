"""Objects and clusters by what a federated gateway knows of them: one request per cluster and kind, however many.

Source: Apollo Federation subgraph specification, `Query._entities`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from k8s.errors import ClusterError
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from k8s.reading.selection import Selection
from k8s.transport.path import PathInvalid, object_path
from resolvers.arguments.arguments import ListArguments
from resolvers.arguments.globalids import GlobalId, parse_object_id
from resolvers.errors import BadUserInput, LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.links.members import ANY_KIND, CLUSTER
from resolvers.lists.ask import ask
from resolvers.lists.question import ListQuestion, with_identity
from resolvers.lists.visibility import unseen
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.pacing import parts, taken, worked
from resolvers.together import together
from resolvers.unexpected import contained

_KINDS: Final[Mapping[str, Kind]] = {type_name(kind): kind for kind in BUILT_IN}
_SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class ClusterKey:
    """A cluster by its id or its name."""

    id: str | None
    name: str | None


Wanted = GlobalId | ClusterKey


@dataclass(slots=True)
class Entities:
    """What was found for each representation, in order.

    Attributes:
        values: an object's row, a cluster, or None.
        clusters: the cluster of each; None where nothing was found.
        failures: errors by the first representation that each concerns.
    """

    values: list[Row | FleetCluster | None]
    clusters: list[FleetCluster | None]
    failures: dict[int, ClusterError] = field(default_factory=dict)

    def put(self, index: int, value: Row | FleetCluster | None, cluster: FleetCluster) -> None:
        """Notes what was found for a representation."""
        self.values[index], self.clusters[index] = value, cluster


async def wanted_entities(operation: Operation, representations: Sequence[object]) -> list[Wanted]:
    """What the representations stand for.

    Raises:
        BadUserInput: one of them is none of ours; the message says which.
        LimitExceeded: with those of the operation's other fields, they are more than a page may have objects.
    """
    operation.representations += len(representations)
    if operation.representations > operation.limits.page_objects:
        raise LimitExceeded(
            f"_entities: {operation.representations} representations; a query may ask for "
            f"{operation.limits.page_objects}."
        )
    return await worked(_wanted, enumerate(representations))


async def asked_places(wanted: Sequence[Wanted]) -> tuple[Collection[tuple[str, Kind]], Collection[str]]:
    """The clusters and kinds that objects are read of, and what names the clusters that anything stands in or for."""
    places, clusters = set[tuple[str, Kind]](), set[str]()
    async for part in parts(wanted):
        for each in part:
            if isinstance(each, GlobalId):
                places.add((each.cluster_id, each.kind))
                clusters.add(each.cluster_id)
            else:
                clusters.add(f"{each.id or ''}/{each.name or ''}")
    return places, clusters


async def find_entities(
    operation: Operation, wanted: Sequence[Wanted], selection: Callable[[Kind], Selection]
) -> Entities:
    """Reads them all; what is gone, or in a cluster that is, is None."""
    found = Entities([None] * len(wanted), [None] * len(wanted))
    groups: dict[tuple[FleetCluster, Kind], dict[int, GlobalId]] = {}
    known = await operation.clusters()
    by_id, by_name = {each.id: each for each in known}, {each.name: each for each in known}
    async for part in parts(enumerate(wanted)):
        for index, each in part:
            if isinstance(each, ClusterKey):
                cluster = by_id.get(each.id or "") or by_name.get(each.name or "")
                if cluster is not None:
                    found.put(index, cluster, cluster)
            elif each.cluster_id in by_id:
                groups.setdefault((by_id[each.cluster_id], each.kind), {})[index] = each
    await together(*(_read(operation, place, ids, selection(place[1]), found=found) for place, ids in groups.items()))
    return found


def _wanted(place: tuple[int, object]) -> Wanted:
    index, given = place
    where = f"_entities: representation {index}"
    if not isinstance(given, Mapping) or not isinstance(given.get("__typename"), str):
        raise BadUserInput(f"{where} has no __typename.")
    name = given["__typename"]
    if name == CLUSTER.name:
        return _cluster_key(where, given)
    if name not in _KINDS and name != ANY_KIND.name:
        raise BadUserInput(f"{where}: {name[:_SHOWN_CHARACTERS]!r} is no entity of this graph.")
    if not isinstance(given.get("id"), str):
        raise BadUserInput(f"{where} has no id, by which {name} is found.")
    return _object(where, name, str(given["id"]))


def _cluster_key(where: str, given: Mapping[str, object]) -> ClusterKey:
    cluster_id, name = given.get("id"), given.get("name")
    if not isinstance(cluster_id, str) and not isinstance(name, str):
        raise BadUserInput(f"{where} has neither the id nor the name of a cluster.")
    return ClusterKey(cluster_id if isinstance(cluster_id, str) else None, name if isinstance(name, str) else None)


def _object(where: str, name: str, text: str) -> GlobalId:
    try:
        wanted = parse_object_id(text)
        object_path(wanted.kind, wanted.namespace, wanted.name)
    except (BadUserInput, PathInvalid) as error:
        raise BadUserInput(f"{where}: {error}") from error
    if name not in (type_name(wanted.kind), ANY_KIND.name):
        raise BadUserInput(f"{where}: the id is that of a {type_name(wanted.kind)}, and not of a {name}.")
    return wanted


async def _read(
    operation: Operation,
    place: tuple[FleetCluster, Kind],
    ids: Mapping[int, GlobalId],
    selection: Selection,
    *,
    found: Entities,
) -> None:
    cluster, kind = place
    try:
        with contained(cluster.name):
            rows, scope = await _rows(operation, cluster, kind, ids=ids, selection=selection)
    except ClusterError as error:
        found.failures[min(ids)] = error
        return
    async for part in parts(ids.items()):
        for index, wanted in part:
            row = rows.get((wanted.namespace, wanted.name))
            if row is not None:
                found.put(index, row, cluster)
            elif wanted.namespace is not None and scope.hides(wanted.namespace):
                found.failures[index] = unseen(cluster, kind, wanted.namespace)


async def _rows(
    operation: Operation, cluster: FleetCluster, kind: Kind, *, ids: Mapping[int, GlobalId], selection: Selection
) -> tuple[dict[tuple[str | None, str], Row], Scope]:
    """Objects of a kind by namespace and name: one is got, of more their namespace or everything is listed."""
    places = set(await taken((each.namespace, each.name) for each in ids.values()))
    if len(places) == 1:
        ((namespace, name),) = places
        row = await cluster.reader.get(
            kind,
            structure=type_name(kind),
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
    async for part in parts(answer.rows):
        rows.update(((getattr(row.metadata, "namespace", None), row.metadata.name), row) for row in part)
    return rows, answer.scope
