"""One list of many clusters at once: each has its own deadline, and a dead one costs its own rows only."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from k8s.decoding import Row
from k8s.errors import ClusterError, TooManyObjects
from k8s.kind import Kind
from k8s.listing import ListRequest
from k8s.models import structure_names
from k8s.selection import LEAF, Selection, SelectionBuilder
from resolvers.arguments import EVERYTHING, ListArguments
from resolvers.cluster import FleetCluster
from resolvers.errors import LimitExceeded
from resolvers.operation import Operation
from resolvers.rows import Rows

_NAMESPACES_ASKED_ONE_BY_ONE = 4
_STRUCTURES = structure_names()
_Found = tuple[list[Row], int, datetime]


@dataclass(frozen=True, slots=True)
class ClusterAnswer:
    """What one cluster said to one list.

    Attributes:
        rows: its objects; empty if it failed, or if only their number was wanted.
        count: how many there are; None if it failed.
        latency_ms: until its answer, or failure, was there.
        observed_at: the answer is not older than this; None if it failed.
        error: why it failed.
    """

    cluster: FleetCluster
    rows: list[Row]
    count: int | None
    latency_ms: float
    observed_at: datetime | None
    error: ClusterError | None


@dataclass(frozen=True, slots=True)
class FleetAnswer:
    """What all clusters said, in their order."""

    answers: tuple[ClusterAnswer, ...]

    @property
    def count(self) -> int:
        """Objects of the clusters that answered."""
        return sum(answer.count or 0 for answer in self.answers)

    def rows(self) -> Rows:
        """All objects, ordered by cluster, namespace and name."""
        rows = Rows()
        for answer in self.answers:
            rows.extend(answer.cluster, answer.rows)
        return rows

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


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """What to list, and what of each object; `selection` None asks only how many there are."""

    kind: Kind
    selection: Selection | None
    arguments: ListArguments = EVERYTHING

    def requests(self) -> list[ListRequest]:
        """The requests that answer it in one cluster: one, or one for each of a few namespaces."""
        namespaces = self.arguments.namespaces or ()
        asked = namespaces if len(namespaces) <= _NAMESPACES_ASKED_ONE_BY_ONE else ()
        return [self._request(namespace) for namespace in asked or (None,)]

    def keeps(self, row: Row) -> bool:
        """Whether an object is in one of the namespaces, for when there were too many to ask for each."""
        return row.metadata.namespace in (self.arguments.namespaces or ())

    @property
    def filters(self) -> bool:
        """Whether more than the wanted namespaces is read."""
        return len(self.arguments.namespaces or ()) > _NAMESPACES_ASKED_ONE_BY_ONE

    def _request(self, namespace: str | None) -> ListRequest:
        return ListRequest(
            kind=self.kind,
            structure=_STRUCTURES[self.kind],
            selection=with_identity(self.selection or LEAF, self.kind),
            namespace=namespace,
            label_selector=self.arguments.label_selector,
            field_selector=self.arguments.field_selector,
        )


def with_identity(selection: Selection, kind: Kind) -> Selection:
    """A selection with what every row must have: its name and namespace."""
    builder = SelectionBuilder()
    builder.update(selection)
    builder.add("metadata.name")
    if kind.namespaced:
        builder.add("metadata.namespace")
    return builder.freeze()


async def ask(operation: Operation, question: ListQuestion, clusters: Iterable[FleetCluster]) -> FleetAnswer:
    """Asks all clusters at once.

    Raises:
        LimitExceeded: the list is longer than one may be.
    """
    answers = await asyncio.gather(*(_ask_one(operation, question, cluster) for cluster in clusters))
    answer = FleetAnswer(tuple(answers))
    if question.selection is not None and answer.count > operation.limits.objects:
        raise LimitExceeded(
            f"The list has {answer.count} {question.kind} and may have {operation.limits.objects}; "
            "narrow it by clusters, namespaces, labelSelector or fieldSelector."
        )
    return answer


async def _ask_one(operation: Operation, question: ListQuestion, cluster: FleetCluster) -> ClusterAnswer:
    started_s = perf_counter()
    try:
        rows, count, observed_at = await _read(operation, question, cluster)
    except TooManyObjects as error:
        raise LimitExceeded(str(error)) from error
    except ClusterError as error:
        return ClusterAnswer(cluster, [], None, _since_ms(started_s), None, error)
    return ClusterAnswer(cluster, rows, count, _since_ms(started_s), observed_at, None)


async def _read(operation: Operation, question: ListQuestion, cluster: FleetCluster) -> _Found:
    requests = question.requests()
    if question.selection is None and not question.filters:
        counts = await asyncio.gather(*(operation.count(cluster, request) for request in requests))
        return [], sum(each.objects for each in counts), min(each.observed_at for each in counts)
    listings = await asyncio.gather(*(operation.list(cluster, request) for request in requests))
    rows = listings[0].rows if len(listings) == 1 else _joined([listing.rows for listing in listings])
    if question.filters:
        rows = [row for row in rows if question.keeps(row)]
    return rows, len(rows), min(listing.observed_at for listing in listings)


def _joined(parts: Sequence[list[Row]]) -> list[Row]:
    return [row for part in parts for row in part]


def _since_ms(started_s: float) -> float:
    return round((perf_counter() - started_s) * 1000, 3)
