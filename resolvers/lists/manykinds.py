"""Lists of objects of any kinds, which discovery finds in each cluster: one kind by its name, or whole categories.

The objects of each cluster are ordered by kind, namespace and name. A list of one kind is ordered as all others, and
continues with API servers' tokens; one of several kinds continues with the names in its cursor.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from k8s.apiserver.served import Served, ServedKind
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.selection import Selection
from k8s.turns.turns import Pace
from resolvers.arguments.cursors import END, CursorPlace
from resolvers.arguments.kindnames import KindName
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import BadUserInput
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce
from resolvers.lists.fanout import ask_several
from resolvers.lists.kindresolution import refuse_category, resolve_kinds
from resolvers.lists.question import ALL, ListQuestion, PageWindow
from resolvers.lists.shares import Shares
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained

_OBJECTS: Final = "objects"
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
    operation: Operation, choice: KindChoice, clusters: Sequence[FleetCluster], *, beside: Sequence[FleetCluster] = ()
) -> ChosenKinds:
    """Returns the kinds that a list has in each cluster; lists of those in `beside` are asked at the same time.

    Raises:
        BadUserInput: a name means several kinds, or no cluster has a category.
        UnknownKind: all clusters answered, and none serves a kind of that name.
    """
    if isinstance(choice, Categories):
        return await _of_categories(operation, choice, clusters)
    resolved = await resolve_kinds(operation, clusters, choice, beside=beside)
    kinds = {
        cluster: (kind if cluster in resolved.versioned else _in_own_version(operation, cluster, kind),)
        for cluster, kind in resolved.kinds.items()
    }
    return ChosenKinds(kinds, resolved.errors)


async def _of_categories(operation: Operation, choice: Categories, clusters: Sequence[FleetCluster]) -> ChosenKinds:
    names = frozenset(choice.names)
    served = dict(zip(clusters, await together(*(_served(operation, one) for one in clusters)), strict=True))
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
    if unknown is not None and kinds:
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


async def _served(operation: Operation, cluster: FleetCluster) -> Served | ClusterError:
    try:
        with contained(cluster.name):
            return await cluster.served.current(operation.deadline(cluster))
    except ClusterError as error:
        return error


def _in_own_version(operation: Operation, cluster: FleetCluster, kind: Kind) -> Kind:
    """Returns a kind in the version of its type, if it has one that the cluster serves."""
    own, known = operation.kinds.find(kind.group, kind.name), cluster.served.known
    served = known.find(kind.group, kind.name) if known is not None else None
    is_served = own is not None and served is not None and own.version in served.versions_with("list")
    return own if own is not None and is_served else kind


@dataclass(frozen=True, slots=True)
class ObjectsQuestion:
    """A list of several kinds as it is requested from many clusters.

    Attributes:
        chosen: the kinds in each cluster.
        selection_of: the paths to decode of objects of a kind; None if objects are only counted.
        arguments_of: the arguments for a kind, with conditions pushed down.
        window: the objects that are needed, in the order by identity.
        is_by_kind: whether this order has kinds.
        wants_count: whether the number of all objects is needed.
        reduce: reduces the objects of a cluster's whole list if there are many.
    """

    chosen: ChosenKinds
    selection_of: Callable[[Kind], Selection] | None
    arguments_of: Callable[[Kind], ListArguments]
    window: PageWindow
    is_by_kind: bool
    wants_count: bool
    reduce: Reduce | None

    def question(self, kind: Kind) -> ListQuestion:
        """Returns the list of one of the kinds."""
        selection = self.selection_of(kind) if self.selection_of is not None else None
        window = self._window(kind)
        reduce = self.reduce if window is ALL else None
        return ListQuestion(kind, selection, self.arguments_of(kind), window, self.wants_count, reduce=reduce)

    def _window(self, kind: Kind) -> PageWindow:
        """Returns the part of the list of a kind: in the cursor's cluster, kinds before the cursor's are not needed."""
        after = self.window.after
        if after is None or not self.is_by_kind:
            return self.window
        cluster, name, *place = after.key
        if str(kind) < name:
            return PageWindow(self.window.first, CursorPlace(after.values, (cluster, *place), END))
        key = (cluster, *place) if str(kind) == name else (cluster, "", "")
        return PageWindow(self.window.first, CursorPlace(after.values, key))


async def ask_kinds(
    operation: Operation, question: ObjectsQuestion, clusters: Sequence[FleetCluster]
) -> tuple[ClusterAnswer, ...]:
    """Requests the lists of all kinds from all clusters at once; returns an answer for each cluster, in order.

    Raises:
        LimitExceeded: the lists are longer than the limit together, and not because of a few clusters.
    """
    chosen = question.chosen
    questions = {
        cluster: [question.question(kind) for kind in kinds] for cluster, kinds in chosen.kinds.items() if kinds
    }
    distinct = chosen.distinct
    label = distinct[0] if len(distinct) == 1 else _OBJECTS
    shares = Shares(label, operation.limits.objects, [cluster.name for cluster in questions])
    answers = dict(zip(questions, await ask_several(operation, questions, shares), strict=True))
    joined = []
    for cluster in clusters:
        if cluster in answers:
            joined.append(_joined(answers[cluster]))
        elif cluster in chosen.errors:
            joined.append(ClusterAnswer(cluster, [], None, 0.0, None, chosen.errors[cluster]))
        elif cluster in chosen.kinds:
            joined.append(ClusterAnswer(cluster, [], 0, 0.0, None, None))
    return tuple(joined)


def _joined(answers: Sequence[ClusterAnswer]) -> ClusterAnswer:
    """Joins the answers of one cluster, in the order of kinds; nothing is missing of a kind that has just gone."""
    answers = [answer for answer in answers if not answer.lacks_kind] or answers
    first = answers[0]
    if len(answers) == 1:
        return first
    read = [answer for answer in answers if answer.error is None]
    errors = tuple(answer.error for answer in answers if answer.error is not None)
    latency_ms = max(answer.latency_ms for answer in answers)
    if not read:
        return ClusterAnswer(first.cluster, [], None, latency_ms, None, errors[0], kind_errors=errors[1:])
    counts = [answer.count for answer in read]
    return ClusterAnswer(
        first.cluster,
        [row for answer in read for row in answer.rows],
        None if None in counts else sum(count or 0 for count in counts),
        latency_ms,
        min((answer.observed_at for answer in read if answer.observed_at is not None), default=None),
        None,
        scope=_scope(read),
        is_reduced=read[0].is_reduced,
        is_estimate=any(answer.is_estimate for answer in read),
        kind_errors=errors,
        has_more_of_kinds=any(answer.has_more for answer in read),
    )


def _scope(answers: Iterable[ClusterAnswer]) -> Scope:
    """Returns the scope of all lists: that of the partial ones, if there are any."""
    scopes = [answer.scope for answer in answers]
    partial = [scope for scope in scopes if scope.is_partial]
    if not partial:
        return scopes[0]
    names = {name for scope in partial for name in scope.namespaces or ()}
    return replace(partial[0], namespaces=tuple(sorted(names)))
