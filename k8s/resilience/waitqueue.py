"""Waiting for one's turn at a cluster that lets everybody down: until the turn may have come, or the trouble is over.

All waiters together check `1 / _CHECK_INTERVAL_S` times a second for their turn, however many there are, and each
identity checks as often as another.
"""

import asyncio
import random
from collections import deque
from typing import Final

_CHECK_INTERVAL_S: Final = 0.005
"""Seconds between two who look, on average."""

_BATCH: Final = 32
"""Those who are let go in one turn of the event loop; each asks the cluster then."""

_Waiters = dict["asyncio.Future[None]", None]


class WaitQueue:
    """Those who wait for one cluster, by identity."""

    def __init__(self) -> None:
        self._waiters: dict[str, _Waiters] = {}

    def __len__(self) -> int:
        """Returns how many wait."""
        return sum(map(len, self._waiters.values()))

    async def wait(self, identity: str, seconds: float, *, most_s: float) -> None:
        """Waits until it is time to look.

        Args:
            identity: The identity.
            seconds: When the turn may come, as far as is known now; whoever waits looks a little later.
            most_s: When it is time in any case.
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
        """Lets all of an identity go, as it was answered."""
        if waiters := self._waiters.pop(identity, None):
            _wake_in_batches(deque(waiters))

    def wake_all(self) -> None:
        """Lets everybody go, as the cluster answers."""
        waiters_by_identity, self._waiters = self._waiters, {}
        _wake_in_batches(deque(waiter for waiters in waiters_by_identity.values() for waiter in waiters))


def _wake_in_batches(waiters: "deque[asyncio.Future[None]]") -> None:
    """Lets some go now, and the others in the next turns of the event loop."""
    for _ in range(min(_BATCH, len(waiters))):
        _wake(waiters.popleft())
    if waiters:
        asyncio.get_running_loop().call_soon(_wake_in_batches, waiters)


def _wake(waiter: "asyncio.Future[None]") -> None:
    if not waiter.done():
        waiter.set_result(None)
