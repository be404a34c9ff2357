"""Tests of values: of one at each path, or of the first among many of which they hold."""

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
    """What is looked for among the values at a path through lists.

    Attributes:
        holds: whether a value is it; None if to say so takes too long at once.
        at_length: says it then.
        takes_null: whether null is looked at.
        operands: must be read before.
    """

    holds: Callable[[Any], bool | None]
    at_length: AtLength | None = None
    takes_null: bool = False
    operands: Operands | None = None


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a comparison asks of one value that is there.

    Attributes:
        holds: whether it holds of a value; None if to say so takes too long at once.
        at_length: says it then.
        of_nothing: whether it holds where there is no value.
        operands: must be read before.
    """

    holds: Holds
    at_length: AtLength | None = None
    of_nothing: bool = False
    operands: Operands | None = None

    async def column(self, values: Sequence[Any], pace: Pace) -> list[bool]:
        """Whether it holds of each value, or of None for nothing.

        Raises:
            BadUserInput: what is compared with cannot be.
        """
        if self.operands is not None:
            await self.operands.read()
        found, holds, of_nothing = list[bool](), self.holds, self.of_nothing
        for value in values:
            holding = of_nothing if value is None else holds(value)
            if holding is None and self.at_length is not None:
                holding = await self.at_length(value)
            found.append(bool(holding))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return found

    def search(self) -> Search:
        """A search for a value of which it holds."""
        return Search(self.holds, self.at_length, operands=self.operands)

    def exception(self) -> Search:
        """A search for a value of which it does not hold."""
        holds, at_length = self.holds, self.at_length

        def fails(value: Any) -> bool | None:
            found = holds(value)
            return None if found is None else not found

        if at_length is None:
            return Search(fails, operands=self.operands)

        async def fails_at_length(value: Any) -> bool:
            return not await at_length(value)

        return Search(fails, fails_at_length, operands=self.operands)
