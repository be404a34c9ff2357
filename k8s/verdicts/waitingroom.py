"""Waiting for one's turn at a cluster that lets everybody down: until the turn may have come, or the trouble is over.

However many wait, together they look whether it is their turn `1 / _LOOKING_S` times a second, and each identity as
often as another.
"""

import asyncio
import random
from collections import deque
from typing import Final

_LOOKING_S: Final = 0.005
"""Seconds between two who look, on average."""

_CALLED: Final = 32
"""Those who are let go in one turn of the event loop; each asks the cluster then."""

_Places = dict["asyncio.Future[None]", None]


class WaitingRoom:
    """Those who wait for one cluster, by identity."""

    def __init__(self) -> None:
        self._places: dict[str, _Places] = {}

    def __len__(self) -> int:
        """Returns how many wait."""
        return sum(map(len, self._places.values()))

    async def wait(self, who: str, seconds: float, *, most_s: float) -> None:
        """Waits until it is time to look.

        Args:
            who: The identity.
            seconds: When the turn may come, as far as is known now; whoever waits looks a little later.
            most_s: When it is time in any case.
        """
        loop = asyncio.get_running_loop()
        place: asyncio.Future[None] = loop.create_future()
        places = self._places.setdefault(who, {})
        places[place] = None
        spread_s = random.uniform(0.0, _LOOKING_S * len(places) * len(self._places))  # noqa: S311  no secret
        timer = loop.call_later(min(seconds + spread_s, most_s), _let_go, place)
        try:
            await place
        finally:
            timer.cancel()
            places.pop(place, None)
            if not places and self._places.get(who) is places:
                del self._places[who]

    def call(self, who: str) -> None:
        """Lets all of an identity go, as it was answered."""
        if places := self._places.pop(who, None):
            _let_all_go(deque(places))

    def call_all(self) -> None:
        """Lets everybody go, as the cluster answers."""
        everybody, self._places = self._places, {}
        _let_all_go(deque(place for places in everybody.values() for place in places))


def _let_all_go(places: "deque[asyncio.Future[None]]") -> None:
    """Lets some go now, and the others in the next turns of the event loop."""
    for _ in range(min(_CALLED, len(places))):
        _let_go(places.popleft())
    if places:
        asyncio.get_running_loop().call_soon(_let_all_go, places)


def _let_go(place: "asyncio.Future[None]") -> None:
    if not place.done():
        place.set_result(None)
