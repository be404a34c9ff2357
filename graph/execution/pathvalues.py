"""The values that a path leads to, read one at a time; none of them is held for longer.

A path through lists and links to many leads to more values than there are objects. So it is read step by step: other
tasks continue in between, and a search ends at its first match.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

from graph.planning.emitted import NULLED, UNKNOWN, Mark
from graph.planning.fieldpath import FieldPath
from resolvers.filters.expansion import Walk
from resolvers.filters.predicates import Search
from resolvers.pacing import worked

Step = Callable[[Any], Any]
"""Returns the value of a field or a key of a value."""

_BATCH_ELEMENTS: Final = 1024
"""Elements that are held at once while conditions on them are evaluated."""

_NOTHING: Final = object()
"""The result of a step without a value, such as a step into an empty list."""


@dataclass(frozen=True, slots=True)
class PathValues:
    """The values at a path of rows that a hidden selection has completed.

    Attributes:
        path: the path.
        steps: a step for each of its names and keys.
    """

    path: FieldPath
    steps: tuple[Step, ...]

    async def column(self, rows: Sequence[Any], walk: Walk) -> list[Any]:
        """Returns the values of `cells`, with null for unknown ones; raises as it does."""
        cells = await self.cells(rows, walk)
        return [None if cell is UNKNOWN else cell for cell in cells] if UNKNOWN in cells else cells

    async def cells(self, rows: Sequence[Any], walk: Walk) -> list[Any]:
        """Returns the value of each row; for a path to many values, the list of those that are not null.

        A value that could not be read is `UNKNOWN`.

        A path in JSON leads to many values if there is a list on the way or at its end.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        if self.path.is_many:
            return [await self._list(row, walk) for row in rows]
        if self.path.is_free or self.path.is_open:
            return [await self._free(row, walk) for row in rows]
        return await worked(self._plain, rows, walk.pace)

    async def search(self, rows: Sequence[Any], search: Search, walk: Walk) -> list[bool | None]:
        """Returns for each row whether a value matches; None if none does and some are unknown.

        The path leads to many values.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        return [await self._finds(led(self.steps, row), search, walk) for row in rows]

    async def elements(
        self, rows: Sequence[Any], walk: Walk, is_decided: Callable[[int], bool], unknown: set[int]
    ) -> AsyncIterator[tuple[list[int], list[Any]]]:
        """Yields the values of all rows that are not null, in batches, with the index of each one's row.

        Args:
            rows: the rows.
            walk: counts the values.
            is_decided: returns whether the row at an index needs no further values.
            unknown: filled with the indexes of rows of which values are unknown.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        owners, elements, steps = list[int](), list[Any](), 0
        for index, row in enumerate(rows):
            for value in led(self.steps, row):
                steps += 1
                if value is UNKNOWN:
                    unknown.add(index)
                elif value is not _NOTHING and value is not None:
                    owners.append(index)
                    elements.append(value)
                if len(elements) == _BATCH_ELEMENTS:
                    self._count(steps, walk)
                    yield owners, elements
                    owners, elements, steps = [], [], 0
                    if is_decided(index):
                        break
                if perf_counter() > walk.pace.until_s:
                    self._count(steps, walk)
                    steps = 0
                    await walk.pace.breathe()
        self._count(steps, walk)
        if elements:
            yield owners, elements

    def _plain(self, row: Any) -> Any:
        value = row
        for step in self.steps:
            if value is None or isinstance(value, Mark):
                break
            value = step(value)
        return None if value is NULLED else value

    async def _list(self, row: Any, walk: Walk) -> list[Any]:
        values: list[Any] = []
        await self._finds(led(self.steps, row), Search(values.append), walk)
        return values

    async def _free(self, row: Any, walk: Walk) -> Any:
        """Returns a value in free JSON; below a list, the list of its items' values, including nulls."""
        value = row
        for place, step in enumerate(self.steps):
            if value is None or isinstance(value, Mark):
                return None if value is NULLED else value
            if isinstance(value, list):
                values: list[Any] = []
                search = Search(values.append, takes_null=not self.path.is_open)
                is_known = await self._finds(led(self.steps, value, place), search, walk) is not None
                return values if is_known else UNKNOWN
            value = step(value)
        if isinstance(value, list) and self.path.is_open:
            return [item for item in value if item is not None]
        return None if value is NULLED else value

    async def search_cell(self, values: Sequence[Any], search: Search, walk: Walk) -> bool | None:
        """Returns whether one of the values of a row matches."""
        return await self._finds(iter(values), search, walk)

    async def _finds(self, values: Iterator[Any], search: Search, walk: Walk) -> bool | None:
        steps, pace, holds, takes_null = 0, walk.pace, search.holds, search.takes_null
        is_unknown = False
        for value in values:
            steps += 1
            if value is UNKNOWN:
                is_unknown = True
            elif value is not _NOTHING and (takes_null or value is not None):
                is_match = holds(value)
                if is_match is None and search.at_length is not None:
                    is_match = await search.at_length(value)
                if is_match:
                    break
            if perf_counter() > pace.until_s:
                self._count(steps, walk)
                steps = 0
                await pace.breathe()
        else:
            self._count(steps, walk)
            return None if is_unknown else False
        self._count(steps, walk)
        return True

    def _count(self, steps: int, walk: Walk) -> None:
        """Counts values that links lead to; all others are parts of objects that were read."""
        if self.path.has_links:
            walk.expansion.count(steps)


def led(steps: Sequence[Step], start: Any, place: int = 0) -> Iterator[Any]:
    """Yields all values that the steps from `place` on lead to; yields the items of a last list unchanged."""
    end = len(steps)
    waiting = [(iter((start,)), place)]
    while waiting:
        values, place = waiting[-1]
        for value in values:
            at = place
            while at < end and value is not None and not isinstance(value, list | Mark):
                value = steps[at](value)
                at += 1
            if at <= end and isinstance(value, list):
                waiting.append((iter(value), at if at < end else end + 1))
                yield _NOTHING
                break
            yield None if value is NULLED else value
        else:
            waiting.pop()


def led_to(steps: Sequence[Step], start: Any) -> Iterator[Any]:
    """Yields the same, with null for unknown values, and for a step that leads into an empty list."""
    return (None if value is _NOTHING or value is UNKNOWN else value for value in led(steps, start))
