"""What fleetgraph is towards one cluster when it asks for one caller; decided here and nowhere else.

An administrator is the cluster's own credential. Everybody else needs a grant, or the cluster does not exist for them:

- where the cluster tells callers apart by service accounts, they are an account that has the granted roles and nothing
  else; it stands for those of the caller's names that have grants there, so all members of a group may share one;
- where it does so by impersonation, they are themselves, with all their groups; the cluster's own RBAC says what that
  may do, and the grant only that the cluster exists for them;
- a snapshot has no RBAC. It opens to two ClusterRoles by name, in the whole cluster, because those read whole clusters:
  `cluster-admin`, and `fleetgraph-reader` (deploy/reader), which reads everything but Secrets. Any other grant, also by
  labels that the snapshot happens to have, opens nothing.
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
    """A service account that is made for some users and groups.

    Attributes:
        subjects: Whom it stands for; sorted.
        roles: All that it may do; sorted.
        grants: The ids of what was granted; sorted. Whom it is, they do not say: they tell a grant that was removed and
            given again from one that was always there, as what was made for the first one is gone.
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
    """Somebody who may read a snapshot."""

    reads_secrets: bool


Identity: TypeAlias = Administrator | AccountHolder | Impersonated | SnapshotReader

ADMINISTRATOR: Final = Administrator()


@dataclass(frozen=True, slots=True)
class Sight:
    """How a cluster exists for a caller.

    Attributes:
        identity: What is asked as.
        roles: What was granted there; empty for an administrator.
    """

    identity: Identity
    roles: tuple[GrantedRole, ...] = ()


def subjects_of(caller: Caller) -> tuple[Subject, ...]:
    """The users and groups whose grants a caller has; a name that no grant can be for is none."""
    return tuple(sorted({*_subjects(SubjectKind.USER, [caller.name]), *_subjects(SubjectKind.GROUP, caller.groups)}))


def sight_of(record: ClusterRecord, caller: Caller, grants: Sequence[GrantRecord]) -> Sight | None:
    """How a cluster exists for a caller; None: it does not.

    Args:
        record: The cluster.
        caller: Who asks.
        grants: All grants of the caller's subjects, for whatever clusters.
    """
    if caller.is_administrator:
        return Sight(ADMINISTRATOR)
    here = [grant for grant in grants if grant.clusters.include(record)]
    if not here:
        return None
    if isinstance(record.connection, SnapshotOrigin):
        return _snapshot_sight(here)
    roles = roles_of(here)
    if record.identity is IdentityMode.IMPERSONATION:
        return Sight(Impersonated(caller.name, tuple(sorted(caller.groups))), roles)
    subjects = tuple(sorted({grant.subject for grant in here}))
    return Sight(AccountHolder(subjects, roles, tuple(sorted(grant.id for grant in here))), roles)


def roles_of(grants: Iterable[GrantRecord]) -> tuple[GrantedRole, ...]:
    """The roles of some grants, each once."""
    return tuple(sorted({grant.role for grant in grants}, key=str))


def in_words(identity: Identity) -> str:
    """An identity for a record of what was done, where the API server was not asked and so has no name for it."""
    match identity:
        case Administrator():
            return OWN_CREDENTIAL
        case AccountHolder(subjects):
            return f"service account for {', '.join(map(str, subjects))}"
        case Impersonated(user):
            return user
        case SnapshotReader():
            return "reader of a snapshot"


def role_names(roles: Iterable[GrantedRole]) -> tuple[str, ...]:
    """What roles are called where a caller is told of them; see `FleetCluster.roles`."""
    places = ((role.name, namespace) for role in roles for namespace in role.namespaces or (None,))
    return tuple(sorted({name if namespace is None else f"{namespace}/{name}" for name, namespace in places}))


def _snapshot_sight(grants: Sequence[GrantRecord]) -> Sight | None:
    opening = {SNAPSHOT_ADMINISTRATOR: True, SNAPSHOT_READER: False}
    wide = [each for each in grants if each.role.kind is RoleKind.CLUSTER_ROLE and each.role.is_cluster_wide]
    found = [each for each in wide if each.role.name in opening]
    if not found:
        return None
    return Sight(SnapshotReader(any(opening[each.role.name] for each in found)), roles_of(found))


def _subjects(kind: SubjectKind, names: Iterable[str]) -> Iterator[Subject]:
    for name in names:
        try:
            yield Subject(kind, name)
        except InvalidValue:
            continue
