"""Round robin among callers: a caller with hundreds of waiting items delays others by one item, not by hundreds."""

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class RoundRobin(Generic[T]):
    """What waits, by whose it is."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, caller: str, item: T) -> None:
        """Adds something behind all that is of the same one."""
        self._waiting.setdefault(caller, deque()).append(item)

    def take(self) -> T:
        """Removes and returns what comes next; there must be something."""
        caller, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[caller] = items
        return item


class FairQueue:
    """Places of those who wait, by who waits."""

    def __init__(self) -> None:
        self._waiting: RoundRobin[asyncio.Future[None]] = RoundRobin()

    def place(self, caller: str) -> "asyncio.Future[None]":
        """A new place behind all others of the same one; it is done when it is its turn."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(caller, place)
        return place

    def call(self) -> bool:
        """Calls whose turn it is, leaving out those who have gone; False if nobody waits."""
        while self._waiting:
            place = self._waiting.take()
            if not place.done():
                place.set_result(None)
                return True
        return False
