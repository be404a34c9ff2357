"""What a mutation says of a grant, checked; the command line has options of the same names (server/cli/grants.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from resolvers.arguments.selectors import cluster_labels
from resolvers.errors import BadUserInput
from store.clusters.grant import GrantedClusters, GrantedRole, RoleKind, Subject, SubjectKind
from store.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantArguments:
    """What was given; None was left out."""

    user: str | None = None
    group: str | None = None
    cluster_names: Sequence[str] | None = None
    cluster_labels: str | None = None
    all_clusters: bool = False
    cluster_role: str | None = None
    role: str | None = None
    namespaces: Sequence[str] | None = None

    def checked(self) -> tuple[Subject, GrantedClusters, GrantedRole]:
        """For whom, where, and what.

        Raises:
            BadUserInput: they contradict each other, or a name is none; nothing is stored.
        """
        try:
            return self._subject(), self._clusters(), self._role()
        except InvalidValue as error:
            raise BadUserInput(f"grant: {error}") from error

    def _subject(self) -> Subject:
        if (self.user is None) == (self.group is None):
            raise BadUserInput("grant: it is for a user or for a group; give `user` or `group`.")
        if self.user is not None:
            return Subject(SubjectKind.USER, self.user)
        return Subject(SubjectKind.GROUP, self.group or "")

    def _clusters(self) -> GrantedClusters:
        given = [self.cluster_names is not None, self.cluster_labels is not None, self.all_clusters]
        if given.count(True) != 1:
            raise BadUserInput("grant: say which clusters, by `clusterNames`, `clusterLabels` or `allClusters: true`.")
        if self.cluster_names is not None:
            return GrantedClusters(names=tuple(self.cluster_names))
        labels = cluster_labels(self.cluster_labels or "")
        if not labels and not self.all_clusters:
            raise BadUserInput(
                "grant: `clusterLabels` is empty; write key=value,key=value, or say `allClusters: true`."
            )
        return GrantedClusters(labels=labels)

    def _role(self) -> GrantedRole:
        if (self.cluster_role is None) == (self.role is None):
            raise BadUserInput("grant: say which role, by `clusterRole`, or by `role` with `namespaces`.")
        kind = RoleKind.ROLE if self.cluster_role is None else RoleKind.CLUSTER_ROLE
        namespaces = None if self.namespaces is None else tuple(self.namespaces)
        return GrantedRole(kind, self.cluster_role or self.role or "", namespaces)
