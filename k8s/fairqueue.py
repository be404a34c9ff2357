"""Waiting in turn: whoever comes first of each, however many others of the same one wait.

One with hundreds of places delays another one by one place, not by hundreds.
"""

import asyncio
from collections import OrderedDict, deque


class FairQueue:
    """Places of those who wait, by who waits."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    def place(self, who: str) -> "asyncio.Future[None]":
        """A new place behind all others of the same one; it is done when it is its turn."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(place)
        return place

    def call(self) -> bool:
        """Calls whose turn it is, leaving out those who have gone; False if nobody waits."""
        while self._waiting:
            who, places = self._waiting.popitem(last=False)
            place = places.popleft()
            if places:
                self._waiting[who] = places
            if not place.done():
                place.set_result(None)
                return True
        return False
