"""Pods by the objects that control them, with the sums of their requests: one list of pods for each cluster.

All fields of workloads in an operation share it, whatever their kinds. Pods count by their specs, unless they have
ended, as in the totals of nodes and namespaces.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from msgspec import Struct, field

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import selection_of
from k8s.turns.turns import Pace
from resolvers.arguments.listarguments import ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.kinds.totals.podsums import NOT_ENDED, READS, PodSum, sum_of
from resolvers.kinds.totals.readnamespaces import namespaces_to_read
from resolvers.links.owners import REFERENCES, UID, OwnerKey, controller, kind_of, own_key, owners_of, reference_key
from resolvers.lists.clusteranswer import Summary, rows_of
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion
from resolvers.lists.rows import Rows
from resolvers.lists.visibility import unseen
from resolvers.operation.operation import Operation
from resolvers.pacing import batches, worked
from resolvers.together import both, together

BETWEEN: Final[Mapping[Kind, Kind | None]] = {
    kinds.DEPLOYMENT: kinds.REPLICA_SET,
    kinds.REPLICA_SET: None,
    kinds.STATEFUL_SET: None,
    kinds.DAEMON_SET: None,
    kinds.REPLICATION_CONTROLLER: None,
    kinds.JOB: None,
    kinds.CRON_JOB: kinds.JOB,
}
"""The kinds whose objects control pods, and the kind through which they do; None for directly."""

_POD_LIST: Final = "controlled pods"

_DIRECT: Final = frozenset(kind for kind, between in BETWEEN.items() if between is None)
_SELECTION: Final = selection_of((*REFERENCES, *READS))
_OWNERS: Final = selection_of((UID, *REFERENCES))
_POD_BYTES: Final = 200
"""The memory of one pod in the list of those that an object controls."""


class ControlledPods(Struct):
    """The pods that an object controls: their names, and the sum of their requests and limits."""

    names: list[str] = field(default_factory=list)
    sum: PodSum = field(default_factory=PodSum)

    def add(self, other: "ControlledPods") -> None:
        """Adds other pods."""
        self.names += other.names
        self.sum.add(other.sum)


Controlled: TypeAlias = ControlledPods | ClusterError
"""The pods of an object; an error if they cannot be read."""
_Key: TypeAlias = tuple[Kind, OwnerKey]


class _ByController(Struct):
    """Pods by their controllers."""

    pods: dict[_Key, ControlledPods] = field(default_factory=dict)

    def add(self, part: tuple[_Key, ControlledPods]) -> None:
        """Adds pods of a controller."""
        self.pods.setdefault(part[0], ControlledPods()).add(part[1])


@dataclass(frozen=True, slots=True)
class _Answer:
    """The pods of a cluster, or of some of its namespaces; `error` if it failed."""

    found: _ByController
    scope: Scope = WHOLE_CLUSTER
    error: ClusterError | None = None


_Hidden: TypeAlias = tuple[frozenset[str], ClusterError]
"""Namespaces of which objects may not be listed, and the error."""


@dataclass(frozen=True, slots=True)
class _Owners:
    """The owners of the objects between workloads and pods, by the keys of these."""

    of: Mapping[OwnerKey, OwnerKey]
    error: ClusterError | None = None
    hidden: tuple[_Hidden, ...] = ()


@dataclass(frozen=True, slots=True)
class _Failures:
    """The errors of the lists of a cluster."""

    error: ClusterError | None
    hidden: tuple[_Hidden, ...]

    def of(self, namespace: str) -> ClusterError | None:
        """Returns the error for the objects of a namespace."""
        return self.error or next((error for homes, error in self.hidden if namespace in homes), None)


def controlled_lists(between: Kind | None) -> tuple[str, ...]:
    """Returns the lists that `controlled_pods` reads, for estimates; `between` is as in `BETWEEN`."""
    return (_POD_LIST,) if between is None else (_POD_LIST, between.plural)


async def controlled_pods(operation: Operation, kind: Kind, objects: Rows) -> list[Controlled]:
    """Returns the pods that each object of a kind of `BETWEEN` controls; reads `UID` of the objects."""
    homes = await _homes(objects)
    answers, between = await both(
        together(*(_read(operation, cluster, own) for cluster, own in homes.items())),
        together(*(_owners(operation, cluster, kind, own) for cluster, own in homes.items())),
    )
    pods: dict[OwnerKey, ControlledPods] = {}
    for answer, owners in zip(answers, between, strict=True):
        async for batch in batches(answer.found.pods.items()):
            for (direct, key), own in batch:
                owner = key if direct is kind else owners.of.get(key) if direct is BETWEEN[kind] else None
                if owner is not None:
                    pods.setdefault(owner, ControlledPods()).add(own)
    failures: dict[FleetCluster, _Failures] = {}
    for (cluster, own_homes), answer, owners in zip(homes.items(), answers, between, strict=True):
        hidden = _hidden(cluster, kinds.POD, answer.scope, own_homes)
        failures[cluster] = _Failures(answer.error or owners.error, (*hidden, *owners.hidden))
    results = list[Controlled]()
    async for placed in batches(objects):
        for cluster, row in placed:
            error = failures[cluster].of(row.metadata.namespace)
            results.append(error or pods.get(own_key(cluster, row, kind)) or ControlledPods())
    return results


async def _homes(objects: Rows) -> dict[FleetCluster, set[str]]:
    homes: dict[FleetCluster, set[str]] = {}
    async for batch in batches(objects):
        for cluster, row in batch:
            homes.setdefault(cluster, set()).add(row.metadata.namespace)
    return homes


async def _owners(operation: Operation, cluster: FleetCluster, kind: Kind, homes: Collection[str]) -> _Owners:
    """Reads the objects through which a kind controls pods; returns their keys with those of their owners."""
    between = BETWEEN[kind]
    if between is None:
        return _Owners({})
    within = await namespaces_to_read(operation, (cluster.id, between), homes)
    arguments = ListArguments(namespaces=within if len(within) == 1 else None)
    (answer,) = await ask(operation, ListQuestion(between, _OWNERS, arguments, within=within), [cluster])
    if answer.error is not None:
        return _Owners({}, None if answer.lacks_kind else answer.error)
    owners = await owners_of(rows_of([answer]), between, kind)
    return _Owners(owners, hidden=_hidden(cluster, between, answer.scope, homes))


def _hidden(cluster: FleetCluster, kind: Kind, scope: Scope, homes: Collection[str]) -> tuple[_Hidden, ...]:
    """Returns the namespaces of a cluster in which a kind may not be listed, with one error for all of them."""
    hidden = sorted(home for home in homes if scope.hides(home))
    return ((frozenset(hidden), unseen(cluster, kind, *hidden)),) if hidden else ()


async def _read(operation: Operation, cluster: FleetCluster, homes: Collection[str]) -> _Answer:
    within = await namespaces_to_read(operation, (cluster.id, _POD_LIST), homes)
    arguments = ListArguments(field_selector=NOT_ENDED, namespaces=within if len(within) == 1 else None)
    question = ListQuestion(kinds.POD, _SELECTION, arguments, wants_count=False, within=within, reduce=_CONTROLLED)

    async def read() -> _Answer:
        (answer,) = await ask(operation, question, [cluster])
        if answer.error is not None:
            return _Answer(_ByController(), error=None if answer.lacks_kind else answer.error)
        parts = answer.rows if answer.is_reduced else await _CONTROLLED(cluster, answer.rows)
        found = await _joined(parts)
        operation.memory.charge(_POD_BYTES * sum(len(own.names) for own in found.pods.values()))
        return _Answer(found, answer.scope)

    return await operation.once((cluster.id, "controlled pods", within), read)


async def _by_controller(cluster: FleetCluster, pods: Sequence[Row]) -> list[_ByController]:
    found = _ByController()

    def add(pod: Row) -> None:
        reference, summed = controller(pod), sum_of(pod)
        kind = kind_of(reference)
        if summed is None or reference is None or kind is None or kind not in _DIRECT:
            return
        key = reference_key(cluster, pod, reference, kind)
        if key is not None:
            found.add(((kind, key), ControlledPods([pod.metadata.name], summed)))

    await worked(add, pods)
    return [found]


_CONTROLLED: Final = Summary(_by_controller)
"""Returns some pods of a cluster by their controllers: the reduction of their list."""


async def _joined(parts: Sequence[_ByController]) -> _ByController:
    if len(parts) == 1:
        found: _ByController = parts[0]
        return found
    pace, found = Pace(), _ByController()
    for part in parts:
        await worked(found.add, part.pods.items(), pace)
    return found
