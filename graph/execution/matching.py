"""The rows that match `where`, evaluated comparison by comparison for all rows at once.

A condition is true, false, or unknown (None): a value that the caller may not know, or that could not be read, decides
nothing. `not` leaves it unknown, and an object of which the whole condition is unknown does not match.

So a slice can end within one row, however many values its paths lead to. A comparison is evaluated only for the rows
that the comparisons before it have not decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from graph.execution.pathvalues import PathValues
from graph.execution.typedvalues import by_type
from graph.planning.emitted import UNKNOWN
from resolvers.filters.conditions import ElementQuantifier
from resolvers.filters.expansion import Walk
from resolvers.filters.pairs import PairTest
from resolvers.filters.predicates import Predicate, Search
from resolvers.pacing import batches, collected, mapped, worked


@dataclass(frozen=True, slots=True)
class OfOne:
    """A comparison of the one value at a path."""

    values: PathValues
    test: Predicate

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row of a hidden selection whether it matches.

        Raises:
            LimitExceeded: the operation has read too many values.
        """
        return await _known(await self.values.cells(rows, walk), self.test, walk)


@dataclass(frozen=True, slots=True)
class OfMany:
    """A comparison of the values at a path through lists.

    Attributes:
        search: the values to find.
        matches_if_found: whether a row matches if one of them is found.
    """

    values: PathValues
    search: Search
    matches_if_found: bool

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches; raises as `OfOne.of`."""
        if self.search.operands is not None:
            await self.search.operands.read()
        truths = await self.values.search(rows, self.search, walk)
        return truths if self.matches_if_found else await _opposite(truths)


@dataclass(frozen=True, slots=True)
class OfOpen:
    """A comparison of the value at a path in JSON; where the path leads through a list, of its values."""

    values: PathValues
    test: Predicate
    search: Search
    matches_if_found: bool

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches; raises as `OfOne.of`."""
        cells = await self.values.cells(rows, walk)
        lists = [isinstance(cell, list) for cell in cells]
        truths = await _known(
            [None if is_list else cell for cell, is_list in zip(cells, lists, strict=True)], self.test, walk
        )
        for index in compress(range(len(cells)), lists):
            is_found = await self.values.search_cell(cells[index], self.search, walk)
            truths[index] = is_found is self.matches_if_found
        return truths


@dataclass(frozen=True, slots=True)
class OfTypes:
    """A condition on objects of several types, planned for each; None for one that all objects of the type match."""

    conditions: "Mapping[str, Truth | None]"

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches; raises as `OfOne.of`."""
        truths: list[bool | None] = [True] * len(rows)
        async for name, places, values in by_type(rows):
            condition = self.conditions[name]
            if condition is not None:
                for place, holds in zip(places, await condition.of(values, walk), strict=True):
                    truths[place] = holds
        return truths


@dataclass(frozen=True, slots=True)
class OfPair:
    """A comparison of the values at two paths."""

    left: PathValues
    right: PathValues
    test: PairTest

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches; raises as `OfOne.of`."""
        left, right = await self.left.cells(rows, walk), await self.right.cells(rows, walk)
        truths: list[bool | None] = [*await worked(self.test, zip(left, right, strict=True), walk.pace)]
        if UNKNOWN in left or UNKNOWN in right:
            pairs = zip(left, right, truths, strict=True)
            return await collected(None if UNKNOWN in (ours, theirs) else truth for ours, theirs, truth in pairs)
        return truths


@dataclass(frozen=True, slots=True)
class OfElements:
    """A condition on the elements of a list: some, every or none of them must match it.

    Every element of an empty list matches, and none of them does.
    """

    elements: PathValues
    condition: "Truth"
    quantifier: ElementQuantifier

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether its elements match; raises as `OfOne.of`."""
        deciding = self.quantifier is not ElementQuantifier.EVERY
        decided = self.quantifier is ElementQuantifier.SOME
        truths: list[bool | None] = [not decided] * len(rows)
        unknown = set[int]()
        found = self.elements.elements(rows, walk, lambda index: truths[index] is decided, unknown)
        async for owners, elements in found:
            for owner, is_match in zip(owners, await self.condition.of(elements, walk), strict=True):
                if is_match is deciding:
                    truths[owner] = decided
                elif is_match is None:
                    unknown.add(owner)
        for index in unknown:
            truths[index] = decided if truths[index] is decided else None
        return truths


@dataclass(frozen=True, slots=True)
class Every:
    """All of several conditions."""

    members: tuple["Truth", ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches all; raises as `OfOne.of`."""
        return await _joined(self.members, rows, walk, undecided=True)


@dataclass(frozen=True, slots=True)
class Some:
    """One of several conditions."""

    members: tuple["Truth", ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches one; raises as `OfOne.of`."""
        return await _joined(self.members, rows, walk, undecided=False)


@dataclass(frozen=True, slots=True)
class NotOne:
    """None of several conditions."""

    members: tuple["Truth", ...]

    async def of(self, rows: Sequence[Any], walk: Walk) -> list[bool | None]:
        """Returns for each row whether it matches none; raises as `OfOne.of`."""
        return await _opposite(await _joined(self.members, rows, walk, undecided=False))


Truth = OfOne | OfMany | OfOpen | OfTypes | OfPair | OfElements | Every | Some | NotOne
"""A condition that a row matches or does not match."""


async def _joined(members: Sequence[Truth], rows: Sequence[Any], walk: Walk, *, undecided: bool) -> list[bool | None]:
    """Joins the members; evaluates each one for the rows that those before it have not decided."""
    truths, decided = await members[0].of(rows, walk), not undecided
    for member in members[1:]:
        places = await collected(place for place, truth in enumerate(truths) if truth is not decided)
        if not places:
            break
        later_truths = await member.of(await mapped(rows.__getitem__, places), walk)
        async for batch in batches(zip(places, later_truths, strict=True)):
            for place, holds in batch:
                if holds is not undecided:
                    truths[place] = holds if truths[place] is undecided or holds is decided else None
    return truths


async def _known(cells: Sequence[Any], test: Predicate, walk: Walk) -> list[bool | None]:
    """Returns whether a test holds of each value; None for unknown ones."""
    unknown = [index for index, cell in enumerate(cells) if cell is UNKNOWN]
    if not unknown:
        return [*await test.column(cells, walk.pace)]
    truths: list[bool | None] = [*await test.column([None if cell is UNKNOWN else cell for cell in cells], walk.pace)]
    for index in unknown:
        truths[index] = None
    return truths


async def _opposite(truths: Sequence[bool | None]) -> list[bool | None]:
    return await mapped(_negated, truths)


def _negated(truth: bool | None) -> bool | None:
    return None if truth is None else not truth
