"""The pages that a link to many leads to, one for each parent: all parents' children are read and sifted together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from graphql.pyutils import Path

from graph.execution.sifted import CompletesHidden, Sifted, sift
from graph.planning.connection import ConnectionPlan
from graph.planning.levels import FieldDetailsList, LinkedMany, PathAt
from k8s.errors import ClusterError
from k8s.kinds.kind import Kind
from k8s.reading.decoding import Row
from k8s.turns.turns import Pace
from resolvers.errors import QueryError
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch, home_namespace
from resolvers.lists.answers import ClusterAnswer, Counted
from resolvers.lists.paging import ListPage, counted_page, cut_page
from resolvers.lists.rows import Rows
from resolvers.operation.operation import Operation
from resolvers.pacing import batches

Children = Sequence[Row]


class FollowsLinks(Protocol):
    """Who follows links: `graph.execution.run.Run`."""

    @property
    def operation(self) -> Operation:
        """What the whole GraphQL operation shares."""
        ...

    @property
    def report(self) -> Callable[[Exception, FieldDetailsList, Path], None]:
        """Adds an error at a path."""
        ...

    def hidden(self, details: FieldDetailsList, path: Path) -> CompletesHidden:
        """Completes what is looked at but not sent."""
        ...

    async def report_failures(
        self, failures: dict[FleetCluster, ClusterError], details: FieldDetailsList, rows: Rows, path_of: PathAt
    ) -> None:
        """One error for each cluster that failed, at the path of its first row."""
        ...

    async def report_hidden(
        self, fetch: Fetch, missing: Iterable[int], entry: LinkedMany, path_of: PathAt
    ) -> Mapping[int, ClusterError]:
        """One error for each namespace that the caller may not see, and which parents are there."""
        ...


async def link_pages(run: FollowsLinks, entry: LinkedMany, parents: Rows, path_of: PathAt) -> list[ListPage | None]:
    """One page for each parent; None where `after` is of another parent."""
    arguments = entry.arguments
    plan: ConnectionPlan = entry.connection
    counts_only = plan.counts_only and not arguments.counts_rows
    fetch = Fetch(run.operation, parents, lambda _kind: plan.selection, counts_only=counts_only)
    assert isinstance(entry.link.to, Kind)  # noqa: S101  connections are of one kind
    fetch.arguments = run.operation.pushed_down(entry.link.to, arguments).arguments
    lists: Sequence[Children] = await entry.link.function(parents, fetch)  # type: ignore[assignment]  # of this shape
    await run.report_failures(fetch.failures, entry.details, parents, path_of)
    hidden = await run.report_hidden(fetch, range(len(parents)), entry, path_of)
    seen = _Seen(fetch, entry.link.to, hidden, arguments.bound())
    pages: list[ListPage | None] = []
    pace, has_refused = Pace(), False
    for index, sifted in enumerate(await _sifted(run, entry, fetch, lists, path_of)):
        try:
            pages.append(_page(entry, seen, index, sifted))
        except QueryError as error:
            if not has_refused:  # one error for all parents that refuse it
                run.report(error, entry.details, path_of(index))
            has_refused = True
            pages.append(None)
        await pace.breathe()
    return pages


async def _sifted(
    run: FollowsLinks, entry: LinkedMany, fetch: Fetch, lists: Sequence[Children], path_of: PathAt
) -> Sequence[Sifted | Counted]:
    """What `where` and `orderBy` leave of each parent's children; of counted ones only how many there are."""
    if any(isinstance(children, Counted) for children in lists):
        return [children if isinstance(children, Counted) else Counted(len(children)) for children in lists]
    siblings = []
    async for part in batches(enumerate(zip(fetch.parents.clusters, lists, strict=True))):
        for index, (cluster, children) in part:
            kept = [] if cluster in fetch.failures else list(children)
            siblings.append(Rows(kept, [cluster] * len(kept), [fetch.parents.copies_of(index)] * len(kept)))
    return await sift(run.hidden(entry.details, path_of(0)), entry.connection.sifting, siblings, path_of)


@dataclass(slots=True)
class _Seen:
    """What each parent's own envelope says: of a parent in a namespace only that namespace concerns it."""

    fetch: Fetch
    kind: Kind
    hidden: Mapping[int, ClusterError]
    bound: bytes
    known: dict[tuple[FleetCluster, str], ClusterAnswer] = field(default_factory=dict)

    def answers(self, index: int) -> tuple[ClusterAnswer, ...]:
        """What the parent's cluster said to the link."""
        cluster = self.fetch.parents.clusters[index]
        answer = self.fetch.answers.get(cluster)
        home = home_namespace(self.fetch.parents.rows[index]) if self.kind.namespaced else None
        if answer is None or answer.error is not None or home is None:
            return () if answer is None else (answer,)
        if (cluster, home) not in self.known:
            error = self.hidden.get(index)
            self.known[cluster, home] = answer.within(home) if error is None else answer.failed(error)
        return (self.known[cluster, home],)


def _page(entry: LinkedMany, seen: _Seen, index: int, sifted: Sifted | Counted) -> ListPage:
    fetch = seen.fetch
    cluster, row = fetch.parents.clusters[index], fetch.parents.rows[index]
    answers = seen.answers(index)
    if isinstance(sifted, Counted):
        return counted_page(len(sifted), answers)
    siblings, standing = sifted
    return cut_page(
        siblings,
        entry.arguments,
        signer=fetch.operation.cursors,
        scope=entry.arguments.scope(cluster.id, entry.link.name, _identity(row), bound=seen.bound),
        answers=answers,
        standing=standing,
    )


def _identity(parent: Row) -> str:
    metadata = getattr(parent, "metadata", None)
    return f"{getattr(metadata, 'namespace', '') or ''}/{getattr(metadata, 'name', '')}"
