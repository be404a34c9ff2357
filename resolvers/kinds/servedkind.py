"""The GraphQL fields of `kinds`: the kinds that clusters serve, whether or not they have a type."""

from collections.abc import Sequence
from types import GenericAlias
from typing import Annotated, Final

from msgspec import Meta, Struct

from resolvers.fleet.cluster import FleetCluster
from resolvers.links.members import CLUSTER, Family, Owner
from resolvers.lists.clusteranswer import ClusterAnswer
from resolvers.lists.clusterreports import REPORTS
from resolvers.lists.fleetkinds import DiscoveryProblem, FleetKind, FleetVersion, KindsPage
from resolvers.messages.translation import localize

KIND_PAGES = Family(Owner("ServedKindConnection"))
SERVED_KINDS = Family(Owner("ServedKind"))
SERVED_VERSIONS = Family(Owner("ServedKindVersion"))
KIND_PROBLEMS = Family(Owner("KindProblem"))

_CLUSTERS: Final = GenericAlias(list, (CLUSTER,))


class KindPageInfo(Struct, frozen=True):
    """The end of a page of kinds."""

    hasNextPage: Annotated[bool, Meta(description="True if more kinds follow.")]  # noqa: N815  the GraphQL name
    endCursor: Annotated[  # noqa: N815  the GraphQL name
        str | None, Meta(description="Pass it as `after` for the kinds that follow; null if the page is empty.")
    ]


@KIND_PAGES.derived(
    description="The kinds of this page, ordered by group and kind.", returns=GenericAlias(list, (SERVED_KINDS.owner,))
)
def nodes(page: KindsPage) -> Sequence[FleetKind]:
    """Returns the kinds."""
    return page.kinds


@KIND_PAGES.derived(description="The number of kinds on all pages.")
def total_count(page: KindsPage) -> int:
    """Returns the number of kinds of the clusters that answered."""
    return page.total


@KIND_PAGES.derived(description="The end of this page.")
def page_info(page: KindsPage) -> KindPageInfo:
    """Returns the last kind, which is the cursor."""
    return KindPageInfo(page.has_next, page.end)


@KIND_PAGES.derived(
    description="A report for each cluster; the kinds of one that failed are missing.",
    returns=GenericAlias(list, (REPORTS.owner,)),
    name="clusters",
)
def reports(page: KindsPage) -> Sequence[ClusterAnswer]:
    """Returns the answers."""
    return page.answers


@KIND_PAGES.derived(
    description="Kinds that are missing, with the reason: entries of discovery that are invalid or contradict others, "
    "kinds beyond the limit, and aggregated APIs that do not answer; and kinds and fields that have no type.",
    returns=GenericAlias(list, (KIND_PROBLEMS.owner,)),
)
def problems(page: KindsPage) -> Sequence[DiscoveryProblem]:
    """Returns the problems."""
    return page.problems


@KIND_PROBLEMS.derived(
    description="The name of the cluster; null if it concerns the type of a kind that several clusters may serve."
)
def cluster_name(problem: DiscoveryProblem) -> str | None:
    """Returns the name."""
    return None if problem.cluster is None else problem.cluster.name


@KIND_PROBLEMS.derived(description="The kinds or fields that are concerned, and the reason.")
def message(problem: DiscoveryProblem) -> str:
    """Returns the line."""
    text = localize(problem.message)
    return f"{problem.subject}: {text}" if problem.subject else text


@SERVED_KINDS.derived(description="The API group; empty for the core group.")
def group(kind: FleetKind) -> str:
    """Returns the group."""
    return kind.first.group


@SERVED_KINDS.derived(description="The kind, such as `Deployment`.", name="kind")
def kind_name(kind: FleetKind) -> str:
    """Returns the name."""
    return kind.first.name


@SERVED_KINDS.derived(description="The name with the group, as `resource` and kubectl take it: `deployments.apps`.")
def resource(kind: FleetKind) -> str:
    """Returns the plural with the group."""
    return str(kind.first)


@SERVED_KINDS.derived(description="The plural, such as `deployments`.")
def plural(kind: FleetKind) -> str:
    """Returns the plural."""
    return kind.first.plural


