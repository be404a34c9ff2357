"""Round robin among callers: a caller with hundreds of waiting items delays others by one item, not by hundreds."""

import asyncio
from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class RoundRobin(Generic[T]):
    """A queue that returns one item of each caller in turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, caller: str, item: T) -> None:
        """Adds an item behind all others of the same caller."""
        self._waiting.setdefault(caller, deque()).append(item)

    def take(self) -> T:
        """Removes and returns the next item; the queue must not be empty."""
        caller, items = self._waiting.popitem(last=False)
        item = items.popleft()
        if items:
            self._waiting[caller] = items
        return item


class FairQueue:
    """Waiters by caller, called in round robin order."""

    def __init__(self) -> None:
        self._waiting: RoundRobin[asyncio.Future[None]] = RoundRobin()

    def place(self, caller: str) -> "asyncio.Future[None]":
        """Returns a new place behind all others of the same caller. The future is done when it is its turn."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put(caller, place)
        return place

    def call(self) -> bool:
        """Calls the next waiter that was not cancelled; returns False if there is none."""
        while self._waiting:
            place = self._waiting.take()
            if not place.done():
                place.set_result(None)
                return True
        return False
