"""The lists of several kinds, requested from many clusters at once, as one list.

The objects of each cluster are ordered by kind, namespace and name. A page continues with API servers' tokens in the
kind where the last one ended, and with the names in its cursor if there is no token.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from k8s.errors import ClusterError, ErrorCode
from k8s.kinds.kind import Kind
from k8s.reading.selection import Selection
from resolvers.arguments.cursors import CursorPlace
from resolvers.arguments.listarguments import ListArguments
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import Scope
from resolvers.lists.clusteranswer import ClusterAnswer, Reduce
from resolvers.lists.fanout import ask_several
from resolvers.lists.kindkeys import keys_of_kind
from resolvers.lists.manykinds import ChosenKinds
from resolvers.lists.question import ALL, ListQuestion, PageWindow
from resolvers.lists.shares import Shares
from resolvers.operation.operation import Operation

_OBJECTS: Final = "objects"
_MOST_ERRORS: Final = 3
"""Errors of one code that a cluster has in a list."""


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
        is_estimated: as of `ListQuestion`.
    """

    chosen: ChosenKinds
    selection_of: Callable[[Kind], Selection] | None
    arguments_of: Callable[[Kind], ListArguments]
    window: PageWindow
    is_by_kind: bool
    wants_count: bool
    reduce: Reduce | None
    is_estimated: bool = False

    def question(self, kind: Kind) -> ListQuestion:
        """Returns the list of one of the kinds."""
        selection = self.selection_of(kind) if self.selection_of is not None else None
        window = self._window(kind)
        return ListQuestion(
            kind,
            selection,
            self.arguments_of(kind),
            window,
            self.wants_count,
            reduce=self.reduce if window is ALL else None,
            is_estimated=self.is_estimated,
        )

    def _window(self, kind: Kind) -> PageWindow:
        """Returns the part of the list of a kind: in the cursor's cluster, kinds before the cursor's are not needed."""
        if self.window.only is not None:
            changed = self.window.only.items()
            return PageWindow(only={name: keys_of_kind(kind.group, kind.name, keys) for name, keys in changed})
        after = self.window.after
        if after is None or not self.is_by_kind:
            return self.window
        cluster, name, *place = after.key
        if str(kind) < name:
            return PageWindow(self.window.first, after, is_behind_cluster=True)
        key = (cluster, *place) if str(kind) == name else (cluster, "", "")
        return PageWindow(self.window.first, CursorPlace(after.values, key, after.token if str(kind) == name else ""))

    def shares(self, operation: Operation, clusters: Sequence[FleetCluster], *, sends_early: bool = False) -> Shares:
        """Returns the shares of the clusters in the lists of all kinds together."""
        distinct = self.chosen.distinct
        label = distinct[0] if len(distinct) == 1 else _OBJECTS
        names = [cluster.name for cluster in clusters if self.chosen.kinds.get(cluster)]
        return Shares(label, operation.limits.objects, names, sends_early=sends_early)


async def ask_kinds(
    operation: Operation, question: ObjectsQuestion, clusters: Sequence[FleetCluster], shares: Shares | None = None
) -> tuple[ClusterAnswer, ...]:
    """Requests the lists of all kinds from all clusters at once; returns an answer for each cluster, in order.

    Args:
        operation: the operation, which reads equal lists once.
        question: the lists.
        clusters: the clusters.
        shares: the shares of all clusters of the list, if `clusters` are only some of them; None: they are all.

    Raises:
        LimitExceeded: the lists are longer than the limit together, and not because of a few clusters.
    """
    chosen = question.chosen
    kinds = {cluster: of_cluster for cluster in clusters if (of_cluster := chosen.kinds.get(cluster))}
    questions = {cluster: [question.question(kind) for kind in of_cluster] for cluster, of_cluster in kinds.items()}
    shares = shares or question.shares(operation, clusters)
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
    errors = _few([answer.error for answer in answers if answer.error is not None])
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
        kind_tokens=tuple((answer.rows[-1], answer.token) for answer in read if answer.token and answer.rows),
        has_more_of_kinds=any(answer.has_more for answer in read),
    )


def _few(errors: Sequence[ClusterError]) -> tuple[ClusterError, ...]:
    """Returns the first errors of each code, and one for the others: a cluster may have hundreds of kinds."""
    few, places = list[ClusterError](), Counter[ErrorCode]()
    for error in errors:
        places[error.code] += 1
        if places[error.code] <= _MOST_ERRORS:
            few.append(error)
    for code, count in places.items():
        if count > _MOST_ERRORS:
            first = next(error for error in few if error.code == code)
            cause = f"other kinds whose lists failed for such reasons: {count - _MOST_ERRORS}."
            others = ClusterError(first.cluster, cause, reason=first.reason)
            others.code, others.retryable = code, first.retryable
            few.append(others)
    return tuple(few)


def _scope(answers: Iterable[ClusterAnswer]) -> Scope:
    """Returns the scope of all lists: that of the partial ones, if there are any."""
    scopes = [answer.scope for answer in answers]
    partial = [scope for scope in scopes if scope.is_partial]
    if not partial:
        return scopes[0]
    names = {name for scope in partial for name in scope.namespaces or ()}
    return replace(partial[0], namespaces=tuple(sorted(names)))
