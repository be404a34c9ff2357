"""The order in which strangers get what they share: a rate, and places that are given back.

Sites have equal shares (start-time fair queueing: Goyal, Vin and Cheng, 1996), and one that has asked for little is
ahead by up to 200. `server.ratelimit.sitequeue` has the order of what comes from one site.
"""

import asyncio
from bisect import bisect_left, insort
from collections import OrderedDict, deque
from math import inf
from typing import Final

from server.ratelimit.sitequeue import SiteQueue, Waiting
from server.ratelimit.tokenbucket import TokenBucket
from server.serve.connectionusage import ConnectionUsage

_AHEAD: Final = 200.0
"""Requests that a site which has asked for little is ahead: a browser asks for a hundred files of GraphiQL."""
_REMEMBERED: Final = 10_000
"""Sites; those that asked for nothing for longest are forgotten, none that waits."""
_LOOKED_AT: Final = 4
"""Sites, whether they can be forgotten, when one asks."""
_AT_ONCE: Final = 4
"""Places that are given in one turn of the event loop."""
_ANSWERED_AT_ONCE: Final = 20
"""Those who get a place, or none, in one turn of the event loop."""
_TICK_S: Final = 0.005
_LONGEST_PAUSE_S: Final = 1.0


class StrangerQueue:
    """Those who wait; one timer for all of them."""

    def __init__(self, *, per_s: float, burst: float, places: int | None = None, most_wait_s: float = inf) -> None:
        self._rate = TokenBucket(per_s=per_s, burst=burst)
        self._free = inf if places is None else places
        self._most_wait_s = most_wait_s
        self._sites: OrderedDict[str, SiteQueue] = OrderedDict()
        self._lined_up: list[tuple[float, int, SiteQueue]] = []
        self._order: dict[SiteQueue, tuple[float, int]] = {}
        self._by_age: deque[Waiting] = deque()
        self._turn = 0.0
        self._number = self._answered = self._given = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Whether all places are taken."""
        return self._free <= 0

    async def take(self, usage: ConnectionUsage, *, is_first: bool) -> bool:
        """Waits until a stranger may go on; False if that takes too long, or its connection has ended.

        Args:
            usage: How its connection asks.
            is_first: Whether its connection begins with it.
        """
        loop = asyncio.get_running_loop()
        site, order = self._site(usage.site), (-usage.since_s, self._next_number())
        waiting = Waiting(usage, site, is_first, since_s=loop.time(), order=order, place=loop.create_future())
        self._add(waiting)
        self._serve()
        try:
            return await waiting.place
        except asyncio.CancelledError:
            self._give_up(waiting)
            raise

    def give_back(self) -> None:
        """Leaves a place to the next."""
        self._free += 1
        self._serve()

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _add(self, waiting: Waiting) -> None:
        site = waiting.site
        site.add(waiting)
        if site not in self._order:
            site.turn = max(site.turn, self._turn - _AHEAD)
            self._line_up(site)
        self._forget_sites()
        if self._most_wait_s < inf:
            self._by_age.append(waiting)

    def _site(self, name: str) -> SiteQueue:
        site = self._sites.setdefault(name, SiteQueue())
        self._sites.move_to_end(name)
        return site

    def _forget_sites(self) -> None:
        """Leaves out the oldest of too many sites, none that waits; a few are looked at, for one more that came."""
        for _ in range(min(_LOOKED_AT, len(self._sites) - _REMEMBERED)):
            name, site = next(iter(self._sites.items()))
            if site in self._order:
                self._sites.move_to_end(name)
            else:
                del self._sites[name]

    def _line_up(self, site: SiteQueue) -> None:
        self._order[site] = order = (site.turn, self._next_number())
        insort(self._lined_up, (*order, site))

    def _step_out(self, site: SiteQueue) -> None:
        del self._lined_up[bisect_left(self._lined_up, self._order.pop(site))]

    def _give_up(self, waiting: Waiting) -> None:
        if waiting.place.cancelled():
            self._forget(waiting)
        elif waiting.place.result():
            self.give_back()

    def _forget(self, waiting: Waiting) -> None:
        """Leaves out one who waited until now."""
        site = waiting.site
        site.remove(waiting)
        if not site and site in self._order:
            self._step_out(site)

    def _serve(self) -> None:
        """Answers those whose turn it is, and those who have waited for too long."""
        now_s = asyncio.get_running_loop().time()
        while self._may_give and self._lined_up and self._rate.next_s() <= 0:
            self._serve_next()
        while self._answered < _ANSWERED_AT_ONCE and self._by_age and self._is_oldest_over(now_s):
            self._refuse(self._by_age.popleft())
        if self._lined_up and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause_s(now_s), self._tick)

    @property
    def _may_give(self) -> bool:
        return self._free > 0 and self._given < _AT_ONCE and self._answered < _ANSWERED_AT_ONCE

    def _is_oldest_over(self, now_s: float) -> bool:
        return self._by_age[0].place.done() or self._wait_left_s(now_s) <= 0

    def _refuse(self, waiting: Waiting) -> None:
        if waiting.place.done():
            return
        waiting.place.set_result(False)
        self._forget(waiting)
        self._note_answered()

    def _serve_next(self) -> None:
        turn, _, site = self._lined_up[0]
        self._step_out(site)
        waiting = site.pop() if site else None
        if waiting is not None and not waiting.place.done():
            is_served = not waiting.usage.is_gone
            waiting.place.set_result(is_served)
            if is_served:
                self._rate.wait_s(most_s=0)
                self._free -= 1
                self._turn = max(self._turn, turn)
                site.turn = turn + 1
                self._given += 1
            self._note_answered()
        if site:
            self._line_up(site)

    def _note_answered(self) -> None:
        if self._answered == 0:
            asyncio.get_running_loop().call_soon(self._begin_turn)
        self._answered += 1

    def _begin_turn(self) -> None:
        self._answered = self._given = 0
        self._serve()

    def _wait_left_s(self, now_s: float) -> float:
        return self._by_age[0].since_s + self._most_wait_s - now_s if self._by_age else inf

    def _pause_s(self, now_s: float) -> float:
        due_s = self._rate.next_s() if self._free > 0 else inf
        return max(_TICK_S, min(due_s, self._wait_left_s(now_s), _LONGEST_PAUSE_S))

    def _tick(self) -> None:
        self._timer = None
        self._serve()
