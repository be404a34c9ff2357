"""The waiting requests of one client network: new connections take turns with those that repeat requests.

Of new connections, the newest and the oldest take turns, so that none waits for ever, and a newcomer does not wait
behind a wave of others. Of those that repeat requests, the one that began last goes first: a browser, which is done in
a moment, goes before any number of connections that send requests all the time.
"""

import asyncio
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Final

from server.serve.connectionusage import ConnectionUsage

_REPEATED_EVERY: Final = 4
"""Of so many turns, one is for connections that repeat requests, where both sorts wait."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """A request that waits for a place, or a piece of a body that waits to be sent.

    Attributes:
        usage: The usage of its connection.
        network: The queue of its client's network.
        is_first: Whether it is its connection's first request, or the first after a pause.
        since_s: The time of its arrival, by the loop's clock.
        order: The order of connections that repeat requests: the least goes first; no two are equal.
        place: True if it may go on, False if it is refused.
    """

    usage: ConnectionUsage
    network: "NetworkQueue"
    is_first: bool
    since_s: float
    order: tuple[float, int]
    place: "asyncio.Future[bool]"


class NetworkQueue:
    """The waiters of one network, and its turn among all networks.

    Attributes:
        turn: The virtual time of the network's next turn (start-time fair queueing).
    """

    __slots__ = ("_first", "_repeated", "_served", "turn")

    def __init__(self) -> None:
        self.turn = 0.0
        self._first: deque[Waiter] = deque()
        self._repeated: list[tuple[float, int, Waiter]] = []
        self._served = 0

    def __bool__(self) -> bool:
        """Returns whether any request waits."""
        while self._first and self._first[0].place.done():
            self._first.popleft()
        while self._first and self._first[-1].place.done():
            self._first.pop()
        return bool(self._first or self._repeated)

    def add(self, waiting: Waiter) -> None:
        """Adds a waiter."""
        if waiting.is_first:
            self._first.append(waiting)
        else:
            insort(self._repeated, (*waiting.order, waiting))

    def remove(self, waiting: Waiter) -> None:
        """Removes a waiter whose place is decided."""
        if waiting.is_first:
            return
        index = bisect_left(self._repeated, waiting.order)
        if index < len(self._repeated) and self._repeated[index][2] is waiting:
            del self._repeated[index]

    def pop(self) -> Waiter:
        """Removes and returns the waiter whose turn it is; there must be one."""
        self._served += 1
        if self._repeated and (self._served % _REPEATED_EVERY == 0 or not self._first):
            return self._repeated.pop(0)[2]
        return self._first.pop() if self._served % 2 else self._first.popleft()
