"""The watches of one cluster that come back: not all at once, whoever they belong to."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

RECONNECTS_PER_S: Final = 10.0


class ReconnectPace:
    """One further request of a watch after the other, at least a tenth of a second apart.

    The first requests of watches do not wait. The order is that of the waits before, which are random.
    """

    def __init__(self, *, per_s: float = RECONNECTS_PER_S, clock: Callable[[], float] = monotonic) -> None:
        """Takes the number of requests in a second."""
        self._interval_s = 1 / per_s
        self._clock = clock
        self._next_s = clock()

    async def turn(self) -> None:
        """Waits for the turn of a request."""
        now_s = self._clock()
        turn_s = max(now_s, self._next_s)
        self._next_s = turn_s + self._interval_s
        await asyncio.sleep(turn_s - now_s)
