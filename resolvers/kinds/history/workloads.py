"""`usageOver` of the kinds that control pods, directly or through another kind: the sums of their pods.

The pods are those that exist now, ended ones included: neither a Prometheus of a usual cluster nor its kubelets know
which pods an object had before.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from k8s.turns.turns import Pace
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.history.expressions import Per
from resolvers.kinds.history.period import PERIOD, Period
from resolvers.kinds.history.points import SummedUsage, UsageOver
from resolvers.kinds.history.recording import ClusterHistory, History, Key, Wanted, histories
from resolvers.kinds.totals.controlledpods import BETWEEN
from resolvers.links.absent import any_absence
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.owners import REFERENCES, UID, OwnerKey, own_key, owned, owner_key, owners_of
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.together import both

_Value: TypeAlias = History | ClusterError


def _usage_of(kind: Kind, between: Kind | None) -> Callable[[Rows, Operation, Period], Awaitable[Sequence[_Value]]]:
    async def usage_over(objects: Rows, operation: Operation, period: Period) -> Sequence[_Value]:
        """Reads the objects' pods, and then the usage of these at once."""
        fetch = Fetch(operation, objects, lambda _kind: LEAF)
        pods = await _pods(fetch, kind, between)
        if (absent := any_absence(fetch.absents)) is not None:
            return [absent] * len(objects)
        wanted = {cluster: (dict[str, None](), set[Key]()) for cluster in objects.distinct_clusters()}
        pace, places = Pace(), list[tuple[str, Sequence[Row]]]()
        for cluster, row in objects:
            namespaces, keys = wanted[cluster]
            own, namespace = pods.get(own_key(cluster, row, kind), ()), row.metadata.namespace or ""
            namespaces[namespace] = None
            keys.update((namespace, pod.metadata.name) for pod in own)
            places.append((namespace, own))
            await pace.breathe()
        of_clusters = {cluster: Wanted(names, frozenset(keys)) for cluster, (names, keys) in wanted.items()}
        found = await histories(operation, Per.POD, period, of_clusters, places=objects.clusters)
        hidden, values = await fetch.hidden(), list[_Value]()
        for index, (cluster, (namespace, own)) in enumerate(zip(objects.clusters, places, strict=True)):
            failure = fetch.failures.get(cluster) or hidden.get(index)
            values.append(failure or await _sum(found[cluster], namespace, own, pace))
        return values

    return usage_over


async def _sum(history: ClusterHistory, namespace: str, pods: Sequence[Row], pace: Pace) -> History:
    total = SummedUsage()
    for pod in pods:
        recorded = history.series.get((namespace, pod.metadata.name))
        if recorded is not None:
            total.add(recorded)
        await pace.breathe()
    return history.value(None if total.is_empty else total.recorded, namespace)


async def _pods(fetch: Fetch, kind: Kind, between: Kind | None) -> Mapping[OwnerKey, Sequence[Row]]:
    """Returns the pods that objects of a kind control."""
    if between is None:
        pods = await fetch.steps(kinds.POD, *REFERENCES)
        return await owned(pods, lambda cluster, pod: owner_key(cluster, pod, kind))
    pods, others = await both(fetch.steps(kinds.POD, *REFERENCES), fetch.steps(between, UID, *REFERENCES))
    owner_of = await owners_of(others, between, kind)

    def through(cluster: FleetCluster, pod: Row) -> OwnerKey | None:
        owner = owner_key(cluster, pod, between)
        return owner_of.get(owner) if owner is not None else None

    return await owned(pods, through)


def _family(kind: Kind, between: Kind | None) -> Family:
    family = Family(kind)
    through = "" if between is None else f" (of its {between.name} objects)"
    family.remote(
        UID,
        name="usageOver",
        description=f"What the pods that it has now{through} used over a range of time, by the cluster's Prometheus: "
        "one query, and one list of pods, for each cluster. Null if nothing was recorded of them, and in a cluster "
        "without one.",
        returns=UsageOver | None,
        arguments=PERIOD,
        lists=2 if between is None else 3,
    )(_usage_of(kind, between))
    return family


WORKLOAD_HISTORY: Final = tuple(_family(kind, between) for kind, between in BETWEEN.items())
