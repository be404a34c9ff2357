"""The waits between requests of watches: of one after failures, and of all of a cluster that come back.

The former are those of client-go's reflectors.
"""

import asyncio
from collections.abc import Callable
from random import random as uniform
from time import monotonic
from typing import Final

FIRST_S: Final = 0.8
LONGEST_S: Final = 30.0
RESET_S: Final = 120.0
"""Seconds without a failure after which the waits begin anew.

Source: `NewReflectorWithOptions` of k8s.io/client-go (800 ms to 30 s, reset after 2 minutes, factor 2, jitter 1).
"""
RECONNECTS_PER_S: Final = 10.0


class Backoff:
    """Waits that double, each with up to as much again at random, so that many watches do not return at once."""

    def __init__(self, *, random: Callable[[], float] = uniform, clock: Callable[[], float] = monotonic) -> None:
        self._random = random
        self._clock = clock
        self._next_s = FIRST_S
        self._last_s = clock()

    def wait_s(self, *, least_s: float = 0.0) -> float:
        """Returns the seconds of the next wait; not less than the server asked for, up to the longest wait."""
        now_s = self._clock()
        if now_s - self._last_s > RESET_S:
            self._next_s = FIRST_S
        self._last_s = now_s
        wait_s = min(LONGEST_S, least_s) + self._next_s * (1 + self._random())
        self._next_s = min(LONGEST_S, self._next_s * 2)
        return wait_s


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
        try:
            await asyncio.sleep(turn_s - now_s)
        except asyncio.CancelledError:
            self._next_s -= self._interval_s
            raise
