"""`viewer`: the caller as it may see itself, with its name, its groups, and the clusters that exist for it."""

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
    clusters: tuple[FleetCluster, ...]


async def read_viewer(operation: Operation) -> Viewer:
    """Returns the caller and the clusters that exist for it; sends no request."""
    caller = operation.caller
    clusters = await operation.clusters()
    return Viewer(caller.name, tuple(sorted(caller.groups)), caller.is_administrator, clusters)


@VIEWER.derived(
    description="The caller's name, as in grants, logs and audit; names from an identity provider have its prefix."
)
def name(viewer: Viewer) -> str:
    """Returns the name, which is unique over all ways of authentication."""
    return viewer.name


@VIEWER.derived(description="The groups of the caller, sorted, with the same prefix.")
def groups(viewer: Viewer) -> list[str]:
    """Returns the groups that the token has."""
    return list(viewer.groups)


@VIEWER.derived(description="True if the caller reads each cluster with the cluster's own credential.")
def administrator(viewer: Viewer) -> bool:
    """Returns whether the user, one of its groups or the token is that of an administrator."""
    return viewer.is_administrator


@VIEWER.derived(
    description="The clusters that exist for the caller, ordered by name.", returns=GenericAlias(list, (ACCESS.owner,))
)
def clusters(viewer: Viewer) -> tuple[ClusterAccess, ...]:
    """Returns all clusters for an administrator; for others those with a grant."""
    return tuple(map(ClusterAccess, viewer.clusters))


@ACCESS.derived(description="The cluster.", returns=CLUSTER)
def cluster(access: ClusterAccess) -> FleetCluster:
    """Returns the cluster."""
    return access.cluster


@ACCESS.derived(
    description="The caller's roles there: `administrator`, or the granted roles: the name of a ClusterRole, or "
    "`namespace/name` for a Role in one namespace."
)
def roles(access: ClusterAccess) -> list[str]:
    """Returns the roles that the fleet has for the caller."""
    return list(access.cluster.roles)
