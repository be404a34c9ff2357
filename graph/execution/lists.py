"""Rows of any number of lists as one level, then each list's own again."""

from collections.abc import Callable, Sequence
from itertools import accumulate, islice
from typing import Any, Protocol

from graphql.pyutils import Path

from graph.execution.nulled import NULLED
from graph.planning.levels import Level
from k8s.turns.turns import Pace
from resolvers.lists.rows import Rows
from resolvers.pacing import taken

PathOfItem = Callable[[int, int], Path]
"""The path of an item by the index of its list and its place there."""


class CompletesRows(Protocol):
    """Who completes rows: `graph.execution.run.Run`."""

    async def level(self, level: Level, rows: Rows, path_at: Callable[[int], Path]) -> Sequence[Any]:
        """What is sent of each row."""
        ...


async def complete_lists(run: CompletesRows, level: Level, parts: Sequence[Rows], path_at: PathOfItem) -> list[Any]:
    """What is sent of each list; `NULLED` for one with a row that may not be null."""
    if len(parts) == 1:
        sent = await run.level(level, parts[0], lambda place: path_at(0, place))
        return [NULLED if NULLED in sent else sent]
    copies: list[int] = []
    together = Rows(copies=copies)
    owners: list[int] = []
    pace = Pace()
    for index, rows in enumerate(parts):
        together.rows.extend(rows.rows)
        together.clusters.extend(rows.clusters)
        copies.extend(rows.copies or [1] * len(rows))
        owners.extend([index] * len(rows))
        await pace.breathe()
    starts = await taken(accumulate(map(len, parts), initial=0))
    made = iter(await run.level(level, together, lambda place: path_at(owners[place], place - starts[owners[place]])))
    lists = await taken(list(islice(made, len(rows))) for rows in parts)
    return await taken(NULLED if NULLED in each else each for each in lists)
