"""Recorded usage of the objects of any number of clusters: one query for each cluster.

A missing history is no error of a row, and a Prometheus that hangs takes none of the time of the cluster's lists: its
queries have a deadline of their own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import time
from typing import Final, TypeAlias

from k8s.errorcode import ErrorCode
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.kinds.metrics import NODE_METRICS, POD_METRICS
from k8s.prometheus.prometheus import Prometheus
from k8s.prometheus.rangequery import RangeQuery, Taking
from k8s.transport.deadline import Deadline
from resolvers.errors import LimitExceeded
from resolvers.fleet.cluster import FleetCluster
from resolvers.kinds.history.expressions import RESOURCE, Narrowing, Per, expression
from resolvers.kinds.history.period import RESOURCES, Period, Points
from resolvers.kinds.history.points import POINT_BYTES, Recorded, UsageOver, usage_over
from resolvers.kinds.history.rights import hidden_namespaces
from resolvers.links.absent import Absent, absent_if_masked
from resolvers.links.partialvalue import PartialValue
from resolvers.lists.clusternotes import NoteCode
from resolvers.operation.operation import Operation
from resolvers.pacing import batches
from resolvers.together import together
from resolvers.unexpected import contained

Key: TypeAlias = tuple[str, ...]
"""The values of the labels of a series, in the order of its `Per`."""
History: TypeAlias = UsageOver | PartialValue | Absent | None
"""The value of a field."""

TIMEOUT_S: Final = 10.0
"""The seconds for all queries of an operation to the Prometheus of one cluster; less if clusters have less."""

_REFUSALS: Final = frozenset({ErrorCode.FORBIDDEN, ErrorCode.UNAUTHENTICATED})
_NOT_CONFIGURED: Final = Absent(
    NoteCode.NOT_CONFIGURED,
    "it has no Prometheus, which has the history of usage; `fleetgraph clusters prometheus` sets its address.",
)
_SNAPSHOT: Final = Absent(NoteCode.NOT_SERVED, "it is a snapshot, which has no history of usage.")
_PARTIAL: Final = Absent(
    NoteCode.PARTIAL, "its Prometheus warns that its answer may be incomplete; values may be too small, or missing."
)
_MOST_ANSWERS: Final = 4
"""The most series of one object and resource: a node may be scraped at several addresses."""
_NO_DATA: Final = Absent(NoteCode.NO_DATA, "its Prometheus has no usage of these objects in this range of time.")


@dataclass(frozen=True, slots=True)
class ClusterHistory:
    """The recorded usage of the objects of one cluster.

    Attributes:
        points: the times of the points.
        series: the values of each object.
        absent: the reason for missing all, or parts if there are some; None if nothing is missing.
        hidden: namespaces whose usage the caller may not see, with the reason.
    """

    points: Points
    series: Mapping[Key, Recorded] = field(default_factory=dict)
    absent: Absent | None = None
    hidden: Mapping[str, Absent] = field(default_factory=dict)

    def of(self, key: Key, namespace: str = "") -> History:
        """Returns the usage of an object, or the reason for its absence; None if nothing was recorded of it."""
        return self.value(self.series.get(key), namespace)

    def value(self, recorded: Recorded | None, namespace: str = "") -> History:
        """Returns what was recorded of an object as the value of the field; None: nothing was recorded."""
        if recorded is None or namespace in self.hidden:
            return self.hidden.get(namespace) or self.absent
        usage = usage_over(recorded, self.points)
        return usage if self.absent is None else PartialValue(usage, absent=self.absent)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The objects of one cluster whose usage is needed.

    Attributes:
        namespaces: their namespaces, whose usage the caller must be allowed to see; empty for the whole cluster.
        objects: the keys of the objects (`identity`), as many as rows need; series of others are dropped.
    """

    namespaces: Collection[str]
    objects: frozenset[Key]


async def histories(
    operation: Operation,
    per: Per,
    period: Period,
    wanted: Mapping[FleetCluster, Wanted],
    *,
    places: Sequence[FleetCluster],
) -> Mapping[FleetCluster, ClusterHistory]:
    """Returns the recorded usage in each cluster.

    Args:
        operation: the operation, which makes equal queries once.
        per: the objects that series are of.
        period: the time.
        wanted: by cluster the objects.
        places: the cluster of each object that gets points.

    Raises:
        LimitExceeded: the operation has too many points.
    """
    _count(operation, period, sum(cluster.prometheus is not None for cluster in places))
    points = period.until(await operation.once("time of usageOver", _now))
    masked = absent_if_masked(operation.masking, [_paths(per, period)])
    if masked is not None:
        return dict.fromkeys(wanted, ClusterHistory(points, absent=masked))
    found = await together(*(_history(operation, cluster, per, period, points, of) for cluster, of in wanted.items()))
    return dict(zip(wanted, found, strict=True))


