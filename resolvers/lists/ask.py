"""One list of many clusters at once: each has its own deadline, and a dead one costs its own rows only."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from time import perf_counter
from typing import Any, TypeVar

from k8s.errors import ClusterError, TimedOut
from k8s.kinds.kind import Kind
from k8s.kinds.models import structure_names
from k8s.reading.decoding import Row
from k8s.reading.listing import Keep, Listing, ListRequest
from k8s.reading.selection import LEAF, Selection, SelectionBuilder
from k8s.turns.turns import Pace
from resolvers.arguments.arguments import EVERYTHING, ListArguments
from resolvers.arguments.cursors import END, IN_NAMESPACE
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.answers import ClusterAnswer, FleetAnswer
from resolvers.lists.question import ALL, Part
from resolvers.lists.reading import read_list
from resolvers.lists.shares import Share, Shares
from resolvers.operation.operation import Operation
from resolvers.together import together
from resolvers.unexpected import contained

KeepOf = Callable[[FleetCluster, Sequence[Row]], Awaitable[Sequence[Any]]]
"""What is kept of some objects of a cluster; see `k8s.reading.listing.Keep`."""

_STRUCTURES = structure_names()


Some = TypeVar("Some", ClusterAnswer, Listing)


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

    def shares(self, operation: Operation, clusters: Iterable[FleetCluster], *, sends_early: bool = False) -> Shares:
        """The shares of the clusters that are asked."""
        names = [cluster.name for cluster in clusters]
        return Shares(self.kind, operation.limits.objects, names, sends_early=sends_early)

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


async def ask(
    operation: Operation, question: ListQuestion, clusters: Iterable[FleetCluster], shares: Shares | None = None
) -> FleetAnswer:
    """Asks all clusters at once.

    Args:
        operation: shares what is read.
        question: what is listed.
        clusters: are asked.
        shares: of the clusters, where these are some of those that the list asks; None: they are all.

    Raises:
        LimitExceeded: the list is longer than one may be, and no few clusters are to blame.
    """
    asked = tuple(clusters)
    shares = shares or question.shares(operation, asked)
    try:
        answers = await together(*(_ask_one(operation, question, cluster, shares) for cluster in asked))
        answers = [_paid(each, shares.of(each.cluster.name)) for each in answers]
    finally:
        for cluster in asked:
            shares.of(cluster.name).close()
    return FleetAnswer(await _alike(question, answers, partial(_kept_of_answer, question)))


def _paid(answer: ClusterAnswer, share: Share) -> ClusterAnswer:
    """The answer of a cluster; without its rows if they are too many with those of all others."""
    return answer if share.refusal is None or answer.error is not None else answer.failed(share.refusal)


async def _ask_one(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, shares: Shares
) -> ClusterAnswer:
    share = shares.of(cluster.name)
    answer = await _answer(operation, question, cluster, share)
    share.end(has_failed=answer.error is not None)
    shares.check()
    return answer


async def _answer(operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share) -> ClusterAnswer:
    started_s = perf_counter()
    try:
        with contained(cluster.name):
            return await _read(operation, question, cluster, share, started_s)
    except ClusterError as error:
        return ClusterAnswer(cluster, [], None, _since_ms(started_s), None, share.refusal or error)


async def _read(
    operation: Operation, question: ListQuestion, cluster: FleetCluster, share: Share, started_s: float
) -> ClusterAnswer:
    timeout_s = question.arguments.timeout_s
    try:
        async with asyncio.timeout(timeout_s):
            with contained(cluster.name):
                listed = await read_list(operation, question, cluster, share)
    except TimeoutError:
        error = TimedOut(cluster.name, f"no complete answer within {timeout_s or 0:g} s (timeoutMs of the list).")
        return ClusterAnswer(cluster, [], None, _since_ms(started_s), None, error)
    found = await _alike(question, listed.listings, partial(_kept, question, cluster))
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


async def _alike(
    question: ListQuestion, parts: Sequence[Some], kept: Callable[[Some], Awaitable[Some]]
) -> tuple[Some, ...]:
    """Parts of a list, of all of which the same is kept: what is enough, if that was kept of one of them."""
    pace, alike = Pace(), list[Some]()
    if question.keep is None or not any(part.is_kept for part in parts):
        return tuple(parts)
    for part in parts:
        alike.append(part if part.is_kept else await kept(part))
        await pace.breathe()
    return tuple(alike)


async def _kept_of_answer(question: ListQuestion, answer: ClusterAnswer) -> ClusterAnswer:
    """What is enough of an answer; the error of one of which it cannot be told."""
    if answer.error is not None:
        return replace(answer, is_kept=True)
    try:
        with contained(answer.cluster.name):
            return await _kept(question, answer.cluster, answer)
    except ClusterError as error:
        return replace(answer.failed(error), is_kept=True)


async def _kept(question: ListQuestion, cluster: FleetCluster, part: Some) -> Some:
    keep = question.keep_in(cluster)
    return part if keep is None else replace(part, rows=list(await keep(part.rows)), is_kept=True)


def _age(resource_version: str) -> tuple[int, str]:
    """Orders the versions of one cluster and kind, the oldest first (KEP-5504: they are decimal numbers)."""
    return (len(resource_version), resource_version)


def _since_ms(started_s: float) -> float:
    return round((perf_counter() - started_s) * 1000, 3)
