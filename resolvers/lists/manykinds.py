"""The kinds of a list of objects of any kinds in each cluster: one kind by its name, or those of whole categories."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from k8s.apiserver.served import Served, ServedKind
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.turns.turns import Pace
from resolvers.arguments.kindnames import KindName
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.kindresolution import answered, refuse_category, resolve_kinds
from resolvers.operation.operation import Operation
from resolvers.together import together

_MOST_CATEGORIES: Final = 20


@dataclass(frozen=True, slots=True)
class Categories:
    """Categories of kinds, such as `all`; each name once, in order."""

    names: tuple[str, ...]


KindChoice = KindName | Categories


@dataclass(frozen=True, slots=True)
class ChosenKinds:
    """The kinds of a list in each cluster.

    Attributes:
        kinds: the kinds of each cluster, ordered by `plural.group`; empty if it serves none of them.
        errors: why a cluster has no kinds.
    """

    kinds: Mapping[FleetCluster, Sequence[Kind]]
    errors: Mapping[FleetCluster, ClusterError]

    @property
    def distinct(self) -> list[Kind]:
        """The kinds of all clusters, each once, whatever its version; ordered by `plural.group`."""
        by_name = {(kind.group, kind.name): kind for kinds in self.kinds.values() for kind in kinds}
        return sorted(by_name.values(), key=str)

    @property
    def lists(self) -> int:
        """The number of lists, over all clusters."""
        return sum(map(len, self.kinds.values()))


def categories(argument: object) -> Categories:
    """Returns the categories of the argument `names`.

    Raises:
        BadUserInput: there are none, or too many.
    """
    names = tuple(dict.fromkeys(str(name) for name in argument)) if isinstance(argument, list | tuple) else ()
    if not names:
        raise BadUserInput('names: the list is empty; name a category, such as "all".')
    if len(names) > _MOST_CATEGORIES:
        raise BadUserInput(f"names: {len(names)} categories; the limit is {_MOST_CATEGORIES}.")
    return Categories(names)


async def choose_kinds(
    operation: Operation,
    choice: KindChoice,
    clusters: Sequence[FleetCluster],
    *,
    beside: Sequence[FleetCluster] = (),
    timeout_s: float | None = None,
) -> ChosenKinds:
    """Returns the kinds that a list has in each cluster; lists of those in `beside` are asked at the same time.

    `timeout_s` is the timeout of the list, if it has one.

    Raises:
        BadUserInput: a name means several kinds, or no cluster has a category.
        UnknownKind: all clusters answered, and none serves a kind of that name.
    """
    if isinstance(choice, Categories):
        return await _of_categories(operation, choice, clusters, timeout_s)
    resolved = await resolve_kinds(operation, clusters, choice, beside=beside, timeout_s=timeout_s)
    kinds = {
        cluster: (kind if cluster in resolved.versioned else _in_own_version(operation, cluster, kind),)
        for cluster, kind in resolved.kinds.items()
    }
    return ChosenKinds(kinds, resolved.errors)


async def _of_categories(
    operation: Operation, choice: Categories, clusters: Sequence[FleetCluster], timeout_s: float | None
) -> ChosenKinds:
    names = frozenset(choice.names)
    reads = (answered(one, timeout_s, one.served.current(operation.deadline(one))) for one in clusters)
    served = dict(zip(clusters, await together(*reads), strict=True))
    errors = {cluster: answer for cluster, answer in served.items() if isinstance(answer, ClusterError)}
    kinds: dict[FleetCluster, Sequence[Kind]] = {}
    known: set[str] = set()
    pace = Pace()
    for cluster, answer in served.items():
        if isinstance(answer, Served):
            known.update(name for kind in answer.kinds for name in kind.categories)
            kinds[cluster] = _listed(operation, answer.kinds, names)
            await pace.breathe()
    unknown = next((name for name in choice.names if name not in known), None)
    if unknown is not None and kinds and not operation.changed:  # of a subscription's list, another cluster has it
        refuse_category(operation, unknown, known, is_answered=not errors)
    return ChosenKinds(kinds, errors)


def _listed(operation: Operation, kinds: Iterable[ServedKind], names: frozenset[str]) -> Sequence[Kind]:
    listed = []
    for served in kinds:
        versions = [*served.versions_with("list")] if names.intersection(served.categories) else []
        if versions:
            own = operation.kinds.find(served.group, served.name)
            version = own.version if own is not None and own.version in versions else versions[0]
            listed.append(served.kind(version))
    return sorted(listed, key=str)


def _in_own_version(operation: Operation, cluster: FleetCluster, kind: Kind) -> Kind:
    """Returns a kind in the version of its type, if it has one that the cluster serves."""
    own, known = operation.kinds.find(kind.group, kind.name), cluster.served.known
    served = known.find(kind.group, kind.name) if known is not None else None
    is_served = own is not None and served is not None and own.version in served.versions_with("list")
    return own if own is not None and is_served else kind