async def _history(
    operation: Operation, cluster: FleetCluster, per: Per, period: Period, points: Points, wanted: Wanted
) -> ClusterHistory:
    prometheus = cluster.prometheus
    if prometheus is None:
        return ClusterHistory(points, absent=_NOT_CONFIGURED if cluster.taken_at is None else _SNAPSHOT)
    hidden: Mapping[str, Absent] = {}
    try:
        with contained(cluster.name):
            if prometheus.is_direct:
                hidden = await hidden_namespaces(operation, cluster, _metrics(per), wanted.namespaces)
            visible = [namespace for namespace in wanted.namespaces or ("",) if namespace not in hidden]
            if not visible or not wanted.objects:
                return ClusterHistory(points, hidden=hidden)
            pods = {key[1] for key in wanted.objects} if per in {Per.POD, Per.CONTAINER} else ()
            narrowing = Narrowing(visible if wanted.namespaces else (), pods, prometheus.labels)
            text = expression(per, period, narrowing)
            query = RangeQuery(text, points.start_s, points.end_s, points.step_s)
            series, is_partial = await operation.once(
                (cluster.id, "usageOver", query, wanted.objects),
                lambda: _read(operation, cluster, prometheus, per, query, wanted.objects),
            )
    except ClusterError as error:
        code = NoteCode.FORBIDDEN if error.code in _REFUSALS else NoteCode.UNAVAILABLE
        return ClusterHistory(points, absent=Absent(code, error.cause), hidden=hidden)
    return ClusterHistory(points, series, _PARTIAL if is_partial else None if series else _NO_DATA, hidden)


async def _read(
    operation: Operation,
    cluster: FleetCluster,
    prometheus: Prometheus,
    per: Per,
    query: RangeQuery,
    objects: frozenset[Key],
) -> tuple[Mapping[Key, Recorded], bool]:
    """Returns the values of each object by resource, and whether parts of them may be missing.

    The memory of the points is charged while the answer is decoded, so that a long answer is refused early.
    """

    async def deadline() -> Deadline:
        return Deadline(min(TIMEOUT_S, operation.limits.cluster_timeout_s))

    def wanted(labels: Mapping[str, str]) -> bool:
        return labels.get(RESOURCE) in RESOURCES and identity(per, labels) in objects

    most_points = _MOST_ANSWERS * len(objects) * len(RESOURCES) * query.points
    answer = await prometheus.series(
        query,
        taking=Taking(
            min(most_points, operation.limits.history_points),
            wanted,
            lambda points: operation.memory.charge(points * POINT_BYTES),
        ),
        deadline=await operation.once((cluster.id, "deadline of usageOver"), deadline),
    )
    by_key: dict[Key, dict[str, Mapping[int, float]]] = {}
    async for batch in batches(answer.series):
        for one in batch:
            if one.points:
                key = tuple(one.labels.get(label, "") for label in per.value)
                by_key.setdefault(key, {})[one.labels[RESOURCE]] = one.points
    return by_key, answer.is_partial


def identity(per: Per, labels: Mapping[str, str]) -> Key:
    """Returns the key of the object of a series; that of a node is its name, without one the host that was scraped."""
    if per is Per.NODE:
        return (labels.get("node") or host_of(labels.get("instance", "")),)
    return tuple(labels.get(label, "") for label in per.value)


def host_of(instance: str) -> str:
    """Returns the host of `host:port` or `[IPv6]:port`."""
    host, colon, port = instance.rpartition(":")
    return host.strip("[]") if colon and port.isdecimal() else instance


def _count(operation: Operation, period: Period, objects: int) -> None:
    """Counts the points of the operation.

    Raises:
        LimitExceeded: they are too many.
    """
    limit = operation.limits.history_points
    operation.history_points += objects * period.points * len(period.resources)
    if operation.history_points > limit:
        raise LimitExceeded(
            f"usageOver: {operation.history_points} points; the limit of a query is {limit} "
            "(FLEETGRAPH_MAX_HISTORY_POINTS). Ask for fewer objects, a longer step, or one of cpu and memory."
        )


def _metrics(per: Per) -> Kind:
    return NODE_METRICS if per in {Per.NODE, Per.CLUSTER} else POD_METRICS


def _paths(per: Per, period: Period) -> tuple[Kind, list[str]]:
    """Returns the paths of usage that the operator masks if it is not to be seen."""
    kind = _metrics(per)
    prefix = "" if kind is NODE_METRICS else "containers."
    return kind, [f"{prefix}usage.{resource}" for resource in period.resources]


async def _now() -> float:
    return time()
