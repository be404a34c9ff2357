"""Waiting in turn: whoever comes first of each, however many others of the same one wait."""

import asyncio

from k8s.turns.roundrobin import RoundRobin


class FairQueue:
    """Places of those who wait, by who waits."""

    def __init__(self) -> None:
        self._waiting: RoundRobin[asyncio.Future[None]] = RoundRobin()

    def place(self, who: str) -> "asyncio.Future[None]":
        """A new place behind all others of the same one; it is done when it is its turn."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(who, place)
        return place

    def call(self) -> bool:
        """Calls whose turn it is, leaving out those who have gone; False if nobody waits."""
        while self._waiting:
            place = self._waiting.take()
            if not place.done():
                place.set_result(None)
                return True
        return False
