"""Tests of values: of one at each path, or of the first among many of which they hold."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from k8s.turns import Pace

Holds = Callable[[Any], bool | None]
AtLength = Callable[[Any], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class ValueTest:
    """What a comparison asks of one value that is there.

    Attributes:
        holds: whether it holds of a value; None if to say so takes too long at once.
        at_length: says it then.
        of_nothing: whether it holds where there is no value.
    """

    holds: Holds
    at_length: AtLength | None = None
    of_nothing: bool = False

    async def column(self, values: Sequence[Any], pace: Pace) -> list[bool]:
        """Whether it holds of each value, or of None for nothing.

        Raises:
            LimitExceeded: a value is too long to be compared so.
        """
        found, holds, of_nothing = list[bool](), self.holds, self.of_nothing
        for value in values:
            holding = of_nothing if value is None else holds(value)
            if holding is None and self.at_length is not None:
                holding = await self.at_length(value)
            found.append(bool(holding))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return found


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for among the values at a path through lists.

    Attributes:
        holds: whether a value is it; None if to say so takes too long at once.
        at_length: says it then.
        takes_null: whether null is looked at.
    """

    holds: Callable[[Any], bool | None]
    at_length: AtLength | None = None
    takes_null: bool = False
