"""What a cluster has: what the registry knows, whether it answers, and its lists and counts of every kind.

Its rows are the `FleetCluster`s themselves.
"""

from collections.abc import Sequence
from enum import StrEnum

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.credentials import ClusterCredential, shown
from resolvers.fleet.health import Health
from resolvers.kinds.leaves import ObjectId, StringMap, Time
from resolvers.links.fetching import Fetch
from resolvers.links.members import CLUSTER, Family, LinkFunction, Owner, Shape
from resolvers.lists.answers import Counted, rows_of
from resolvers.lists.ask import ask
from resolvers.lists.question import ListQuestion
from resolvers.lists.rows import Rows
from resolvers.names import list_name
from resolvers.operation.operation import Operation
from resolvers.together import together


class ClusterSource(StrEnum):
    """Where a cluster's objects come from."""

    LIVE = "LIVE"
    SNAPSHOT = "SNAPSHOT"


CLUSTERS = Family(CLUSTER)
COUNTS = Family(Owner("ClusterCounts"))
NAMESPACES = Family(kinds.NAMESPACE)


@CLUSTERS.derived(description="Stable for as long as the cluster is registered.", name="id")
def cluster_id(cluster: FleetCluster) -> ObjectId:
    """The registry's id."""
    return ObjectId(cluster.id)


@CLUSTERS.derived(description="Its unique name in the registry.")
def name(cluster: FleetCluster) -> str:
    """The name."""
    return cluster.name


@CLUSTERS.derived(description="What the operators attached to it; `clusters(labels:)` selects by them.")
def labels(cluster: FleetCluster) -> StringMap:
    """The labels."""
    return StringMap(dict(cluster.labels))


@CLUSTERS.derived(description="What the operators say about it.")
def description(cluster: FleetCluster) -> str:
    """The description."""
    return cluster.description


@CLUSTERS.derived(description="When it was registered.")
def created_at(cluster: FleetCluster) -> Time:
    """As RFC 3339."""
    return Time(cluster.created_at.isoformat())


@CLUSTERS.derived(description="When its registration last changed.")
def updated_at(cluster: FleetCluster) -> Time:
    """As RFC 3339."""
    return Time(cluster.updated_at.isoformat())


@CLUSTERS.derived(description="Whether an API server answers for it, or a snapshot of one.")
def source(cluster: FleetCluster) -> ClusterSource:
    """A snapshot has a time."""
    return ClusterSource.LIVE if cluster.taken_at is None else ClusterSource.SNAPSHOT


@CLUSTERS.derived(description="When the cluster was as its snapshot shows it; null for a live one.")
def taken_at(cluster: FleetCluster) -> Time | None:
    """As RFC 3339."""
    return None if cluster.taken_at is None else Time(cluster.taken_at.isoformat())


@CLUSTERS.derived(
    description="Its stored credential, without anything secret; null for a snapshot, and for whoever is no "
    "administrator."
)
def credential(cluster: FleetCluster) -> ClusterCredential | None:
    """What it is and when it ends."""
    return shown(cluster.credential)


@CLUSTERS.derived(description="How many objects of each kind it has.", returns=COUNTS.owner)
def counts(cluster: FleetCluster) -> FleetCluster:
    """The counts are fields of their own, each a small request."""
    return cluster


@CLUSTERS.asked(description="Whether its API server answers now.", returns=bool)
async def reachable(clusters: Rows, operation: Operation) -> Sequence[bool]:
    """One small request per cluster, shared with `version` and `latencyMs`."""
    healths = await _healths(clusters, operation)
    return [health.error is None for health in healths]


@CLUSTERS.asked(
    description="The release of its API server, as `v1.37.2`; null if it does not answer.", returns=str | None
)
async def version(clusters: Rows, operation: Operation) -> Sequence[str | None]:
    """One small request per cluster."""
    healths = await _healths(clusters, operation)
    return [health.version for health in healths]


@CLUSTERS.asked(
    description="Milliseconds that one small request took just now; null if it does not answer.", returns=float | None
)
async def latency_ms(clusters: Rows, operation: Operation) -> Sequence[float | None]:
    """One small request per cluster."""
    healths = await _healths(clusters, operation)
    return [health.latency_ms for health in healths]


async def _healths(clusters: Rows, operation: Operation) -> Sequence[Health]:
    return await together(*(operation.health(cluster) for cluster in clusters.rows))


def _cluster_list(kind: Kind) -> LinkFunction:
    async def listed(clusters: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        answers = await fetch.listed(kind, namespaces=fetch.arguments.namespaces)
        found = {each.cluster: Counted(each.count or 0) if fetch.counts_only else each.rows for each in answers}
        return [found[cluster] for cluster in clusters.rows]

    return listed


def _namespace_list(kind: Kind) -> LinkFunction:
    async def listed(namespaces: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        names = {row.metadata.name for row in namespaces.rows}
        fetch.counts_only = fetch.counts_only and len(names) == 1
        answers = await fetch.listed(kind, namespaces=tuple(names) if len(names) == 1 else None, within=tuple(names))
        if fetch.counts_only:
            counts = {each.cluster: Counted(each.count or 0) for each in answers}
            return [counts[cluster] for cluster in namespaces.clusters]
        groups: dict[tuple[FleetCluster, str], list[Row]] = {}
        for cluster, row in rows_of(answers):
            groups.setdefault((cluster, row.metadata.namespace), []).append(row)
        return [groups.get((cluster, row.metadata.name), []) for cluster, row in namespaces]

    return listed


def _count(kind: Kind) -> None:
    @COUNTS.asked(
        description=f"How many {kind.name} objects it has; null if it cannot tell, or if the caller may not list all.",
        returns=int | None,
        name=list_name(kind),
    )
    async def count(clusters: Rows, operation: Operation) -> Sequence[int | None]:
        answers = await ask(operation, ListQuestion(kind, None), clusters.rows)
        return [None if answer.scope.is_partial else answer.count for answer in answers]


for _kind in kinds.BUILT_IN:
    _count(_kind)
    CLUSTERS.link(to=_kind, shape=Shape.MANY, description=f"Its {_kind.name} objects.", name=list_name(_kind))(
        _cluster_list(_kind)
    )
    if _kind.namespaced:
        NAMESPACES.link(
            "metadata.name",
            to=_kind,
            shape=Shape.MANY,
            description=f"The {_kind.name} objects in it.",
            name=list_name(_kind),
        )(_namespace_list(_kind))
