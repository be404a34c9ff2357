"""Predicates of values: for one value of a path, or as a search among many values."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from k8s.turns.turns import Pace
from resolvers.filters.operands import Operands

Holds = Callable[[Any], bool | None]
AtLength = Callable[[Any], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Search:
    """A search among the values of a path through lists.

    Attributes:
        holds: returns whether a value matches; None if the check takes too long at once.
        at_length: checks such a value in slices or in a thread.
        takes_null: true if null is checked.
        operands: operands that must be read before.
    """

    holds: Callable[[Any], bool | None]
    at_length: AtLength | None = None
    takes_null: bool = False
    operands: Operands | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """A predicate of one value that is not null.

    Attributes:
        holds: returns whether it holds of a value; None if the check takes too long at once.
        at_length: checks such a value in slices or in a thread.
        of_null: true if it holds of null.
        operands: operands that must be read before.
    """

    holds: Holds
    at_length: AtLength | None = None
    of_null: bool = False
    operands: Operands | None = None

    async def column(self, values: Sequence[Any], pace: Pace) -> list[bool]:
        """Returns whether it holds of each value; None means null.

        Raises:
            BadUserInput: an operand is invalid.
        """
        if self.operands is not None:
            await self.operands.read()
        results, holds, of_null = list[bool](), self.holds, self.of_null
        for value in values:
            result = of_null if value is None else holds(value)
            if result is None and self.at_length is not None:
                result = await self.at_length(value)
            results.append(bool(result))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return results

    def search(self) -> Search:
        """Returns a search for a value of which it holds."""
        return Search(self.holds, self.at_length, operands=self.operands)

    def exception(self) -> Search:
        """Returns a search for a value of which it does not hold."""
        holds, at_length = self.holds, self.at_length

        def fails(value: Any) -> bool | None:
            result = holds(value)
            return None if result is None else not result

        if at_length is None:
            return Search(fails, operands=self.operands)

        async def fails_at_length(value: Any) -> bool:
            return not await at_length(value)

        return Search(fails, fails_at_length, operands=self.operands)
