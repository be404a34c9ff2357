"""Rows of any number of lists, completed together as one level."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from graphql.pyutils import Path

from graph.execution.responsepaths import PathOfItem
from graph.planning.emitted import NULLED
from graph.planning.levels import AnyLevel, Level
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected, mapped, slices

if TYPE_CHECKING:
    from graph.execution.run import Run

_CLUSTER: Final = attrgetter("cluster")


async def complete_lists(run: "Run", level: AnyLevel, lists: Sequence[Rows], path_at: PathOfItem) -> list[Any]:
    """Completes each list; `NULLED` for a list with a null row in a non-null place."""
    if len(lists) == 1:
        values = await run.level(level, lists[0], lambda place: path_at(0, place))
        return [NULLED if NULLED in values else values]
    together, copies, lengths = Rows(), list[int](), list[int]()
    async for batch in batches(lists):
        for rows in batch:
            count = len(rows.rows)
            lengths.append(count)
            if count:
                together.rows += rows.rows
                together.clusters += rows.clusters
                copies += rows.copies or [1] * count
    together.copies = copies
    starts = await collected(accumulate(lengths, initial=0))

    def path_of(place: int) -> Path:
        index = bisect_right(starts, place) - 1
        return path_at(index, place - starts[index])

    values = await run.level(level, together, path_of)
    items = iter(values)
    completed = await collected([*islice(items, count)] if count else [] for count in lengths)
    if NULLED not in values:
        return completed
    return await collected(NULLED if NULLED in values else values for values in completed)


async def complete_parts(run: "Run", level: Level, lists: Sequence[Any], path_at: PathOfItem) -> list[Any]:
    """Completes sequences of rows that a function made, each with its cluster; None and `NULLED` stay."""
    rows, lengths = list[Any](), list[int]()
    async for batch in batches(lists):
        for parts in batch:
            made = () if parts is None or parts is NULLED else parts
            rows += made
            lengths.append(len(made))
    if not rows:
        return await collected(parts if parts is None or parts is NULLED else [] for parts in lists)
    clusters = await mapped(_CLUSTER, rows)
    starts = await collected(accumulate(lengths, initial=0))

    def path_of(place: int) -> Path:
        index = bisect_right(starts, place) - 1
        return path_at(index, place - starts[index])

    complete = run.level if level.row_type.part_of is None else run.completed  # parts of an object are not counted
    values = await complete(level, Rows(rows, clusters), path_of)
    items, is_whole = iter(values), NULLED not in values

    def completed(parts: Any, count: int) -> Any:
        if not count:
            return parts if parts is None or parts is NULLED else []
        of_list = [*islice(items, count)]
        return of_list if is_whole or NULLED not in of_list else NULLED

    return await mapped(completed, lists, lengths)


async def alike(lists: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Returns the index of the first of each of the lists that are the same object, and the place there of each list.

    The pods of a workload lead to the same objects, so that there are fewer lists than parents.
    """
    known, owners, places = dict[int, int](), list[int](), list[int]()
    async for batch in slices(lists):
        ids = [*map(id, batch)]
        start, stop = len(places), len(places) + len(ids)
        firsts = dict(zip(reversed(ids), range(stop - 1, start - 1, -1), strict=True))
        for own in dict.fromkeys(ids):
            if own not in known:
                known[own] = len(owners)
                owners.append(firsts[own])
        places += map(known.__getitem__, ids)
    return owners, places


async def copies_of(parents: Rows, places: Sequence[int], count: int) -> list[int]:
    """Returns how often each of some lists is in the answer; `places` has the list of each parent."""
    copies = [0] * count
    async for batch in batches(enumerate(places)):
        for index, place in batch:
            copies[place] += parents.copies_of(index)
    return copies
