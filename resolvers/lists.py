"""One list of many clusters at once: each has its own deadline, and a dead one costs its own rows only."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, TypeVar

from k8s.decoding import Row
from k8s.errors import ClusterError, TimedOut
from k8s.kind import Kind
from k8s.listing import Keep, Listing, ListRequest
from k8s.models import structure_names
from k8s.selection import LEAF, Selection, SelectionBuilder
from k8s.turns import Pace
from resolvers.arguments import EVERYTHING, ListArguments
from resolvers.cluster import FleetCluster
from resolvers.cursors import END, IN_NAMESPACE
from resolvers.errors import LimitExceeded
from resolvers.operation import Operation
from resolvers.parts import ALL, Part
from resolvers.reading import read_list
from resolvers.rows import Rows
from resolvers.scope import WHOLE_CLUSTER, Scope
from resolvers.together import together

KeepOf = Callable[[FleetCluster, Sequence[Row]], Awaitable[Sequence[Any]]]
"""What is kept of some objects of a cluster; see `k8s.listing.Keep`."""

_STRUCTURES = structure_names()
_MOST_INT = 2**31 - 1


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


Some = TypeVar("Some", ClusterAnswer, Listing)


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


@dataclass(frozen=True, slots=True)
class ListQuestion:
    """What to list, and what of each object; `selection` None asks only how many there are.

    Attributes:
        part: which objects are needed, in the order of every list.
        wants_count: whether it matters how many there are altogether.
        within: namespaces that matter alone, where the list must be read namespace by namespace.
        keep: what is enough of the objects of a cluster's whole list, should there be many; None: all of them.
    """

    kind: Kind
    selection: Selection | None
    arguments: ListArguments = EVERYTHING
    part: Part = ALL
    wants_count: bool = True
    within: tuple[str, ...] | None = None
    keep: KeepOf | None = None

    @property
    def wanted_namespaces(self) -> tuple[str, ...] | None:
        """The namespaces whose objects matter; None for all."""
        return self.within if self.arguments.namespaces is None else self.arguments.namespaces

    @property
    def asks_each_namespace(self) -> bool:
        """Whether it is one request for each of a few namespaces; else it is one for the whole cluster."""
        return self.arguments.namespaces is not None and not self.arguments.reads_all_namespaces

    def keep_in(self, cluster: FleetCluster) -> Keep | None:
        """What is kept of the objects of one cluster."""
        return None if self.keep is None else partial(self.keep, cluster)

    def wants(self, row: Row) -> bool:
        """Whether an object is in one of the namespaces, for when there were too many to ask for each."""
        return row.metadata.namespace in (self.arguments.namespaces or ())

    def request(self, namespace: str | None) -> ListRequest:
        """The request for a namespace, or for the whole cluster."""
        return ListRequest(
            kind=self.kind,
            structure=_STRUCTURES[self.kind],
            selection=with_identity(self.selection or LEAF, self.kind),
            namespace=namespace,
            label_selector=self.arguments.label_selector,
            field_selector=self.arguments.field_selector,
        )


@lru_cache(maxsize=512)
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
    answers = await together(*(_ask_one(operation, question, cluster) for cluster in clusters))
    answer = FleetAnswer(await _alike(question, [(each.cluster, each) for each in answers]))
    read = sum(each.read for each in answer.answers)
    if read > operation.limits.objects:
        raise LimitExceeded(
            f"The list has {read} {question.kind} and may have {operation.limits.objects}; "
            "narrow it by clusters, namespaces, labelSelector or fieldSelector."
        )
    return answer


async def _ask_one(operation: Operation, question: ListQuestion, cluster: FleetCluster) -> ClusterAnswer:
    started_s = perf_counter()
    timeout_s = question.arguments.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            listed = await read_list(operation, question, cluster)
    except TimeoutError:
        late = TimedOut(cluster.name, f"no complete answer within {timeout_s or 0:g} s (timeoutMs of the list).")
        return ClusterAnswer(cluster, [], None, _since_ms(started_s), None, late)
    except ClusterError as error:
        return ClusterAnswer(cluster, [], None, _since_ms(started_s), None, error)
    found = await _alike(question, [(cluster, each) for each in listed.listings])
    count = sum(each.count or 0 for each in found) if question.wants_count else None
    rows = found[0].rows if len(found) == 1 else [row for each in found for row in each.rows]
    observed_at = min(each.observed_at for each in found)
    ends = "" if question.part is ALL else END
    token = next((each.token or ends for each in reversed(found) if each.token or each.rows), "")
    token = f"{IN_NAMESPACE}{token}" if token and listed.is_by_namespace else token
    version = min((each.resource_version for each in found), key=_age)
    took_ms = _since_ms(started_s)
    read, is_kept = sum(each.read for each in found), any(each.is_kept for each in found)
    return ClusterAnswer(cluster, rows, count, took_ms, observed_at, None, token, version, listed.scope, read, is_kept)


async def _alike(question: ListQuestion, found: Sequence[tuple[FleetCluster, Some]]) -> tuple[Some, ...]:
    """Parts of a list, of all of which the same is kept: what is enough, if that was kept of one of them."""
    pace, parts = Pace(), list[Some]()
    if question.keep is None or not any(part.is_kept for _, part in found):
        return tuple(part for _, part in found)
    for cluster, part in found:
        rows = part.rows if part.is_kept else list(await question.keep(cluster, part.rows))
        parts.append(replace(part, rows=rows, is_kept=True))
        await pace.breathe()
    return tuple(parts)


def _age(resource_version: str) -> tuple[int, str]:
    """Orders the versions of one cluster and kind, the oldest first (KEP-5504: they are decimal numbers)."""
    return (len(resource_version), resource_version)


def _since_ms(started_s: float) -> float:
    return round((perf_counter() - started_s) * 1000, 3)
