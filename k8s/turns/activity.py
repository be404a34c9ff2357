"""The queries under way on an event loop: long work in the background gives way to them.

A query takes a dozen turns of the loop and needs the interpreter at each. Work in the background that goes on in each
of them, or that holds the interpreter in a thread, delays it a dozen times. So such work rests while queries are under
way, and goes on at once when there are none.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

from k8s.turns.looplocal import LoopLocal

_AFTERWARDS_S: Final = 0.02
"""Seconds after a query in which the next one is likely; it has turns of the loop before it is counted."""
_LOOK_S: Final = 0.005


class Activity:
    """The number of queries under way: `with` counts one."""

    def __init__(self) -> None:
        self._count = 0
        self._until_s = 0.0

    @property
    def is_under_way(self) -> bool:
        """Returns whether there is any, or was just now. Threads may read it."""
        return self._count > 0 or perf_counter() < self._until_s

    def __enter__(self) -> None:
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1
        self._until_s = perf_counter() + _AFTERWARDS_S

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Does not count a query that waits for work in the background."""
        self._count -= 1
        try:
            yield
        finally:
            self._count += 1

    async def rest(self, most_s: float) -> None:
        """Waits while queries are under way, for `most_s` seconds at most."""
        for _ in range(round(most_s / _LOOK_S)):
            if not self.is_under_way:
                return
            await asyncio.sleep(_LOOK_S)


_ACTIVITY = LoopLocal(Activity)


def activity_of_loop() -> Activity:
    """Returns the activity of the running event loop."""
    return _ACTIVITY.get()
