"""Initial events of watches (KEP-3157, WatchList): which servers have them, and the wait for their end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

from k8s.watches.limits import WatchLimits


class InitialEvents:
    """The API groups of one cluster whose watches cannot begin with all objects, as far as that is known.

    It is forgotten after an hour, because servers are upgraded.
    """

    _KNOWN_S: Final = 3600.0

    def __init__(self, *, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._missing_since_s: dict[str, float] = {}

    def are_missing(self, group: str) -> bool:
        """Returns whether a watch of a group had none, a short while ago."""
        since_s = self._missing_since_s.get(group)
        return since_s is not None and self._clock() - since_s < self._KNOWN_S

    def missed(self, group: str) -> None:
        """Notes that a watch of a group had none."""
        self._missing_since_s[group] = self._clock()


class NoEndOfInitial(Exception):
    """No bookmark ended the initial events in time, as with aggregated servers and some proxies."""


class EndOfInitial:
    """The wait for the end of the initial events."""

    def __init__(self, timeout: asyncio.Timeout, limits: WatchLimits | None) -> None:
        self._timeout = timeout
        self._limits = limits
        self._most_s = asyncio.get_running_loop().time() + limits.initial_s if limits else 0.0
        self.arrived(is_end=limits is None)

    def arrived(self, *, is_end: bool) -> None:
        """Notes initial events, behind which the next ones are to come soon; or their end."""
        if is_end or self._limits is None:
            self._timeout.reschedule(None)
        else:
            idle_s = asyncio.get_running_loop().time() + self._limits.initial_idle_s
            self._timeout.reschedule(min(self._most_s, idle_s))


@asynccontextmanager
async def end_of_initial(limits: WatchLimits | None) -> AsyncIterator[EndOfInitial]:
    """Limits the time of the initial events, if there are any.

    Raises:
        NoEndOfInitial: The time is over.
    """
    timeout = asyncio.timeout(None)
    try:
        async with timeout:
            yield EndOfInitial(timeout, limits)
    except TimeoutError:
        if timeout.expired():
            raise NoEndOfInitial from None
        raise
