"""The kinds that the clusters of a fleet serve, each once over all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, TypeAlias

from k8s.apiserver.served import Served, ServedKind, ServedVersion
from k8s.errors import ClusterError
from k8s.kinds.versionpriority import version_priority
from k8s.schemas.kindschema import KindProblem
from k8s.turns.turns import Pace
from resolvers.arguments.listarguments import checked_first, cluster_choice
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.clusteranswer import ClusterAnswer, failures_of
from resolvers.names import type_name
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained

FIRST: Final = 1000
"""Kinds of a page without `first`; a cluster with many operators serves 200 to 600."""

KindKey: TypeAlias = tuple[str, str]
"""The group and the name of a kind; kinds are ordered by it."""


@dataclass(slots=True)
class FleetVersion:
    """A version of a kind over the fleet.

    Attributes:
        clusters: The clusters that serve it.
        preferred_in: The clusters that prefer it to other versions of the kind.
        stale_in: The clusters in which its aggregated API does not answer.
        cluster: None: it belongs to no cluster.
    """

    version: str
    verbs: frozenset[str] = frozenset()
    subresources: frozenset[str] = frozenset()
    clusters: list[FleetCluster] = field(default_factory=list)
    preferred_in: list[FleetCluster] = field(default_factory=list)
    stale_in: list[FleetCluster] = field(default_factory=list)
    cluster: None = None

    def add(self, cluster: FleetCluster, served: ServedVersion, *, is_preferred: bool) -> None:
        """Adds a cluster that serves the version."""
        self.verbs = self.verbs.union(served.verbs)
        self.subresources = self.subresources.union(served.subresources)
        self.clusters.append(cluster)
        if is_preferred:
            self.preferred_in.append(cluster)
        if served.is_stale:
            self.stale_in.append(cluster)


@dataclass(slots=True)
class FleetKind:
    """A kind over the fleet.

    Attributes:
        first: The kind in the first cluster that serves it, which decides about its names and its scope.
        type_name: The GraphQL type of its objects; None if it has none.
        clusters: The clusters that serve it.
        stale_in: The clusters in which its aggregated API does not answer.
        cluster: None: it belongs to no cluster.
    """

    first: ServedKind
    type_name: str | None
    short_names: dict[str, None] = field(default_factory=dict)
    categories: dict[str, None] = field(default_factory=dict)
    by_version: dict[str, FleetVersion] = field(default_factory=dict)
    clusters: list[FleetCluster] = field(default_factory=list)
    stale_in: list[FleetCluster] = field(default_factory=list)
    cluster: None = None

    @property
    def versions(self) -> Sequence[FleetVersion]:
        """The versions, by Kubernetes' priority."""
        return sorted(self.by_version.values(), key=lambda version: version_priority(version.version))

    def add(self, cluster: FleetCluster, kind: ServedKind) -> None:
        """Adds a cluster that serves the kind."""
        self.short_names.update(dict.fromkeys(kind.short_names))
        self.categories.update(dict.fromkeys(kind.categories))
        self.clusters.append(cluster)
        if kind.is_stale:
            self.stale_in.append(cluster)
        for place, served in enumerate(kind.versions):
            version = self.by_version.setdefault(served.version, FleetVersion(served.version))
            version.add(cluster, served, is_preferred=not place)

    def differs(self, kind: ServedKind) -> bool:
        """Returns whether a cluster serves the kind in another way than the first one."""
        return (kind.plural, kind.namespaced) != (self.first.plural, self.first.namespaced)


@dataclass(frozen=True, slots=True)
class DiscoveryProblem:
    """A line about kinds that were left out, that are not available, or that have no type.

    Attributes:
        cluster: The cluster; None if it concerns the type of a kind, to which several clusters contribute.
        subject: The kind or the group; empty if the message names it.
    """

    cluster: FleetCluster | None
    message: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class KindsPage:
    """A page of kinds.

    Attributes:
        kinds: The kinds of the page, ordered by group and name.
        total: The number of kinds on all pages.
        has_next: True if more follow.
        answers: The answer of each cluster; its rows are elsewhere.
        problems: All problems of all clusters.
        cluster: None: it belongs to no cluster.
    """

    kinds: Sequence[FleetKind]
    total: int
    has_next: bool
    answers: Sequence[ClusterAnswer]
    problems: Sequence[DiscoveryProblem]
    cluster: None = None

    @property
    def end(self) -> str | None:
        """The cursor of the last kind; None if the page is empty."""
        return _cursor(self.kinds[-1].first) if self.kinds else None

    @property
    def failures(self) -> Sequence[ClusterError]:
        """The errors of the clusters that did not answer."""
        return failures_of(self.answers)


