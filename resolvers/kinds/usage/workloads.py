"""`usage` of the kinds that control pods, directly or through another kind: the sums of their pods."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

from k8s.errors import ClusterError
from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import POD_METRICS
from k8s.reading.rowdecoders import Row
from k8s.reading.selection import LEAF
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.usage.reading import Place, listed_metrics, place_of
from resolvers.kinds.usage.usage import Usage, UsageSum
from resolvers.links.absent import Absent
from resolvers.links.fetching import Fetch
from resolvers.links.members import Family
from resolvers.links.owners import REFERENCES, UID, OwnerKey, own_key, owner_key, owners_of
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches
from resolvers.together import both

_BETWEEN: Final[Mapping[Kind, Kind | None]] = {
    kinds.DEPLOYMENT: kinds.REPLICA_SET,
    kinds.REPLICA_SET: None,
    kinds.STATEFUL_SET: None,
    kinds.DAEMON_SET: None,
    kinds.REPLICATION_CONTROLLER: None,
    kinds.JOB: None,
    kinds.CRON_JOB: kinds.JOB,
}
"""The kinds whose objects control pods, and the kind through which they do; None for directly."""

WorkloadUsage: TypeAlias = Usage | ClusterError | Absent | None
_Owned: TypeAlias = Mapping[tuple[FleetCluster, Place], OwnerKey]
"""Pods by cluster and place, with the object of a kind that each belongs to."""


def _usage_of(kind: Kind, between: Kind | None) -> Callable[[Rows, Operation], Awaitable[Sequence[WorkloadUsage]]]:
    async def usage(objects: Rows, operation: Operation) -> Sequence[WorkloadUsage]:
        """Reads pods, their metrics and the objects between at once, and adds the metrics of each object's pods."""
        fetch = Fetch(operation, objects, lambda _kind: LEAF)
        homes: dict[FleetCluster, set[str]] = {}
        async for batch in batches(objects):
            for cluster, row in batch:
                homes.setdefault(cluster, set()).add(row.metadata.namespace)
        owned, metrics = await both(_pods(fetch, kind, between), listed_metrics(operation, POD_METRICS, homes))
        sums: dict[OwnerKey, UsageSum] = {}
        for cluster, own in metrics.items():
            async for measured in batches(own.rows.items()):
                for place, pod in measured:
                    owner = owned.get((cluster, place))
                    if owner is not None:
                        sums.setdefault(owner, UsageSum()).add_pod(pod)
        hidden = await fetch.hidden()
        usages: list[WorkloadUsage] = []
        async for numbered in batches(enumerate(objects)):
            for index, (cluster, row) in numbered:
                total = sums.get(own_key(cluster, row, kind))
                failure = fetch.failures.get(cluster) or hidden.get(index)
                absent = metrics[cluster].missing(row.metadata.namespace)
                usages.append(failure or (absent if total is None else total.usage))
        return usages

    return usage


async def _pods(fetch: Fetch, kind: Kind, between: Kind | None) -> _Owned:
    """Returns the pods that objects of a kind control."""
    if between is None:
        return await _owned(
            await fetch.steps(kinds.POD, *REFERENCES), lambda cluster, pod: owner_key(cluster, pod, kind)
        )
    pods, others = await both(fetch.steps(kinds.POD, *REFERENCES), fetch.steps(between, UID, *REFERENCES))
    owner_of = await owners_of(others, between, kind)

    def through(cluster: FleetCluster, pod: Row) -> OwnerKey | None:
        owner = owner_key(cluster, pod, between)
        return owner_of.get(owner) if owner is not None else None

    return await _owned(pods, through)


async def _owned(pods: Rows, owner_of: Callable[[FleetCluster, Row], OwnerKey | None]) -> _Owned:
    found: dict[tuple[FleetCluster, Place], OwnerKey] = {}
    async for batch in batches(pods):
        for cluster, pod in batch:
            if (owner := owner_of(cluster, pod)) is not None:
                found[cluster, place_of(POD_METRICS, pod)] = owner
    return found


def _family(kind: Kind, between: Kind | None) -> Family:
    family = Family(kind)
    through = "" if between is None else f" (of its {between.name} objects)"
    family.remote(
        UID,
        name="usage",
        description=f"What its pods{through} use now, by the metrics API (metrics.k8s.io): one list of metrics and "
        "one of pods for each cluster. Null if its pods have no metrics, and in a cluster without the API.",
        returns=Usage | None,
        lists=2 if between is None else 3,
    )(_usage_of(kind, between))
    return family


WORKLOAD_USAGE: Final = tuple(_family(kind, between) for kind, between in _BETWEEN.items())
