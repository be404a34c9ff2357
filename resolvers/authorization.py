"""The identity of fleetgraph in one cluster for one caller; it is decided in this module only.

For an administrator it is the cluster's own credential. Any other caller needs a grant; without one the cluster does
not exist for the caller.

- In a cluster with service accounts the identity is an account that has the granted roles and nothing else. It belongs
  to those of the caller's names that have grants there, so all members of a group may share one.
- In a cluster with impersonation the identity is the caller itself, with all its groups. The cluster's own RBAC decides
  on its rights; the grant only makes the cluster exist.
- A snapshot has no RBAC. Two ClusterRoles open it by name, granted for the whole cluster, because they read whole
  clusters: `cluster-admin`, and `fleetgraph-reader` (deploy/reader), which reads everything but Secrets. No other grant
  opens it, even if it is by labels that the snapshot has.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from k8s.transport.exchange import OWN_CREDENTIAL
from resolvers.caller import Caller
from store.clusters.cluster import ClusterRecord, IdentityMode, SnapshotOrigin
from store.clusters.grant import GrantedRole, GrantRecord, RoleKind, Subject, SubjectKind
from store.errors import InvalidValue

SNAPSHOT_ADMINISTRATOR: Final = "cluster-admin"
SNAPSHOT_READER: Final = "fleetgraph-reader"


@dataclass(frozen=True, slots=True)
class Administrator:
    """The cluster's own credential."""


@dataclass(frozen=True, slots=True)
class AccountHolder:
    """A service account for some users and groups.

    Attributes:
        subjects: Its users and groups; sorted.
        roles: Its roles; sorted.
        grants: The ids of its grants; sorted. They are no part of its identity. They distinguish a grant that was
            removed and added again from the one before, whose bindings are gone.
    """

    subjects: tuple[Subject, ...]
    roles: tuple[GrantedRole, ...]
    grants: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Impersonated:
    """The caller itself.

    Attributes:
        user: Its name.
        groups: Its groups; sorted.
    """

    user: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SnapshotReader:
    """A reader of a snapshot."""

    reads_secrets: bool


@dataclass(frozen=True, slots=True)
class Nobody:
    """No identity: that of requests to a cluster's own Prometheus, which gets no credential."""


Identity: TypeAlias = Administrator | AccountHolder | Impersonated | SnapshotReader | Nobody

ADMINISTRATOR: Final = Administrator()
NOBODY: Final = Nobody()


@dataclass(frozen=True, slots=True)
class Authorization:
    """The authorization of a caller in one cluster.

    Attributes:
        identity: The identity of the caller's requests.
        roles: The granted roles; empty for an administrator.
    """

    identity: Identity
    roles: tuple[GrantedRole, ...] = ()


def subjects_of(caller: Caller) -> tuple[Subject, ...]:
    """Returns the users and groups whose grants a caller has, without names that no grant can have."""
    return tuple(sorted({*_subjects(SubjectKind.USER, [caller.name]), *_subjects(SubjectKind.GROUP, caller.groups)}))


def authorization_of(record: ClusterRecord, caller: Caller, grants: Sequence[GrantRecord]) -> Authorization | None:
    """Returns the authorization of a caller in a cluster; None if the cluster does not exist for the caller.

    Args:
        record: The cluster.
        caller: The caller.
        grants: All grants of the caller's subjects, for any clusters.
    """
    if caller.is_administrator:
        return Authorization(ADMINISTRATOR)
    here = [grant for grant in grants if grant.clusters.include(record)]
    if not here:
        return None
    if isinstance(record.connection, SnapshotOrigin):
        return _snapshot_authorization(here)
    roles = roles_of(here)
    if record.identity is IdentityMode.IMPERSONATION:
        return Authorization(Impersonated(caller.name, tuple(sorted(caller.groups))), roles)
    subjects = tuple(sorted({grant.subject for grant in here}))
    return Authorization(AccountHolder(subjects, roles, tuple(sorted(grant.id for grant in here))), roles)


def roles_of(grants: Iterable[GrantRecord]) -> tuple[GrantedRole, ...]:
    """Returns the roles of some grants, each once."""
    return tuple(sorted({grant.role for grant in grants}, key=str))


def in_words(identity: Identity) -> str:
    """Returns an identity in words, for audit events of requests that did not reach the API server."""
    match identity:
        case Administrator():
            return OWN_CREDENTIAL
        case AccountHolder(subjects):
            return f"service account for {', '.join(map(str, subjects))}"
        case Impersonated(user):
            return user
        case SnapshotReader():
            return "reader of a snapshot"
        case Nobody():
            return "anonymous"


def role_names(roles: Iterable[GrantedRole]) -> tuple[str, ...]:
    """Returns the names by which a caller sees roles; see `FleetCluster.roles`."""
    places = ((role.name, namespace) for role in roles for namespace in role.namespaces or (None,))
    return tuple(sorted({name if namespace is None else f"{namespace}/{name}" for name, namespace in places}))


def _snapshot_authorization(grants: Sequence[GrantRecord]) -> Authorization | None:
    opening = {SNAPSHOT_ADMINISTRATOR: True, SNAPSHOT_READER: False}
    wide = [grant for grant in grants if grant.role.kind is RoleKind.CLUSTER_ROLE and grant.role.is_cluster_wide]
    readers = [grant for grant in wide if grant.role.name in opening]
    if not readers:
        return None
    return Authorization(SnapshotReader(any(opening[grant.role.name] for grant in readers)), roles_of(readers))


def _subjects(kind: SubjectKind, names: Iterable[str]) -> Iterator[Subject]:
    for name in names:
        try:
            yield Subject(kind, name)
        except InvalidValue:
            continue
