"""The rules of a grant, for the GraphQL mutation and for the command line: arguments to subject, clusters and role."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from resolvers.arguments.selectors import cluster_labels
from resolvers.errors import BadUserInput
from store.clusters.grant import GrantedClusters, GrantedRole, RoleKind, Subject, SubjectKind
from store.errors import InvalidValue


class GrantFault(Enum):
    """A rule that the arguments of a grant break."""

    SUBJECT = "neither or both of user and group"
    CLUSTERS = "none or several ways to choose clusters"
    LABELS = "no labels, which would choose all clusters"
    ROLE = "neither or both of ClusterRole and Role"


class InvalidGrant(BadUserInput):
    """The arguments of a grant break a rule; the message has the names of GraphQL arguments."""

    def __init__(self, fault: GrantFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantArguments:
    """The arguments of a new grant; None for those that were left out."""

    user: str | None = None
    group: str | None = None
    cluster_names: Sequence[str] | None = None
    cluster_labels: str | None = None
    all_clusters: bool = False
    cluster_role: str | None = None
    role: str | None = None
    namespaces: Sequence[str] | None = None

    def checked(self) -> tuple[Subject, GrantedClusters, GrantedRole]:
        """Returns subject, clusters and role, for GraphQL.

        Raises:
            BadUserInput: the arguments break a rule, or a name is invalid; nothing is stored.
        """
        try:
            return self.values()
        except InvalidValue as error:
            raise BadUserInput(f"grant: {error}") from error

    def values(self) -> tuple[Subject, GrantedClusters, GrantedRole]:
        """Returns subject, clusters and role.

        Raises:
            InvalidGrant: the arguments break a rule.
            BadUserInput: the labels are no list of equalities.
            InvalidValue: a name is invalid.
        """
        return self._subject(), self._clusters(), self._role()

    def _subject(self) -> Subject:
        if (self.user is None) == (self.group is None):
            raise InvalidGrant(
                GrantFault.SUBJECT, "grant: it is for a user or for a group; give `user` or `group`, not both."
            )
        if self.user is not None:
            return Subject(SubjectKind.USER, self.user)
        return Subject(SubjectKind.GROUP, self.group or "")

    def _clusters(self) -> GrantedClusters:
        choices = [self.cluster_names is not None, self.cluster_labels is not None, self.all_clusters]
        if choices.count(True) != 1:
            raise InvalidGrant(
                GrantFault.CLUSTERS,
                "grant: choose the clusters by exactly one of `clusterNames`, `clusterLabels` and `allClusters: true`.",
            )
        if self.cluster_names is not None:
            return GrantedClusters(names=tuple(self.cluster_names))
        labels = cluster_labels(self.cluster_labels or "")
        if not labels and not self.all_clusters:
            raise InvalidGrant(
                GrantFault.LABELS,
                "grant: `clusterLabels` is empty; write key=value,key=value, or use `allClusters: true`.",
            )
        return GrantedClusters(labels=labels)

    def _role(self) -> GrantedRole:
        if (self.cluster_role is None) == (self.role is None):
            raise InvalidGrant(
                GrantFault.ROLE, "grant: name the role by `clusterRole`, or by `role` with `namespaces`, not both."
            )
        kind = RoleKind.ROLE if self.cluster_role is None else RoleKind.CLUSTER_ROLE
        namespaces = None if self.namespaces is None else tuple(self.namespaces)
        return GrantedRole(kind, self.cluster_role or self.role or "", namespaces)
