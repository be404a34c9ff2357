"""`totalCount` and `groups` of subscriptions: counted anew when something has changed, a tenth of the time at most."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

_REST: Final = 9
"""Rests after a count, as multiples of the time that it took."""


@dataclass(slots=True)
class CountPace:
    """The pace of all counts of a process, which share a tenth of its time.

    Attributes:
        lists: The number of lists whose totals are followed.
    """

    lists: int = 0


class LiveTotals:
    """The totals of one list.

    Attributes:
        json: The totals as they are; None before the first count.
    """

    def __init__(
        self,
        count: Callable[[], Awaitable[bytes | None]],
        on_change: Callable[[], None],
        *,
        rest_s: float,
        pace: CountPace,
    ) -> None:
        """Takes the functions and the pace.

        Args:
            count: Counts; None if there is nothing to count yet.
            on_change: Hears of other totals.
            rest_s: The shortest rest between counts, in seconds.
            pace: The pace of all counts.
        """
        self.json: bytes | None = None
        self._count = count
        self._on_change = on_change
        self._rest_s = rest_s
        self._pace = pace
        self._changed = asyncio.Event()

    def touch(self) -> None:
        """Hears that the totals may be others."""
        self._changed.set()

    async def run(self) -> None:
        """Counts until it is cancelled; raises what counting raises."""
        self._pace.lists += 1
        try:
            await self._follow()
        finally:
            self._pace.lists -= 1

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            began_s = loop.time()
            json = await self._count()
            if json is not None and json != self.json:
                self.json = json
                self._on_change()
            await asyncio.sleep(max(self._rest_s, _REST * self._pace.lists * (loop.time() - began_s)))
