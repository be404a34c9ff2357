"""The pages of a link to many, one for each parent; the children of all parents are read and filtered together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import le
from typing import TYPE_CHECKING

from graph.execution.filtering import filtered
from graph.execution.lists import alike, copies_of
from graph.execution.reporting import note_absents, report_failures, report_hidden
from graph.execution.responsepaths import PathAt, picked
from graph.planning.connectionplan import ConnectionPlan
from graph.planning.levels import LinkedMany
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from k8s.turns.turns import Pace
from resolvers.errors import QueryError
from resolvers.fleet.cluster import FleetCluster
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import home_namespace
from resolvers.lists.clusteranswer import ClusterAnswer, Counted
from resolvers.lists.paging import ListPage, bare_page, counted_page, cut_page, identity_order
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped, sort

if TYPE_CHECKING:
    from graph.execution.run import Run

Children = Sequence[Row]


async def link_pages(run: "Run", entry: LinkedMany, parents: Rows, path_of: PathAt) -> list[ListPage | None]:
    """Returns one page for each parent; None if its children are unknown, or `after` is a cursor of another parent.

    A cluster's own list has a page in any case: its envelope says why it is empty.
    """
    arguments = entry.arguments
    plan: ConnectionPlan = entry.connection
    counts_only = plan.counts_only and not arguments.counts_rows
    assert isinstance(entry.link.to, Kind)  # noqa: S101  connections are of one kind
    fetch = Fetch(run.operation, parents, lambda _kind: plan.selection, counts_only=counts_only, kind=entry.link.to)
    fetch.arguments = run.operation.pushed_down(entry.link.to, arguments).arguments
    found: Sequence[Children | None] = await entry.link.children(parents, fetch, None)
    if fetch.absents:
        note_absents(run.scope.notes, fetch)
        return [None] * len(parents)
    unknown = await collected(index for index, children in enumerate(found) if children is None)
    await report_failures(run.report, fetch.failures, entry.details, parents, path_of)
    hidden = {*await report_hidden(run.report, fetch, range(len(parents)), entry, path_of), *unknown}
    lists: Sequence[Children] = await mapped(lambda children: () if children is None else children, found)
    seen = _Seen(fetch, entry.link.to, arguments.bound())
    pages: list[ListPage | None] = []
    pace, has_refused = Pace(), False
    if not (arguments.is_page or plan.has_places or fetch.failures or hidden):
        return await _bare_pages(run, entry, fetch, lists, path_of)  # the usual selection of thousands of parents
    if arguments.is_page or plan.has_cursors:
        lists = await _by_identity(lists)
    filtered_lists = await _filtered(run, entry, fetch, lists, path_of)
    for index, children in enumerate(filtered_lists):
        if index in hidden or seen.has_failed(index) or (run.is_hidden and parents.clusters[index] in fetch.failures):
            pages.append(None)
            continue
        try:
            pages.append(_page(entry, seen, index, children))
        except QueryError as error:
            if not has_refused:  # one error for all parents that refuse it
                run.report(error, entry.details, path_of(index))
            has_refused = True
            pages.append(None)
        await pace.breathe()
    return pages


async def _by_identity(lists: Sequence[Children]) -> Sequence[Children]:
    """Returns lists in the order by identity, in which cursors are places; a list of several parents is sorted once."""
    known: dict[int, Children] = {}
    async for batch in batches(lists):
        for children in batch:
            if id(children) not in known:
                known[id(children)] = await _sorted(children) if len(children) > 1 else children
    return await collected(known[id(children)] for children in lists)


async def _sorted(children: Children) -> Children:
    if type(children) is Counted:
        return children
    keys = await collected(map(identity_order, children))
    if all(map(le, keys, islice(keys, 1, None))):
        return children
    places = list(zip(keys, range(len(keys)), strict=True))
    await sort(places)
    return await collected(children[place] for _key, place in places)


async def _bare_pages(
    run: "Run", entry: LinkedMany, fetch: Fetch, lists: Sequence[Children], path_of: PathAt
) -> list[ListPage | None]:
    """Returns pages whose cursors and answers are not needed: one for parents with the same list.

    With deferred fields each parent has its own, since they are delivered to each place.
    """
    parents = fetch.parents
    owners, places = await alike(lists)
    if run.deferrals is not None or len(owners) == len(lists):
        return await mapped(bare_page, await _filtered(run, entry, fetch, lists, path_of))
    copies = await copies_of(parents, places, len(owners))
    distinct = await parents.picked(owners)
    fetch.parents = Rows(distinct.rows, distinct.clusters, copies)
    own = await mapped(lists.__getitem__, owners)
    pages = await mapped(bare_page, await _filtered(run, entry, fetch, own, picked(path_of, owners)))
    fetch.parents = parents
    return await mapped(pages.__getitem__, places)


async def _filtered(
    run: "Run", entry: LinkedMany, fetch: Fetch, lists: Sequence[Children], path_of: PathAt
) -> Sequence[Rows | Counted]:
    """Returns each parent's children after `where` and `orderBy`, or their number if they were only counted."""
    if any(type(children) is Counted for children in lists):
        return [children if isinstance(children, Counted) else Counted(len(children)) for children in lists]
    siblings, failures, parents = list[Rows](), fetch.failures, fetch.parents
    async for batch in batches(enumerate(zip(parents.clusters, lists, strict=True))):
        for index, (cluster, children) in batch:
            rows = [] if cluster in failures else list(children)
            count = len(rows)
            copies = None if parents.copies is None else [parents.copies[index]] * count
            siblings.append(Rows(rows, [cluster] * count, copies))
    return await filtered(run.hidden(entry.details, path_of(0)), entry.connection.row_filter, siblings, path_of)


@dataclass(slots=True)
class _Seen:
    """The envelopes of the parents; the envelope of a parent in a namespace has only that namespace."""

    fetch: Fetch
    kind: Kind
    bound: bytes
    known: dict[tuple[FleetCluster, str], ClusterAnswer] = field(default_factory=dict)

    def answers(self, index: int) -> tuple[ClusterAnswer, ...]:
        """Returns the answers of a parent's cluster to the link."""
        cluster = self.fetch.parents.clusters[index]
        answer = self.fetch.answers.get(cluster)
        is_in_home = self.kind.namespaced and not self.fetch.is_across_namespaces
        home = home_namespace(self.fetch.parents.rows[index]) if is_in_home else None
        if answer is None or answer.error is not None or home is None:
            return () if answer is None else (answer,)
        if (cluster, home) not in self.known:
            self.known[cluster, home] = answer.within(home)
        return (self.known[cluster, home],)

    def has_failed(self, index: int) -> bool:
        """Returns whether the children of an object are unknown."""
        parents, failures = self.fetch.parents, self.fetch.failures
        return bool(failures) and parents.clusters[index] in failures and type(parents.rows[index]) is not FleetCluster


def _page(entry: LinkedMany, seen: _Seen, index: int, children: Rows | Counted) -> ListPage:
    fetch = seen.fetch
    cluster, row = fetch.parents.clusters[index], fetch.parents.rows[index]
    answers = seen.answers(index)
    if isinstance(children, Counted):
        return counted_page(len(children), answers)
    return cut_page(
        children,
        entry.arguments,
        signer=fetch.operation.cursors,
        scope=entry.arguments.scope(cluster.id, entry.link.name, _identity(row), bound=seen.bound),
        answers=answers,
    )


def _identity(parent: Row) -> str:
    metadata = getattr(parent, "metadata", None)
    return f"{getattr(metadata, 'namespace', '') or ''}/{getattr(metadata, 'name', '')}"
