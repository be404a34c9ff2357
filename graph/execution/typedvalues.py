"""The values at a path of objects of several types, each of which was planned for itself."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.execution.nulled import NULLED
from graph.execution.pathvalues import PathValues
from resolvers.filters.expansion import Walk
from resolvers.pacing import batches


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
    """The values at one path, by the name of the type."""

    values: Mapping[str, PathValues]

    async def column(self, rows: Sequence[Any], walk: Walk) -> list[Any]:
        """Returns the value of each row, as `PathValues.column`; raises as it does."""
        column: list[Any] = [None] * len(rows)
        async for name, places, values in by_type(rows):
            for place, value in zip(places, await self.values[name].column(values, walk), strict=True):
                column[place] = value
        return column


Column = PathValues | TypedValues
