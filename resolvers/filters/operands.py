"""The values of `IN` and `NOT_IN`, parsed in slices.

A plan is built without interruption, and to parse a thousand values for each of many comparisons would block the event
loop. So the plan only collects the values; they are parsed before any request to a cluster.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from resolvers.pacing import worked


class Operands:
    """The list of values of one comparison.

    Attributes:
        keys: comparison keys of the values; empty until they are read.
    """

    __slots__ = ("_key_of", "_lock", "_values", "keys")

    def __init__(self, values: Sequence[Any], key_of: Callable[[Any], Any]) -> None:
        """Takes the values, and a function that returns the comparison key of each."""
        self._values: Sequence[Any] = values
        self._key_of = key_of
        self._lock = asyncio.Lock()
        self.keys = set[Any]()

    async def read(self) -> None:
        """Parses the values, once, in slices.

        Raises:
            BadUserInput: a value is not of the path's type.
        """
        async with self._lock:
            self.keys.update(await worked(self._key_of, self._values))
            self._values = ()


async def read_operands(operands: Iterable[Operands]) -> None:
    """Parses the values of several comparisons, before any request to a cluster.

    Raises:
        BadUserInput: a value is not of its path's type.
    """
    for one in operands:
        await one.read()
