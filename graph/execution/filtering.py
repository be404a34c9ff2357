"""`where` and `orderBy` of lists: the matching objects, in their order."""

from collections import Counter
from collections.abc import Sequence
from itertools import compress, islice
from typing import TYPE_CHECKING, Any

from graph.execution.matching import Truth
from graph.execution.responsepaths import PathAt
from graph.planning.emitted import NULLED
from graph.planning.filters import RowFilter
from graph.planning.levels import AnyLevel
from k8s.errors import ClusterError, TooManyLinked
from k8s.turns.freeing import free
from resolvers.filters.expansion import Expansion, TooManyValues, Walk
from resolvers.filters.ordering import OrderValues, ordered, read_columns
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.memory.share import MemoryShare
from resolvers.pacing import batches, collected, mapped

if TYPE_CHECKING:
    from graph.execution.run import Run

Refusals = dict[FleetCluster, ClusterError]
"""The errors of clusters whose rows are refused."""


async def filtered(
    hidden: "Run",
    row_filter: RowFilter | None,
    lists: Sequence[Rows],
    path_at: PathAt,
    *,
    refusals: Refusals | None = None,
) -> list[Rows]:
    """Returns the objects of each list that match `where`, ordered by `orderBy`.

    Args:
        hidden: completes the hidden selection; reports its errors at a list's path.
        row_filter: the conditions and the order; None if the lists have neither.
        lists: the lists, each in the order by identity; an object may be in several.
        path_at: the path of a list by its index.
        refusals: filled with the clusters whose objects are left out because their paths lead to too many values;
            None: too many values of one cluster are an error of the whole list.
    """
    if row_filter is None:
        return list(lists)
    hidden_rows = await complete_hidden(hidden, row_filter.level, lists, path_at)
    walk, left = Walk(hidden.expansion), list[Rows]()
    for place, rows in enumerate(lists):
        left.append(
            await _filtered(row_filter, rows, hidden_rows[place], walk, refusals=refusals, memory=hidden.memory)
        )
        await walk.pace.breathe()
        free([*hidden_rows[place]])
        hidden_rows[place] = ()
    return left


async def complete_hidden(
    hidden: "Run", level: AnyLevel, lists: Sequence[Rows], path_at: PathAt
) -> list[Sequence[Any]]:
    """Completes a hidden selection of each object of each list; completes an object of several lists once."""
    if len(lists) == 1:
        return [await hidden.level(level, lists[0], lambda _index: path_at(0))]
    together, owners = await _distinct(lists)
    values = await hidden.level(level, together, lambda index: path_at(owners[index]))
    by_row: dict[int, Any] = {}
    async for batch in batches(zip(together.rows, values, strict=True)):
        by_row.update((id(row), value) for row, value in batch)
    every = iter(await collected(by_row[id(row)] for rows in lists for row in rows.rows))
    return await collected(list(islice(every, len(rows))) for rows in lists)


async def _distinct(lists: Sequence[Rows]) -> tuple[Rows, Sequence[int]]:
    """Returns all distinct objects, and the index of the first list of each one."""
    seen: set[int] = set()
    together = Rows()
    owners: list[int] = []
    located = ((index, cluster, row) for index, rows in enumerate(lists) for cluster, row in rows)
    async for batch in batches(located):
        for index, cluster, row in batch:
            if id(row) not in seen:
                seen.add(id(row))
                together.extend(cluster, (row,))
                owners.append(index)
    return together, owners


async def _filtered(
    row_filter: RowFilter,
    rows: Rows,
    hidden_rows: Sequence[Any],
    walk: Walk,
    *,
    refusals: Refusals | None,
    memory: MemoryShare,
) -> Rows:
    before = walk.expansion.values
    try:
        left, values = await _left(row_filter, hidden_rows, walk)
    except TooManyValues:
        clusters = rows.distinct_clusters()
        if refusals is None or len(clusters) == 1:
            raise
        walk.expansion.values = before
        left, values = await _left_by_cluster(row_filter, rows, hidden_rows, walk, refusals)
        if len(refusals) > len(clusters) // 2:
            raise
    if not row_filter.columns:
        return await rows.picked(left)
    columns = await read_columns(row_filter.columns, values)
    places = await ordered(columns, values, memory)
    ordered_rows = await rows.picked(await mapped(left.__getitem__, places))
    ordered_rows.order = OrderValues(columns, await mapped(values.__getitem__, places))
    return ordered_rows


async def _left(row_filter: RowFilter, hidden_rows: Sequence[Any], walk: Walk) -> tuple[list[int], list[Any]]:
    """Returns the places of the matching rows, and the values by which they are ordered."""
    places = await _matching(row_filter.condition, hidden_rows, walk)
    if not row_filter.columns:
        return places, []
    left = await mapped(hidden_rows.__getitem__, places)
    return places, await collected(zip(*[await column.column(left, walk) for column in row_filter.values], strict=True))


async def _left_by_cluster(
    row_filter: RowFilter, rows: Rows, hidden_rows: Sequence[Any], walk: Walk, refusals: Refusals
) -> tuple[list[int], list[Any]]:
    """Returns the same, by cluster; refuses the rows of a cluster that lead to more values than its share."""
    left, values, most, start = list[int](), list[Any](), walk.expansion.most, 0
    sizes = Counter(rows.clusters)
    for cluster in rows.distinct_clusters():
        own = Walk(Expansion(max(most // len(sizes), most - walk.expansion.values)), walk.pace)
        try:
            own_left, own_values = await _left(row_filter, hidden_rows[start : start + sizes[cluster]], own)
        except TooManyValues:
            refusals[cluster] = TooManyLinked(
                cluster.name,
                f"the paths of where and orderBy lead from its objects to more than its share of the {most} values "
                "that a query may read through links (FLEETGRAPH_MAX_EXPANDED_VALUES). Ask for it alone, or use paths "
                "through fewer links.",
            )
        else:
            left += await mapped(start.__add__, own_left)
            values += own_values
            walk.expansion.values = min(most, walk.expansion.values + own.expansion.values)
        start += sizes[cluster]
    return left, values


async def _matching(condition: Truth | None, hidden_rows: Sequence[Any], walk: Walk) -> list[int]:
    """Returns the places of the rows that are not null and match the condition."""
    places = await collected(place for place, value in enumerate(hidden_rows) if value is not NULLED)
    if condition is None or not places:
        return places
    present = hidden_rows if len(places) == len(hidden_rows) else await mapped(hidden_rows.__getitem__, places)
    return list(compress(places, await condition.of(present, walk)))
