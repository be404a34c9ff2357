"""The objects of a link to one object of each parent, or to a plain list; those of all parents are read together."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from graphql.pyutils import Path

from graph.execution.lists import alike, copies_of
from graph.execution.reporting import note_absents, report_failures, report_hidden
from graph.execution.responsepaths import PathAt, picked
from graph.planning.emitted import NULLED, UNKNOWN
from graph.planning.levels import Level, Linked
from k8s.kinds.kind import Kind
from k8s.reading.rowdecoders import Row
from resolvers.links.fetching import Fetch
from resolvers.links.hidden import parents_of_hidden_names
from resolvers.links.members import Shape
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped

if TYPE_CHECKING:
    from graph.execution.run import Run


async def linked_objects(run: "Run", entry: Linked, parents: Rows, path_of: PathAt) -> Sequence[Any]:
    """Returns the completed object of each parent or None; or the list of its objects, or None if they are unknown."""
    fetch = Fetch(run.operation, parents, entry.targets.selection)
    try:
        children = await entry.link.children(parents, fetch, entry.arguments)
    except Exception as error:  # noqa: BLE001  reported at the first row's path, masked at the border
        run.report(error, entry.details, path_of(0))
        return [run.unknown] * len(parents)
    if fetch.absents:
        note_absents(run.scope.notes, fetch)
        return [run.unknown] * len(parents)
    await report_failures(run.report, fetch.failures, entry.details, parents, path_of)
    if entry.link.shape is Shape.SOME:
        hidden = {*await report_hidden(run.report, fetch, range(len(parents)), entry, path_of)}
        if run.is_hidden:
            hidden |= await parents_of_hidden_names(parents, fetch.hidden_names)
        if isinstance(entry.link.to, Kind) and (hidden or fetch.failures):
            numbered = enumerate(zip(parents.clusters, children, strict=True))
            children = await collected(
                None if cluster in fetch.failures or index in hidden else rows for index, (cluster, rows) in numbered
            )
        return await _lists(run, entry, parents, children, path_of)
    missing = (index for index, child in enumerate(children) if child is None)
    hidden = {*await report_hidden(run.report, fetch, missing, entry, path_of)}
    values = await run.distinct(_level_of(entry), children, parents, path_of)
    objects = await collected(None if value is NULLED else value for value in values)
    if run.is_hidden and (hidden or fetch.failures or fetch.hidden_names):
        hidden |= fetch.unread | await parents_of_hidden_names(parents, fetch.hidden_names)
        failed = (cluster in fetch.failures for cluster in parents.clusters)
        return await collected(
            UNKNOWN if value is None and (has_failed or index in hidden) else value
            for index, (value, has_failed) in enumerate(zip(objects, failed, strict=True))
        )
    return objects


async def _lists(
    run: "Run", entry: Linked, parents: Rows, lists: Sequence[Sequence[Row] | None], path_of: PathAt
) -> Sequence[Any]:
    """Completes a list of rows for each parent, the same one once; null rows are left out, and None stays None."""
    owners, places = await alike(lists)
    if len(owners) < len(lists):
        copies = await copies_of(parents, places, len(owners))
        distinct = Rows([], await mapped(parents.clusters.__getitem__, owners), copies)
        own = await mapped(lists.__getitem__, owners)
        completed = await _lists(run, entry, distinct, own, picked(path_of, owners))
        return await mapped(completed.__getitem__, places)
    children, lengths = Rows(copies=[] if parents.copies is not None else None), list[int]()
    async for batch in batches(enumerate(zip(parents.clusters, lists, strict=True))):
        for index, (cluster, rows) in batch:
            lengths.append(len(rows) if rows else 0)
            if rows:
                children.rows += rows
                children.clusters += [cluster] * len(rows)
                if children.copies is not None:
                    children.copies += [parents.copies_of(index)] * len(rows)
    starts = await collected(accumulate(lengths, initial=0))

    def path_of_child(place: int) -> Path:
        index = bisect_right(starts, place) - 1
        return path_of(index).add_key(place - starts[index], None)

    items = await run.distinct(_level_of(entry), children.rows, children, path_of_child)
    return await collected(
        run.unknown if rows is None else [item for item in items[start:stop] if item is not NULLED]
        for rows, (start, stop) in zip(lists, pairwise(starts), strict=True)
    )


def _level_of(entry: Linked) -> Any:
    def level_of(child: Row) -> Level:
        level: Level = entry.targets.level(type(child).__name__)
        return level

    return level_of
