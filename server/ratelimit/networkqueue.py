"""AnonymousLimiter of one site who wait: connections that begin to ask take turns with those that ask on.

Of those that begin, the newest and the oldest take turns, so that nobody waits for ever, and a newcomer not behind a
wave of others. Of those that ask on, the one that began last goes first: a browser, which is done in a moment, is ahead
of connections that ask all the time, however many they are.
"""

import asyncio
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Final

from server.serve.connectionusage import ConnectionUsage

_ON_EVERY: Final = 4
"""Of so many turns, one is for connections that ask on, where both wait."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody who waits for a request to be worked on, or for a piece of a body.

    Attributes:
        usage: How its connection asks.
        site: Where it waits.
        is_first: Whether its connection begins with it.
        since_s: When it came, by the loop's clock.
        order: Of those whose connections ask on, the least goes first; no two are equal.
        place: True when it may go on, False when it may not.
    """

    usage: ConnectionUsage
    network: "NetworkQueue"
    is_first: bool
    since_s: float
    order: tuple[float, int]
    place: "asyncio.Future[bool]"


class NetworkQueue:
    """Those who wait, and what was given to their site.

    Attributes:
        turn: How much of all sites' work is done before its next.
    """

    __slots__ = ("_first", "_on", "_served", "turn")

    def __init__(self) -> None:
        self.turn = 0.0
        self._first: deque[Waiter] = deque()
        self._on: list[tuple[float, int, Waiter]] = []
        self._served = 0

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        while self._first and self._first[0].place.done():
            self._first.popleft()
        while self._first and self._first[-1].place.done():
            self._first.pop()
        return bool(self._first or self._on)

    def add(self, waiting: Waiter) -> None:
        """Takes one in."""
        if waiting.is_first:
            self._first.append(waiting)
        else:
            insort(self._on, (*waiting.order, waiting))

    def remove(self, waiting: Waiter) -> None:
        """Forgets one, whose place is done."""
        if waiting.is_first:
            return
        index = bisect_left(self._on, waiting.order)
        if index < len(self._on) and self._on[index][2] is waiting:
            del self._on[index]

    def pop(self) -> Waiter:
        """Removes the one whose turn it is, and returns it; somebody must wait."""
        self._served += 1
        if self._on and (self._served % _ON_EVERY == 0 or not self._first):
            return self._on.pop(0)[2]
        return self._first.pop() if self._served % 2 else self._first.popleft()
