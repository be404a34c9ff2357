"""Lists after `where` and `orderBy`: which objects are left, and in which order they stand."""

from collections import Counter
from collections.abc import Sequence
from itertools import compress, islice
from typing import Any, Protocol

from graph.execution.nulled import NULLED
from graph.execution.truths import Truth
from graph.planning.filters import Sifting
from graph.planning.levels import Level, PathAt
from k8s.errors import ClusterError, TooManyLinked
from k8s.turns.freeing import free
from resolvers.filters.expansion import Expansion, TooManyValues, Walk
from resolvers.filters.ordering import BY_IDENTITY, OrderValues, ordered, read_columns
from resolvers.fleet.cluster import FleetCluster
from resolvers.lists.rows import Rows
from resolvers.memory.share import MemoryShare
from resolvers.pacing import batches, mapped, taken

Sifted = tuple[Rows, OrderValues]
Paying = dict[FleetCluster, ClusterError]


class CompletesHidden(Protocol):
    """Who completes the hidden selection: `graph.execution.run.Run.hidden`."""

    @property
    def expansion(self) -> Expansion:
        """Counts the values that paths lead to."""
        ...

    @property
    def memory(self) -> MemoryShare:
        """Holds what lists are ordered by, while they are."""
        ...

    async def level(self, level: Level, rows: Rows, path_at: PathAt) -> Sequence[Any]:
        """What the selection gives of each row."""
        ...


async def sift(
    hidden: CompletesHidden,
    sifting: Sifting | None,
    lists: Sequence[Rows],
    path_at: PathAt,
    *,
    paying: Paying | None = None,
) -> list[Sifted]:
    """What is left of each list; an object that stands in several is looked at once.

    Args:
        hidden: completes the hidden selection; what goes wrong there is reported at a list's path.
        sifting: None where everything is left as it stands.
        lists: in the order of identity.
        path_at: the path of a list by its index.
        paying: filled with the clusters whose objects are left out, because their paths lead to too many values;
            None: they are too many for all.
    """
    if sifting is None:
        return [(rows, BY_IDENTITY) for rows in lists]
    looked_at = await look_at(hidden, sifting.level, lists, path_at)
    walk, sifted = Walk(hidden.expansion), []
    for place, rows in enumerate(lists):
        sifted.append(await _sifted(sifting, rows, looked_at[place], walk, paying=paying, memory=hidden.memory))
        await walk.pace.breathe()
        free([*looked_at[place]])
        looked_at[place] = ()
    return sifted


async def look_at(hidden: CompletesHidden, level: Level, lists: Sequence[Rows], path_at: PathAt) -> list[Sequence[Any]]:
    """What a hidden selection gives of each object of each list; an object that stands in several is looked at once."""
    if len(lists) == 1:
        return [await hidden.level(level, lists[0], lambda _index: path_at(0))]
    together, owners = await _distinct(lists)
    made = await hidden.level(level, together, lambda index: path_at(owners[index]))
    found: dict[int, Any] = {}
    async for part in batches(zip(together.rows, made, strict=True)):
        found.update((id(row), given) for row, given in part)
    every = iter(await taken(found[id(row)] for rows in lists for row in rows.rows))
    return await taken(list(islice(every, len(rows))) for rows in lists)


async def _distinct(lists: Sequence[Rows]) -> tuple[Rows, Sequence[int]]:
    """All objects, each once, and the first list that each stands in."""
    seen: set[int] = set()
    together = Rows()
    owners: list[int] = []
    standing = ((index, cluster, row) for index, rows in enumerate(lists) for cluster, row in rows)
    async for part in batches(standing):
        for index, cluster, row in part:
            if id(row) not in seen:
                seen.add(id(row))
                together.extend(cluster, (row,))
                owners.append(index)
    return together, owners


async def _sifted(
    sifting: Sifting, rows: Rows, given: Sequence[Any], walk: Walk, *, paying: Paying | None, memory: MemoryShare
) -> Sifted:
    before = walk.expansion.values
    try:
        kept, values = await _left(sifting, given, walk)
    except TooManyValues:
        clusters = rows.distinct_clusters()
        if paying is None or len(clusters) == 1:
            raise
        walk.expansion.values = before
        kept, values = await _left_of_each(sifting, rows, given, walk, paying)
        if len(paying) > len(clusters) // 2:
            raise
    if not sifting.columns:
        return await rows.picked(kept), BY_IDENTITY
    columns = await read_columns(sifting.columns, values)
    places = await ordered(columns, values, memory)
    standing = OrderValues(columns, await mapped(values.__getitem__, places))
    return await rows.picked(await mapped(kept.__getitem__, places)), standing


async def _left(sifting: Sifting, given: Sequence[Any], walk: Walk) -> tuple[list[int], list[Any]]:
    """The places of the rows that are left, and their values by which they are ordered."""
    kept = await _wanted(sifting.wanted, given, walk)
    if not sifting.columns:
        return kept, []
    left = await mapped(given.__getitem__, kept)
    return kept, await taken(zip(*[await each.column(left, walk) for each in sifting.values], strict=True))


async def _left_of_each(
    sifting: Sifting, rows: Rows, given: Sequence[Any], walk: Walk, paying: Paying
) -> tuple[list[int], list[Any]]:
    """The same cluster by cluster: one whose rows lead to more than its share pays, where there is no room for more."""
    kept, values, most, start = list[int](), list[Any](), walk.expansion.most, 0
    sizes = Counter(rows.clusters)
    for cluster in rows.distinct_clusters():
        own = Walk(Expansion(max(most // len(sizes), most - walk.expansion.values)), walk.pace)
        try:
            own_kept, own_values = await _left(sifting, given[start : start + sizes[cluster]], own)
        except TooManyValues:
            paying[cluster] = TooManyLinked(
                cluster.name,
                f"the paths of where and orderBy lead from its objects to more than its share of the {most} values "
                "that a query may read through links (FLEETGRAPH_MAX_EXPANDED_VALUES). Ask for it alone, or use paths "
                "through fewer links.",
            )
        else:
            kept += await mapped(start.__add__, own_kept)
            values += own_values
            walk.expansion.values = min(most, walk.expansion.values + own.expansion.values)
        start += sizes[cluster]
    return kept, values


async def _wanted(wanted: Truth | None, given: Sequence[Any], walk: Walk) -> list[int]:
    """The places of the rows that are there and wanted."""
    places = await taken(place for place, each in enumerate(given) if each is not NULLED)
    if wanted is None or not places:
        return places
    looked_at = given if len(places) == len(given) else await mapped(given.__getitem__, places)
    return list(compress(places, await wanted.of(looked_at, walk)))