@SERVED_KINDS.derived(description="The singular, such as `deployment`.")
def singular(kind: FleetKind) -> str:
    """Returns the singular."""
    return kind.first.singular


@SERVED_KINDS.derived(description="Abbreviations, such as `deploy`.")
def short_names(kind: FleetKind) -> list[str]:
    """Returns the short names in any cluster."""
    return list(kind.short_names)


@SERVED_KINDS.derived(description="Groups of kinds that it belongs to, such as `all`.")
def categories(kind: FleetKind) -> list[str]:
    """Returns the categories in any cluster."""
    return list(kind.categories)


@SERVED_KINDS.derived(description="False for objects of the whole cluster.")
def namespaced(kind: FleetKind) -> bool:
    """Returns the scope."""
    return kind.first.namespaced


@SERVED_KINDS.derived(
    description="The versions, in Kubernetes' order: stable ones before beta and alpha, newer ones first.",
    returns=GenericAlias(list, (SERVED_VERSIONS.owner,)),
)
def versions(kind: FleetKind) -> Sequence[FleetVersion]:
    """Returns the versions in any cluster."""
    return kind.versions


@SERVED_KINDS.derived(description="The clusters that serve it.", returns=_CLUSTERS)
def clusters(kind: FleetKind) -> Sequence[FleetCluster]:
    """Returns the clusters, ordered by name."""
    return kind.clusters


@SERVED_KINDS.derived(description="True if its objects have a GraphQL type of their own; others are JSON.")
def is_typed(kind: FleetKind) -> bool:
    """Returns whether the schema has the kind."""
    return kind.type_name is not None


@SERVED_KINDS.derived(description="The GraphQL type of its objects; null if it has none.")
def type_name(kind: FleetKind) -> str | None:
    """Returns the name in the schema of the caller."""
    return kind.type_name


@SERVED_KINDS.derived(description="True if its aggregated API does not answer, in one of the clusters or in several.")
def is_stale(kind: FleetKind) -> bool:
    """Returns whether it is stale anywhere."""
    return bool(kind.stale_in)


@SERVED_KINDS.derived(description="The clusters in which its aggregated API does not answer.", returns=_CLUSTERS)
def stale_in(kind: FleetKind) -> Sequence[FleetCluster]:
    """Returns the clusters, ordered by name."""
    return kind.stale_in


@SERVED_VERSIONS.derived(description="The version within the group, such as `v1beta1`.")
def version(served: FleetVersion) -> str:
    """Returns the version."""
    return served.version


@SERVED_VERSIONS.derived(description="The verbs of its objects, such as `list`, in any cluster.")
def verbs(served: FleetVersion) -> list[str]:
    """Returns the verbs, sorted."""
    return sorted(served.verbs)


@SERVED_VERSIONS.derived(description="The names of its subresources, such as `status`, in any cluster.")
def subresources(served: FleetVersion) -> list[str]:
    """Returns the subresources, sorted."""
    return sorted(served.subresources)


@SERVED_VERSIONS.derived(description="True if all clusters that serve this version prefer it to others.")
def preferred(served: FleetVersion) -> bool:
    """Returns whether it is preferred everywhere."""
    return len(served.preferred_in) == len(served.clusters)


@SERVED_VERSIONS.derived(description="The clusters that prefer this version to others of the kind.", returns=_CLUSTERS)
def preferred_in(served: FleetVersion) -> Sequence[FleetCluster]:
    """Returns the clusters, ordered by name."""
    return served.preferred_in


@SERVED_VERSIONS.derived(description="The clusters that serve this version.", returns=_CLUSTERS, name="clusters")
def version_clusters(served: FleetVersion) -> Sequence[FleetCluster]:
    """Returns the clusters, ordered by name."""
    return served.clusters


@SERVED_VERSIONS.derived(
    description="The clusters in which the aggregated API of this version does not answer.",
    returns=_CLUSTERS,
    name="staleIn",
)
def version_stale_in(served: FleetVersion) -> Sequence[FleetCluster]:
    """Returns the clusters, ordered by name."""
    return served.stale_in
