"""Long work in the background on the event loop: in short slices with pauses, so that short queries do not notice it.

A short query takes a dozen turns of the loop. With slices of other callers' work (`k8s.turns.turns`) it would wait for
one in each of them; with these it waits for one or two altogether.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Final, TypeVar

T = TypeVar("T")

_WORK_S: Final = 0.0005
_PAUSE_S: Final = 0.006
"""Seconds; so the work takes a tenth of the loop's time."""


class Background:
    """The pauses of one piece of work."""

    def __init__(self) -> None:
        self._until_s = 0.0

    async def pause(self) -> None:
        """Sleeps if the work has gone on for half a millisecond since the last pause, or begins."""
        if perf_counter() > self._until_s:
            await asyncio.sleep(_PAUSE_S)
            self._until_s = perf_counter() + _WORK_S

    async def worked(self, function: Callable[[Any], T], values: Iterable[Any]) -> list[T]:
        """Returns `function` of each value."""
        results = list[T]()
        for value in values:
            await self.pause()
            results.append(function(value))
        return results
