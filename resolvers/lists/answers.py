"""What clusters answered to one list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from k8s.errors import ClusterError
from k8s.reading.decoding import Row
from resolvers.arguments.cursors import END, IN_NAMESPACE
from resolvers.fleet.cluster import FleetCluster
from resolvers.fleet.scope import WHOLE_CLUSTER, Scope
from resolvers.lists.rows import Rows

_MOST_INT: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """What one cluster said to one list.

    Attributes:
        rows: its objects, or what was kept of them; empty if it failed, or if only their number was wanted.
        count: how many there are; None if it failed, or was not asked how many.
        latency_ms: until its answer, or failure, was there.
        observed_at: the answer is not older than this; None if it failed.
        error: why it failed.
        resource_version: the cluster's own, of the list; of several, the oldest. Empty if it failed, or only counted.
        scope: which part of the cluster was read; of one that failed, none.
        read: how many objects were read for the rows.
        is_kept: whether the rows are what was kept of the objects.
        token: continues behind the last row of a part, `END` if there are no more; empty for whole lists.
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
    read: int = 0
    is_kept: bool = False

    @property
    def has_more(self) -> bool:
        """Whether the cluster has objects behind its rows."""
        return self.token.removeprefix(IN_NAMESPACE) not in {"", END}

    def within(self, namespace: str) -> "ClusterAnswer":
        """What it says to whom only one of its namespaces concerns."""
        return replace(self, scope=Scope((namespace,)))

    def failed(self, error: ClusterError) -> "ClusterAnswer":
        """What it says to whom nothing of it could be told."""
        return ClusterAnswer(self.cluster, [], None, self.latency_ms, None, error)


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    """What all clusters said, in their order."""

    answers: tuple[ClusterAnswer, ...]

    @property
    def count(self) -> int:
        """Objects of the clusters that answered, as far as GraphQL's Int goes."""
        return min(_MOST_INT, sum(answer.count or 0 for answer in self.answers))

    def rows(self) -> Rows:
        """All objects, ordered by cluster and `namespace/name`."""
        rows = Rows()
        for answer in self.answers:
            rows.extend(answer.cluster, answer.rows)
        return rows

    def without(self, failures: Mapping[FleetCluster, ClusterError]) -> "FleetAnswer":
        """The same, of which some clusters failed."""
        answers = (each.failed(failures[each.cluster]) if each.cluster in failures else each for each in self.answers)
        return FleetAnswer(tuple(answers))

    @property
    def is_kept(self) -> bool:
        """Whether there were so many objects that less than them was kept."""
        return any(answer.is_kept for answer in self.answers)

    @property
    def failures(self) -> list[ClusterAnswer]:
        """The answers of the clusters that failed."""
        return [answer for answer in self.answers if answer.error is not None]


class Counted(Sequence[Row]):
    """Objects of which only the number was read."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: object) -> Row:
        raise LookupError("only the number of these objects was read")
