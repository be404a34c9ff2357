"""The answers of clusters to one list."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from k8s.errors import ClusterError
from k8s.reading.decoding import Row
from k8s.turns.turns import Pace
from resolvers.arguments.arguments import ListArguments
from resolvers.arguments.cursors import END, IN_NAMESPACE
from resolvers.errors import TooFewClusters
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.lists.rows import Rows

_MOST_INT: Final = 2**31 - 1

Reduce = Callable[[FleetCluster, Sequence[Row]], Awaitable[Sequence[Any]]]
"""Reduces some objects of a cluster's list, in their order, to what a query needs: some of them, or a part of each."""


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """The answer of one cluster to one list, or to the part of it that one request reads.

    Attributes:
        rows: its objects, or what they were reduced to; empty if it failed, or if they were only counted.
        count: the number of its objects; None if it failed, or was not asked for that.
        latency_ms: until its answer, or failure, was there; 0 for a part.
        observed_at: the answer is not older than this; None if it failed.
        error: the reason of its failure.
        token: continues behind the last row of a part, `END` if there are no more; empty for whole lists.
        resource_version: the cluster's own, of the list; of several, the oldest. Empty if it failed, or only counted.
        scope: the part of the cluster that was read; of one that failed, none.
        is_reduced: whether the rows are what the objects were reduced to.
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

    @property
    def has_more(self) -> bool:
        """True if the cluster has objects behind its rows."""
        return self.token.removeprefix(IN_NAMESPACE) not in {"", END}

    def within(self, namespace: str) -> "ClusterAnswer":
        """Returns the answer for one of its namespaces."""
        return replace(self, scope=Scope((namespace,)))

    def failed(self, error: ClusterError) -> "ClusterAnswer":
        """Returns the answer without all that it says, and with an error instead."""
        return ClusterAnswer(self.cluster, [], None, self.latency_ms, None, error)

    async def reduced(self, reduce: Reduce) -> "ClusterAnswer":
        """Returns the answer with its rows reduced."""
        return replace(self, rows=list(await reduce(self.cluster, self.rows)), is_reduced=True)


async def alike(
    answers: Sequence[ClusterAnswer], reduced: Callable[[ClusterAnswer], Awaitable[ClusterAnswer]]
) -> list[ClusterAnswer]:
    """Returns the parts of one list all reduced, if one of them is: others came while the operation had read little."""
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
    """Returns the number of objects of the clusters that answered, as far as GraphQL's Int goes."""
    return min(_MOST_INT, sum(answer.count or 0 for answer in answers))


def without(
    answers: Sequence[ClusterAnswer], failures: Mapping[FleetCluster, ClusterError]
) -> tuple[ClusterAnswer, ...]:
    """Returns the answers, of which some clusters failed afterwards."""
    return tuple(
        answer.failed(failures[answer.cluster]) if answer.cluster in failures else answer for answer in answers
    )


def failures_of(answers: Sequence[ClusterAnswer]) -> list[ClusterError]:
    """Returns the errors of the clusters that failed."""
    return [answer.error for answer in answers if answer.error is not None]


def refuse_lost_quorum(arguments: ListArguments, answers: Sequence[ClusterAnswer]) -> None:
    """Refuses the answers of too few clusters (`minClusters`), where they would be a partial result else.

    Raises:
        TooFewClusters: names those that failed; errors of their own have the reasons.
    """
    failed = [answer.cluster.name for answer in answers if answer.error is not None]
    answered = len(answers) - len(failed)
    if answered < arguments.min_clusters:
        raise TooFewClusters(
            f"minClusters: {arguments.min_clusters} clusters must answer, and {answered} of {len(answers)} did; "
            f"{', '.join(failed)} did not."
        )


class Counted(Sequence[Row]):
    """Objects of which only the number was read."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: object) -> Row:
        raise LookupError("only the number of these objects was read")
