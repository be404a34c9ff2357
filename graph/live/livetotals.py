"""`totalCount` and `groups` of a subscription: counted anew when something has changed, a tenth of the time at most."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

_REST: Final = 9
"""Rests after a count, as multiples of the time that it took."""


class LiveTotals:
    """The totals of one list.

    Attributes:
        json: The totals as they are; None before the first count.
    """

    def __init__(
        self, count: Callable[[], Awaitable[bytes | None]], on_change: Callable[[], None], *, rest_s: float
    ) -> None:
        """Takes the functions and the shortest rest between counts.

        Args:
            count: Counts; None if there is nothing to count yet.
            on_change: Hears of other totals.
            rest_s: Seconds.
        """
        self.json: bytes | None = None
        self._count = count
        self._on_change = on_change
        self._rest_s = rest_s
        self._changed = asyncio.Event()

    def touch(self) -> None:
        """Hears that the totals may be others."""
        self._changed.set()

    async def run(self) -> None:
        """Counts until it is cancelled; raises what counting raises."""
        loop = asyncio.get_running_loop()
        while True:
            await self._changed.wait()
            self._changed.clear()
            began_s = loop.time()
            json = await self._count()
            if json is not None and json != self.json:
                self.json = json
                self._on_change()
            await asyncio.sleep(max(self._rest_s, _REST * (loop.time() - began_s)))
