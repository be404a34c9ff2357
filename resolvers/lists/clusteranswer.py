"""The answers of clusters to one list."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from k8s.errors import ClusterError, KindUnavailable, TimedOut
from k8s.listednames import all_of
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.arguments.cursors import END, IN_NAMESPACE
from resolvers.arguments.listarguments import ListArguments
from resolvers.errors import TooFewClusters
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.lists.clusternotes import ClusterNote
from resolvers.lists.rows import Rows

_MOST_INT: Final = 2**31 - 1

Reduce = Callable[[FleetCluster, Sequence[Row]], Awaitable[Sequence[Any]]]
"""Reduces objects of a cluster's list to those, or to those values, that a query needs; the order stays."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A reduction to sums: no object is needed, so that objects are reduced from the first page on."""

    summed: Reduce

    async def __call__(self, cluster: FleetCluster, rows: Sequence[Row]) -> Sequence[Any]:
        """Returns the sums of some objects."""
        return await self.summed(cluster, rows)


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """The answer of one cluster to one list, or to one request of it.

    Attributes:
        rows: its objects, or the results of their reduction; empty if it failed, or if they were only counted.
        count: the number of its objects; None if it failed, or if the number was not requested.
        latency_ms: milliseconds until its answer or failure; 0 for the answer to a single request.
        observed_at: the earliest time at which objects were read; None if it failed.
        error: the cause of its failure.
        token: the continue token behind the last row of a part, `END` at the end of the list; empty for whole lists.
        resource_version: the list's version in the cluster; of several lists the oldest. Empty if the cluster failed,
            or if objects were only counted.
        scope: the part of the cluster that was read; meaningless if it failed.
        is_reduced: whether the rows are the results of a reduction.
        is_estimate: whether the count includes objects that were not read, as the API server estimates them.
        kind_errors: of a list of several kinds, the causes of the failure of those whose objects are missing; none if
            all failed for one cause, which is the error.
        kind_tokens: of a list of several kinds, the last row of each one with the token that continues behind it.
        has_more_of_kinds: of a list of several kinds, whether the cluster has objects of one after its rows.
        notes: the reasons for which fields of its objects have no value.
    """

    cluster: FleetCluster
    rows: list[Any]
    count: int | None
    latency_ms: float
    observed_at: datetime | None
    error: ClusterError | None
    token: str = ""
    resource_version: str = ""
    scope: Scope = WHOLE_CLUSTER
    is_reduced: bool = False
    is_estimate: bool = False
    kind_errors: tuple[ClusterError, ...] = ()
    kind_tokens: tuple[tuple[Any, str], ...] = ()
    has_more_of_kinds: bool = False
    notes: tuple[ClusterNote, ...] = ()

    @property
    def lacks_kind(self) -> bool:
        """True if the cluster does not serve the kind: it has no such object, and none is missing.

        A snapshot without a kind is another matter: nobody knows whether the cluster had it.
        """
        return isinstance(self.error, KindUnavailable) and self.error.is_absent and self.cluster.taken_at is None

    @property
    def tokens(self) -> tuple[tuple[Any, str], ...]:
        """The rows behind which the API server can continue, each with its token."""
        return ((self.rows[-1], self.token),) if self.token and self.rows else self.kind_tokens

    @property
    def has_more(self) -> bool:
        """True if the cluster has objects after its rows."""
        return self.has_more_of_kinds or self.token.removeprefix(IN_NAMESPACE) not in {"", END}

    def within(self, namespace: str) -> "ClusterAnswer":
        """Returns the answer, limited to one of its namespaces."""
        return replace(self, scope=Scope((namespace,)))

    def failed(self, error: ClusterError) -> "ClusterAnswer":
        """Returns an answer of the same cluster with an error instead of rows."""
        return ClusterAnswer(self.cluster, [], None, self.latency_ms, None, error)

    async def reduced(self, reduce: Reduce) -> "ClusterAnswer":
        """Returns the answer with its rows reduced."""
        return replace(self, rows=list(await reduce(self.cluster, self.rows)), is_reduced=True)


async def alike(
    answers: Sequence[ClusterAnswer], reduced: Callable[[ClusterAnswer], Awaitable[ClusterAnswer]]
) -> list[ClusterAnswer]:
    """Returns the parts of one list; reduces all of them if one is reduced.

    Parts that were read before the operation had read many objects are not reduced.
    """
    if not any(answer.is_reduced for answer in answers):
        return list(answers)
    pace, reduced_answers = Pace(), list[ClusterAnswer]()
    for answer in answers:
        reduced_answers.append(answer if answer.is_reduced else await reduced(answer))
        await pace.breathe()
    return reduced_answers


def rows_of(answers: Sequence[ClusterAnswer]) -> Rows:
    """Returns all objects, ordered by cluster and `namespace/name`."""
    rows = Rows()
    for answer in answers:
        rows.extend(answer.cluster, answer.rows)
    return rows


def count_of(answers: Sequence[ClusterAnswer]) -> int:
    """Returns the number of objects of the clusters that answered, at most the maximum of GraphQL's Int."""
    return min(_MOST_INT, sum(answer.count or 0 for answer in answers))


def without(
    answers: Sequence[ClusterAnswer], failures: Mapping[FleetCluster, ClusterError]
) -> tuple[ClusterAnswer, ...]:
    """Returns the answers, with errors for clusters that failed later."""
    return tuple(
        answer.failed(failures[answer.cluster]) if answer.cluster in failures else answer for answer in answers
    )


def failures_of(answers: Sequence[ClusterAnswer]) -> list[ClusterError]:
    """Returns the errors of the clusters that failed, and of kinds that failed in others."""
    failed = (answer for answer in answers if not answer.lacks_kind)
    return [error for answer in failed for error in (answer.error, *answer.kind_errors) if error is not None]


def list_timed_out(cluster: FleetCluster, timeout_s: float | None) -> TimedOut:
    """Returns the error of a cluster that did not answer within the timeout of the list."""
    return TimedOut(cluster.name, f"no complete answer within {timeout_s or 0:g} s (timeoutMs of the list).")


def refuse_lost_quorum(arguments: ListArguments, answers: Sequence[ClusterAnswer]) -> None:
    """Refuses a partial result if fewer clusters answered than `minClusters`.

    Raises:
        TooFewClusters: its message names the clusters that failed; their own errors have the causes.
    """
    failed = [answer.cluster.name for answer in answers if answer.error is not None and not answer.lacks_kind]
    answered = len(answers) - len(failed)
    if answered < arguments.min_clusters:
        raise TooFewClusters(
            f"minClusters is {arguments.min_clusters}, and {answered} of {len(answers)} answered; "
            f"{all_of(failed)} did not."
        )


class Counted(Sequence[Row]):
    """Objects that were only counted."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: object) -> Row:
        raise LookupError("only the number of these objects was read")