async def read_kinds(operation: Operation, arguments: Mapping[str, object]) -> KindsPage:
    """Returns a page of the kinds that clusters serve.

    Raises:
        UnknownCluster: No cluster has one of the names or ids.
        BadUserInput: An argument is invalid.
        LimitExceeded: The page is too large.
    """
    first = checked_first(arguments.get("first"), operation.limits) or min(FIRST, operation.limits.page_objects)
    after = _key(arguments.get("after"))
    clusters = cluster_choice(arguments.get("clusters")).of(await operation.clusters())
    answers = await together(*(_answer(operation, cluster) for cluster in clusters))
    union = _Union(operation, arguments.get("group"))
    for answer, served in answers:
        if served is not None:
            await union.add(answer.cluster, served)
            union.add_schemas(answer.cluster, operation.schema_problems(answer.cluster.id))
    of_union = (one for one in operation.own_kinds.problems if (one.group, one.kind) in union.kinds)
    union.add_schemas(None, of_union)
    keys = sorted(union.kinds)
    following = keys if after is None else [key for key in keys if key > after]
    return KindsPage(
        [union.kinds[key] for key in following[:first]],
        len(keys),
        len(following) > first,
        [answer for answer, _ in answers],
        union.problems,
    )


class _Union:
    """The union of the kinds of clusters."""

    def __init__(self, operation: Operation, group: object) -> None:
        self._typed = operation.own_kinds
        self._group = group
        self.kinds: dict[KindKey, FleetKind] = {}
        self.problems: list[DiscoveryProblem] = []

    async def add(self, cluster: FleetCluster, served: Served) -> None:
        """Adds the kinds of a cluster, and its problems."""
        pace = Pace()
        lines = [*served.problems, *(f"{version}: {cause}." for version, cause in served.failed.items())]
        for kind in served.kinds:
            if self._group is None or kind.group == self._group:
                fleet_kind = self._kind(kind)
                fleet_kind.add(cluster, kind)
                if fleet_kind.differs(kind):
                    lines.append(f"{kind} has another plural or scope than in cluster {fleet_kind.clusters[0].name}.")
            if perf_counter() > pace.until_s:
                await pace.breathe()
        self.problems += [DiscoveryProblem(cluster, line) for line in lines]

    def add_schemas(self, cluster: FleetCluster | None, problems: Iterable[KindProblem]) -> None:
        """Adds problems of schemas, because of which something has no type."""
        self.problems += [
            DiscoveryProblem(cluster, problem.problem, ".".join(filter(None, (problem.kind, problem.group))))
            for problem in problems
            if self._group is None or self._group == problem.group
        ]

    def _kind(self, kind: ServedKind) -> FleetKind:
        key = (kind.group, kind.name)
        if key not in self.kinds:
            typed = self._typed.find(*key)
            self.kinds[key] = FleetKind(kind, None if typed is None else type_name(typed))
        return self.kinds[key]


async def _answer(operation: Operation, cluster: FleetCluster) -> tuple[ClusterAnswer, Served | None]:
    started_s = perf_counter()
    served: Served | None = None
    error: ClusterError | None = None
    try:
        with contained(cluster.name):
            served = await cluster.served.recent(operation.deadline(cluster))
    except ClusterError as failure:
        error = failure
    latency_ms = round((perf_counter() - started_s) * 1000, 3)
    count, observed_at = (None, None) if served is None else (len(served.kinds), cluster.served.cache.known_at)
    return ClusterAnswer(cluster, [], count, latency_ms, observed_at, error), served


def _cursor(kind: ServedKind) -> str:
    return f"{kind.group}/{kind.name}"


def _key(cursor: object) -> KindKey | None:
    """Returns the kind behind which a page begins."""
    if not isinstance(cursor, str):
        return None
    group, slash, name = cursor.partition("/")
    if not slash or not name:
        raise BadUserInput("after: this is no cursor of kinds; pass an endCursor that it gave.")
    return group, name
