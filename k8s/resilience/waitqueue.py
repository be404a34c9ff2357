"""A queue of requests to a suspected cluster, which wait for their turn or for the end of the suspicion.

All waiters together check `1 / _CHECK_INTERVAL_S` times a second for their turn, however many there are, and each
identity checks as often as another.
"""

import asyncio
import random
from collections import deque
from typing import Final

_CHECK_INTERVAL_S: Final = 0.005
"""The average seconds between two checks."""

_BATCH: Final = 32
"""Waiters that are woken in one turn of the event loop. Each then sends a request to the cluster."""

_Waiters = dict["asyncio.Future[None]", None]


class WaitQueue:
    """The waiters of one cluster, by identity."""

    def __init__(self) -> None:
        self._waiters: dict[str, _Waiters] = {}

    def __len__(self) -> int:
        """Returns the number of waiters."""
        return sum(map(len, self._waiters.values()))

    async def wait(self, identity: str, seconds: float, *, most_s: float) -> None:
        """Waits until it is time to check again.

        Args:
            identity: The identity of the request.
            seconds: Seconds until the turn may come, as far as is known now; the check is a little later.
            most_s: The longest wait in seconds.
        """
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        waiters = self._waiters.setdefault(identity, {})
        waiters[waiter] = None
        spread_s = random.uniform(0.0, _CHECK_INTERVAL_S * len(waiters) * len(self._waiters))  # noqa: S311  no secret
        timer = loop.call_later(min(seconds + spread_s, most_s), _wake, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            waiters.pop(waiter, None)
            if not waiters and self._waiters.get(identity) is waiters:
                del self._waiters[identity]

    def wake(self, identity: str) -> None:
        """Wakes all waiters of an identity that was answered."""
        if waiters := self._waiters.pop(identity, None):
            _wake_in_batches(deque(waiters))

    def wake_all(self) -> None:
        """Wakes all waiters, because the cluster answers."""
        waiters_by_identity, self._waiters = self._waiters, {}
        _wake_in_batches(deque(waiter for waiters in waiters_by_identity.values() for waiter in waiters))


def _wake_in_batches(waiters: "deque[asyncio.Future[None]]") -> None:
    """Wakes some waiters now, and the others in the next turns of the event loop."""
    for _ in range(min(_BATCH, len(waiters))):
        _wake(waiters.popleft())
    if waiters:
        asyncio.get_running_loop().call_soon(_wake_in_batches, waiters)


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
