"""Members of clusters: facts of the registry, reachability, and lists and counts of every kind.

The rows of these functions are `FleetCluster`s.
"""

from collections.abc import Sequence
from enum import StrEnum

from k8s.kinds import builtin as kinds
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.credentials import ClusterCredential, cluster_credential
from resolvers.fleet.reachability import Reachability
from resolvers.kinds.leaves import ObjectId, StringMap, Time
from resolvers.links.fetching import Fetch
from resolvers.links.members import CLUSTER, Family, LinkFunction, Owner, Shape
from resolvers.lists.clusteranswer import ClusterAnswer, Counted, rows_of
from resolvers.lists.fanout import ask
from resolvers.lists.question import ListQuestion
from resolvers.lists.rows import Rows
from resolvers.names import list_name
from resolvers.operation.operation import Operation
from resolvers.together import together


class ClusterSource(StrEnum):
    """The source of a cluster's objects."""

    LIVE = "LIVE"
    SNAPSHOT = "SNAPSHOT"


CLUSTERS = Family(CLUSTER)
COUNTS = Family(Owner("ClusterCounts"))
NAMESPACES = Family(kinds.NAMESPACE)


@CLUSTERS.derived(description="Stable for as long as the cluster is registered.", name="id")
def cluster_id(cluster: FleetCluster) -> ObjectId:
    """Returns the registry's id."""
    return ObjectId(cluster.id)


@CLUSTERS.derived(description="Its unique name in the registry.")
def name(cluster: FleetCluster) -> str:
    """Returns the name."""
    return cluster.name


@CLUSTERS.derived(description="Labels that the operators gave it; `clusters(labels:)` selects by them.")
def labels(cluster: FleetCluster) -> StringMap:
    """Returns the labels."""
    return StringMap(dict(cluster.labels))


@CLUSTERS.derived(description="Its description by the operators.")
def description(cluster: FleetCluster) -> str:
    """Returns the description."""
    return cluster.description


@CLUSTERS.derived(description="The time at which it was registered.")
def created_at(cluster: FleetCluster) -> Time:
    """Returns the time in RFC 3339."""
    return Time(cluster.created_at.isoformat())


@CLUSTERS.derived(description="The time of the last change of its registration.")
def updated_at(cluster: FleetCluster) -> Time:
    """Returns the time in RFC 3339."""
    return Time(cluster.updated_at.isoformat())


@CLUSTERS.derived(description="LIVE if an API server answers for it, SNAPSHOT if a snapshot does.")
def source(cluster: FleetCluster) -> ClusterSource:
    """Returns SNAPSHOT for clusters with the time of a snapshot."""
    return ClusterSource.LIVE if cluster.taken_at is None else ClusterSource.SNAPSHOT


@CLUSTERS.derived(description="The time at which its snapshot was taken; null for a live cluster.")
def taken_at(cluster: FleetCluster) -> Time | None:
    """Returns the time in RFC 3339."""
    return None if cluster.taken_at is None else Time(cluster.taken_at.isoformat())


@CLUSTERS.derived(
    description="Facts about its stored credential, without anything secret; null for a snapshot, and if the caller is "
    "no administrator."
)
def credential(cluster: FleetCluster) -> ClusterCredential | None:
    """Returns the kind of the credential and its expiry."""
    return cluster_credential(cluster.credential)


@CLUSTERS.derived(description="The number of its objects of each kind.", returns=COUNTS.owner)
def counts(cluster: FleetCluster) -> FleetCluster:
    """Returns the cluster itself: the counts are fields of their own, each a small request."""
    return cluster


@CLUSTERS.remote(
    description="True if its API server answers now, even if it refuses to tell its version.", returns=bool
)
async def reachable(clusters: Rows, operation: Operation) -> Sequence[bool]:
    """Sends one small request per cluster, shared with `version` and `latencyMs`."""
    return [reached.error is None for reached in await _reachability(clusters, operation)]


@CLUSTERS.remote(
    description="The release of its API server, such as `v1.37.2`; null if it does not answer, or does not tell.",
    returns=str | None,
)
async def version(clusters: Rows, operation: Operation) -> Sequence[str | None]:
    """Sends one small request per cluster."""
    return [reached.version for reached in await _reachability(clusters, operation)]


@CLUSTERS.remote(
    description="Milliseconds that one small request took just now; null if it does not answer.", returns=float | None
)
async def latency_ms(clusters: Rows, operation: Operation) -> Sequence[float | None]:
    """Sends one small request per cluster."""
    return [reached.latency_ms for reached in await _reachability(clusters, operation)]


async def _reachability(clusters: Rows, operation: Operation) -> Sequence[Reachability]:
    return await together(*(operation.health(cluster) for cluster in clusters.rows))


def _cluster_list(kind: Kind) -> LinkFunction:
    async def listed(clusters: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        answers = await fetch.listed(kind, namespaces=fetch.arguments.namespaces)
        rows = {answer.cluster: Counted(answer.count or 0) if fetch.counts_only else answer.rows for answer in answers}
        return [rows[cluster] for cluster in clusters.rows]

    return listed


def _namespace_list(kind: Kind) -> LinkFunction:
    async def listed(namespaces: Rows, fetch: Fetch) -> Sequence[Sequence[Row]]:
        names = {row.metadata.name for row in namespaces.rows}
        fetch.counts_only = fetch.counts_only and len(names) == 1
        answers = await fetch.listed(kind, namespaces=tuple(names) if len(names) == 1 else None, within=tuple(names))
        if fetch.counts_only:
            counts = {answer.cluster: Counted(answer.count or 0) for answer in answers}
            return [counts[cluster] for cluster in namespaces.clusters]
        groups: dict[tuple[FleetCluster, str], list[Row]] = {}
        for cluster, row in rows_of(answers):
            groups.setdefault((cluster, row.metadata.namespace), []).append(row)
        return [groups.get((cluster, row.metadata.name), []) for cluster, row in namespaces]

    return listed


def add_lists(kind: Kind, *, clusters: Family, counts: Family, namespaces: Family) -> None:
    """Adds the list and the count of a kind to families of clusters, and its list to one of namespaces."""
    field_name, is_many = list_name(kind), Shape.MANY
    clusters.link(to=kind, shape=is_many, description=f"Its {kind.name} objects.", name=field_name)(_cluster_list(kind))
    if kind.namespaced:
        namespaces.link(
            "metadata.name", to=kind, shape=is_many, description=f"The {kind.name} objects in it.", name=field_name
        )(_namespace_list(kind))

    @counts.remote(
        description=f"The number of its {kind.name} objects; null if the cluster fails, or if the caller may not list "
        "all of them.",
        returns=int | None,
        name=field_name,
    )
    async def count(clusters: Rows, operation: Operation) -> Sequence[int | None]:
        answers = await ask(operation, ListQuestion(kind, None), clusters.rows)
        return [_number(answer) for answer in answers]


def _number(answer: ClusterAnswer) -> int | None:
    """Returns the number of all objects of a kind; None if it is unknown."""
    if answer.lacks_kind:
        return 0
    return None if answer.scope.is_partial else answer.count


CLUSTERS.any_kinds("objects", description="Its objects of one kind that discovery finds, whether it has a type or not.")
for _kind in kinds.BUILT_IN:
    add_lists(_kind, clusters=CLUSTERS, counts=COUNTS, namespaces=NAMESPACES)
