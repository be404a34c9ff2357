"""Long work in the background on the event loop: in short slices with pauses, so that short queries do not notice it.

A short query takes a dozen turns of the loop. With slices of other callers' work (`k8s.turns.turns`) it would wait for
one in each of them; with these it waits for one or two altogether. While no query is under way, the work goes on at
once, so that a caller who waits for its result does not wait for pauses.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Final, TypeVar

from k8s.turns.activity import activity_of_loop

T = TypeVar("T")

_WORK_S: Final = 0.0003
_PAUSE_S: Final = 0.005
"""Seconds; so the work takes a seventeenth of the loop's time while queries are under way."""
_QUIET_TURN_S: Final = 0.0001
"""A turn of the loop that takes longer had something else to do: perhaps a query begins."""
_SHORT_PAUSE_S: Final = 0.001


class Background:
    """The pauses of one piece of work."""

    def __init__(self) -> None:
        self._until_s = 0.0
        self._activity = activity_of_loop()

    async def pause(self) -> None:
        """Waits if the work has gone on for 0.3 ms since the last pause, or begins."""
        if perf_counter() > self._until_s:
            await self._wait()
            self._until_s = perf_counter() + _WORK_S

    async def worked(self, function: Callable[[Any], T], values: Iterable[Any]) -> list[T]:
        """Returns `function` of each value."""
        results = list[T]()
        for value in values:
            await self.pause()
            results.append(function(value))
        return results

    async def _wait(self) -> None:
        """Lets everything else run; rests if there is anything."""
        if not self._activity.is_under_way:
            before_s = perf_counter()
            await asyncio.sleep(0)
            if perf_counter() - before_s > _QUIET_TURN_S:
                await asyncio.sleep(_SHORT_PAUSE_S)
        if self._activity.is_under_way:
            await asyncio.sleep(_PAUSE_S)
