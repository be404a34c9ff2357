"""The waits between requests of watches: of one after failures, and of all of a cluster that come back.

The former are those of client-go's reflectors.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import random as uniform
from time import monotonic
from typing import Final

from k8s.errors import ClusterError, StatusError

FIRST_S: Final = 0.8
LONGEST_S: Final = 30.0
"""Source: `NewReflectorWithOptions` of k8s.io/client-go (800 ms to 30 s, factor 2, jitter 1)."""
RESET_S: Final = 10.0
"""Seconds for which a watch runs, after which the waits begin anew (in client-go, 2 minutes after the last failure)."""
RECONNECTS_PER_S: Final = 10.0
RETURNED_S: Final = 1.0
"""Seconds of a watch after which its cluster is back."""


class Backoff:
    """Waits that double, each with up to as much again at random, so that many watches do not return at once."""

    def __init__(self, *, random: Callable[[], float] = uniform) -> None:
        self._random = random
        self._next_s = FIRST_S

    def reset(self) -> None:
        """Begins with the shortest wait again."""
        self._next_s = FIRST_S

    def wait_s(self) -> float:
        """Returns the seconds of the next wait."""
        wait_s = self._next_s * (1 + self._random())
        self._next_s = min(LONGEST_S, self._next_s * 2)
        return wait_s


def asked_pause_s(error: ClusterError) -> float:
    """Returns the seconds that the server asked to wait, up to the longest wait."""
    return min(LONGEST_S, error.retry_after_s or 0.0) if isinstance(error, StatusError) else 0.0


class ReconnectPace:
    """One further request of a watch of a cluster after the other, at least a tenth of a second apart.

    The first requests of watches do not wait. The order is that of the waits before, which are random.
    """

    def __init__(self, *, per_s: float = RECONNECTS_PER_S, clock: Callable[[], float] = monotonic) -> None:
        """Takes the number of requests in a second."""
        self._interval_s = 1 / per_s
        self._clock = clock
        self._next_s = clock()
        self._return = asyncio.Event()

    async def pause(self, wait_s: float) -> None:
        """Waits, but no longer than until the cluster is back for another watch."""
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._return.wait()

    @contextmanager
    def running(self, backoff: Backoff) -> Iterator[None]:
        """Encloses a watch that runs: once it has run for a moment, the cluster is back."""
        loop = asyncio.get_running_loop()
        began_s, timer = loop.time(), loop.call_later(RETURNED_S, self._returned)
        try:
            yield
        finally:
            timer.cancel()
            if loop.time() - began_s >= RESET_S:
                backoff.reset()

    def _returned(self) -> None:
        self._return.set()
        self._return = asyncio.Event()

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
