"""Which rows `where` holds of: comparison by comparison, each for all rows at once.

So a slice can end within one row, whatever its paths lead to; and a comparison looks only at the rows that those before
it have not decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import Any, Protocol

from graph.execution.pathvalues import PathValues
from resolvers.filters.expansion import Walk
from resolvers.filters.predicates import Predicate, Search
from resolvers.pacing import batches, mapped


class Truth(Protocol):
    """Whether something holds."""

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether it holds of each row, as the hidden selection gives it.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        ...


@dataclass(frozen=True, slots=True)
class OfOne:
    """Whether a comparison holds of the one value at a path."""

    values: PathValues
    test: Predicate

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether it holds of each row."""
        return await self.test.column(await self.values.column(rows, walk), walk.pace)


@dataclass(frozen=True, slots=True)
class OfMany:
    """Whether a comparison holds of the values at a path through lists.

    Attributes:
        search: what is looked for.
        of_found: whether the comparison holds where that is found.
    """

    values: PathValues
    search: Search
    of_found: bool

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether it holds of each row."""
        if self.search.operands is not None:
            await self.search.operands.read()
        found = await self.values.search(rows, self.search, walk)
        return found if self.of_found else await _opposite(found)


@dataclass(frozen=True, slots=True)
class Every:
    """Whether all of several hold."""

    members: tuple[Truth, ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether all hold of each row."""
        return await _joined(self.members, rows, walk, undecided=True)


@dataclass(frozen=True, slots=True)
class Some:
    """Whether one of several holds."""

    members: tuple[Truth, ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether one holds of each row."""
        return await _joined(self.members, rows, walk, undecided=False)


@dataclass(frozen=True, slots=True)
class NotOne:
    """Whether none of several holds."""

    members: tuple[Truth, ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool]:
        """Whether none holds of each row."""
        return await _opposite(await _joined(self.members, rows, walk, undecided=False))


async def _joined(members: Sequence[Truth], rows: Sequence[Any], walk: Walk, *, undecided: bool) -> list[bool]:
    """What the members say together: each is asked of the rows of which those before it say `undecided`."""
    truths = await members[0].of(rows, walk)
    for member in members[1:]:
        waiting = truths if undecided else await _opposite(truths)
        places = list(compress(range(len(rows)), waiting))
        if not places:
            break
        found = await member.of(await mapped(rows.__getitem__, places), walk)
        async for part in batches(zip(places, found, strict=True)):
            for place, holds in part:
                truths[place] = holds
    return truths


async def _opposite(truths: Sequence[bool]) -> list[bool]:
    return await mapped(not_, truths)
