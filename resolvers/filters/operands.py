"""The values of `IN` and `NOT_IN`, read in slices.

Plans are made at a stretch, and to read a thousand values for each of many comparisons takes longer than others can
wait. So values are noted in the plan, and read before anything is asked of a cluster.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from resolvers.pacing import worked


class Operands:
    """The values that one comparison is given as a list.

    Attributes:
        members: what they are compared by; empty until they are read.
    """

    __slots__ = ("_given", "_key_of", "_lock", "members")

    def __init__(self, given: Sequence[Any], key_of: Callable[[Any], Any]) -> None:
        """Takes the values, and what makes of each what it is compared by."""
        self._given: Sequence[Any] = given
        self._key_of = key_of
        self._lock = asyncio.Lock()
        self.members = set[Any]()

    async def read(self) -> None:
        """Reads the values, once, in slices.

        Raises:
            BadUserInput: one of them cannot be compared so.
        """
        async with self._lock:
            self.members.update(await worked(self._key_of, self._given))
            self._given = ()


async def read_operands(operands: Iterable[Operands]) -> None:
    """Reads the values of several comparisons, before anything is asked of a cluster.

    Raises:
        BadUserInput: one of them cannot be compared so.
    """
    for each in operands:
        await each.read()
