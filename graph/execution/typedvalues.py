"""Objects of several types, each type by its own level, and the values at a path of them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.execution.pathvalues import PathValues
from graph.execution.responsepaths import PathAt, picked
from graph.planning.emitted import NULLED
from graph.planning.levels import MixedLevel, Tagged
from resolvers.filters.expansion import Walk
from resolvers.grouping.pairing import Pairing
from resolvers.lists.rows import Rows
from resolvers.pacing import batches, collected
from resolvers.together import together

if TYPE_CHECKING:
    from graph.execution.run import Run


async def by_type(rows: Sequence[Any]) -> AsyncIterator[tuple[str, list[int], list[Any]]]:
    """Yields the places and the values of the `Tagged` rows of each type; leaves out rows that are null."""
    places: dict[str, list[int]] = {}
    async for batch in batches(enumerate(rows)):
        for place, row in batch:
            if row is not NULLED:
                places.setdefault(row.type_name, []).append(place)
    for name, own in places.items():
        yield name, own, [rows[place].value for place in own]


@dataclass(frozen=True, slots=True)
class TypedValues:
    """The values at one path, or at paths that are read together, by the name of the type."""

    values: "Mapping[str, PathValues | Pairing]"

    async def column(self, rows: Sequence[Any], walk: Walk) -> list[Any]:
        """Returns the value of each row, as `PathValues.column`; raises as it does."""
        column: list[Any] = [None] * len(rows)
        if NULLED in rows:
            (nothing,) = await next(iter(self.values.values())).column([NULLED], walk)
            column = [nothing] * len(rows)  # of those that are null; all others are replaced
        async for name, places, values in by_type(rows):
            for place, value in zip(places, await self.values[name].column(values, walk), strict=True):
                column[place] = value
        return column


Column = PathValues | TypedValues


async def mixed_rows(run: "Run", level: MixedLevel, rows: Rows, path_at: PathAt) -> Sequence[Any]:
    """Completes rows of several types, in order; `path_at` gives the path of a row by its index."""
    places: dict[str, list[int]] = {}
    async for batch in batches(enumerate(rows.rows)):
        for place, row in batch:
            places.setdefault(type(row).__name__, []).append(place)

    async def completed(name: str, own: Sequence[int]) -> Sequence[Any]:
        values = await run.level(level.levels[name], await rows.picked(own), picked(path_at, own))
        if not level.is_tagged:
            return values
        return await collected(value if value is NULLED else Tagged(name, value) for value in values)

    by_name = await together(*(completed(name, own) for name, own in places.items()))
    values: list[Any] = [None] * len(rows)
    for own, of_type in zip(places.values(), by_name, strict=True):
        async for batch in batches(zip(own, of_type, strict=True)):
            for place, value in batch:
                values[place] = value
    return values
