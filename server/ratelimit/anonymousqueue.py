"""The order in which anonymous clients get the rate and the places that they share.

Networks have equal shares (start-time fair queueing: Goyal, Vin and Cheng, 1996), and one with few requests is ahead by
up to 200. `server.ratelimit.networkqueue` has the order within one network.
"""

import asyncio
from bisect import bisect_left, insort
from collections import OrderedDict, deque
from math import inf
from typing import Final

from server.ratelimit.networkqueue import NetworkQueue, Waiter
from server.ratelimit.tokenbucket import TokenBucket
from server.serve.connectionusage import ConnectionUsage

_AHEAD: Final = 200.0
"""Requests by which a network with few of them is ahead: a browser asks for a hundred files of GraphiQL."""
_REMEMBERED: Final = 10_000
"""The most networks that are remembered; those idle for longest are forgotten, none that waits."""
_CHECKED: Final = 4
"""Networks that are checked, and perhaps forgotten, at each request."""
_AT_ONCE: Final = 4
"""Places that are given in one turn of the event loop."""
_ANSWERED_AT_ONCE: Final = 20
"""Waiters that get a place, or a refusal, in one turn of the event loop."""
_TICK_S: Final = 0.005
_LONGEST_PAUSE_S: Final = 1.0


class AnonymousQueue:
    """A fair queue of anonymous requests, with one timer for all of them."""

    def __init__(self, *, per_s: float, burst: float, places: int | None = None, most_wait_s: float = inf) -> None:
        self._rate = TokenBucket(per_s=per_s, burst=burst)
        self._free = inf if places is None else places
        self._most_wait_s = most_wait_s
        self._networks: OrderedDict[str, NetworkQueue] = OrderedDict()
        self._lined_up: list[tuple[float, int, NetworkQueue]] = []
        self._order: dict[NetworkQueue, tuple[float, int]] = {}
        self._by_age: deque[Waiter] = deque()
        self._turn = 0.0
        self._number = self._answered = self._placed = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Returns whether all places are taken."""
        return self._free <= 0

    async def take(self, usage: ConnectionUsage, *, is_first: bool) -> bool:
        """Waits for a turn and a place. Returns False if that takes too long, or the connection has ended.

        Args:
            usage: The usage of its connection.
            is_first: Whether it is the connection's first request, or the first after a pause.
        """
        loop = asyncio.get_running_loop()
        network, order = self._network(usage.network), (-usage.since_s, self._next_number())
        waiting = Waiter(usage, network, is_first, since_s=loop.time(), order=order, place=loop.create_future())
        self._add(waiting)
        self._serve()
        try:
            return await waiting.place
        except asyncio.CancelledError:
            self._give_up(waiting)
            raise

    def give_back(self) -> None:
        """Passes a place on."""
        self._free += 1
        self._serve()

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _add(self, waiting: Waiter) -> None:
        network = waiting.network
        network.add(waiting)
        if network not in self._order:
            network.turn = max(network.turn, self._turn - _AHEAD)
            self._line_up(network)
        self._forget_networks()
        if self._most_wait_s < inf:
            self._by_age.append(waiting)

    def _network(self, name: str) -> NetworkQueue:
        network = self._networks.setdefault(name, NetworkQueue())
        self._networks.move_to_end(name)
        return network

    def _forget_networks(self) -> None:
        """Forgets the oldest networks over the limit, none that waits; checks a few for each new one."""
        for _ in range(min(_CHECKED, len(self._networks) - _REMEMBERED)):
            name, network = next(iter(self._networks.items()))
            if network in self._order:
                self._networks.move_to_end(name)
            else:
                del self._networks[name]

    def _line_up(self, network: NetworkQueue) -> None:
        self._order[network] = order = (network.turn, self._next_number())
        insort(self._lined_up, (*order, network))

    def _step_out(self, network: NetworkQueue) -> None:
        del self._lined_up[bisect_left(self._lined_up, self._order.pop(network))]

    def _give_up(self, waiting: Waiter) -> None:
        if waiting.place.cancelled():
            self._forget(waiting)
        elif waiting.place.result():
            self.give_back()

    def _forget(self, waiting: Waiter) -> None:
        """Removes a waiter."""
        network = waiting.network
        network.remove(waiting)
        if not network and network in self._order:
            self._step_out(network)

    def _serve(self) -> None:
        """Gives places to the waiters whose turn it is, and refuses those that waited too long."""
        now_s = asyncio.get_running_loop().time()
        while self._may_give and self._lined_up and self._rate.next_s() <= 0:
            self._serve_next()
        while self._answered < _ANSWERED_AT_ONCE and self._by_age and self._is_oldest_over(now_s):
            self._refuse(self._by_age.popleft())
        if self._lined_up and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s(now_s), self._tick)

    @property
    def _may_give(self) -> bool:
        return self._free > 0 and self._placed < _AT_ONCE and self._answered < _ANSWERED_AT_ONCE

    def _is_oldest_over(self, now_s: float) -> bool:
        return self._by_age[0].place.done() or self._wait_left_s(now_s) <= 0

    def _refuse(self, waiting: Waiter) -> None:
        if waiting.place.done():
            return
        waiting.place.set_result(False)
        self._forget(waiting)
        self._note_answered()

    def _serve_next(self) -> None:
        turn, _, network = self._lined_up[0]
        self._step_out(network)
        waiting = network.pop() if network else None
        if waiting is not None and not waiting.place.done():
            is_served = not waiting.usage.has_ended
            waiting.place.set_result(is_served)
            if is_served:
                self._rate.wait_s(most_s=0)
                self._free -= 1
                self._turn = max(self._turn, turn)
                network.turn = turn + 1
                self._placed += 1
            self._note_answered()
        if network:
            self._line_up(network)

    def _note_answered(self) -> None:
        if self._answered == 0:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._answered += 1

    def _begin_turn(self) -> None:
        self._answered = self._placed = 0
        self._serve()

    def _wait_left_s(self, now_s: float) -> float:
        return self._by_age[0].since_s + self._most_wait_s - now_s if self._by_age else inf

    def _pause_s(self, now_s: float) -> float:
        due_s = self._rate.next_s() if self._free > 0 else inf
        return max(_TICK_S, min(due_s, self._wait_left_s(now_s), _LONGEST_PAUSE_S))

    def _tick(self) -> None:
        self._timer = None
        self._serve()
