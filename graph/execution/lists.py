"""Rows of any number of lists, completed together as one level."""

from collections.abc import Sequence
from itertools import accumulate, islice
from typing import TYPE_CHECKING, Any

from graph.execution.responsepaths import PathOfItem
from graph.planning.emitted import NULLED
from graph.planning.levels import AnyLevel
from k8s.turns.turns import Pace
from resolvers.lists.rows import Rows
from resolvers.pacing import collected

if TYPE_CHECKING:
    from graph.execution.run import Run


async def complete_lists(run: "Run", level: AnyLevel, lists: Sequence[Rows], path_at: PathOfItem) -> list[Any]:
    """Completes each list; `NULLED` for a list with a null row in a non-null place."""
    if len(lists) == 1:
        values = await run.level(level, lists[0], lambda place: path_at(0, place))
        return [NULLED if NULLED in values else values]
    copies: list[int] = []
    together = Rows(copies=copies)
    owners: list[int] = []
    pace = Pace()
    for index, rows in enumerate(lists):
        together.rows.extend(rows.rows)
        together.clusters.extend(rows.clusters)
        copies.extend(rows.copies or [1] * len(rows))
        owners.extend([index] * len(rows))
        await pace.breathe()
    starts = await collected(accumulate(map(len, lists), initial=0))
    items = iter(await run.level(level, together, lambda place: path_at(owners[place], place - starts[owners[place]])))
    completed = await collected(list(islice(items, len(rows))) for rows in lists)
    return await collected(NULLED if NULLED in values else values for values in completed)
