"""Who asks, as the caller itself may see it: its name, its groups, and the clusters that exist for it."""

from dataclasses import dataclass
from types import GenericAlias

from resolvers.fleet.cluster import FleetCluster
from resolvers.links.members import CLUSTER, Family, Owner
from resolvers.operation.operation import Operation

VIEWER = Family(Owner("Viewer"))
ACCESS = Family(Owner("ViewerCluster"))


@dataclass(frozen=True, slots=True)
class ClusterAccess:
    """One cluster that exists for the caller."""

    cluster: FleetCluster


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller of one operation."""

    name: str
    groups: tuple[str, ...]
    is_administrator: bool
    clusters: tuple[ClusterAccess, ...]


async def read_viewer(operation: Operation) -> Viewer:
    """Who asks, and what exists for it; no cluster is asked."""
    caller = operation.caller
    clusters = tuple(ClusterAccess(cluster) for cluster in await operation.clusters())
    return Viewer(caller.name, tuple(sorted(caller.groups)), caller.is_administrator, clusters)


@VIEWER.derived(
    description="The caller's name, as grants, logs and audit have it; with the prefix of who vouches for it."
)
def name(viewer: Viewer) -> str:
    """Unique over everything that authenticates callers."""
    return viewer.name


@VIEWER.derived(description="The groups that the caller is a member of, in order, named likewise.")
def groups(viewer: Viewer) -> list[str]:
    """Those that the token names."""
    return list(viewer.groups)


@VIEWER.derived(description="Whether the caller asks each cluster with the cluster's own credential.")
def administrator(viewer: Viewer) -> bool:
    """By user, group or token."""
    return viewer.is_administrator


@VIEWER.derived(
    description="The clusters that exist for the caller, ordered by name.", returns=GenericAlias(list, (ACCESS.owner,))
)
def clusters(viewer: Viewer) -> tuple[ClusterAccess, ...]:
    """All for an administrator; for everyone else those with a grant."""
    return viewer.clusters


@ACCESS.derived(description="The cluster.", returns=CLUSTER)
def cluster(access: ClusterAccess) -> FleetCluster:
    """The cluster."""
    return access.cluster


@ACCESS.derived(
    description="What the caller acts as there: `administrator`, or the granted roles: the name of a ClusterRole, or "
    "`namespace/name` for a Role in one namespace."
)
def roles(access: ClusterAccess) -> list[str]:
    """As the fleet says."""
    return list(access.cluster.roles)
