"""Freeing of many objects in slices: the last reference to a large list would free all of it in one stretch.

This is no task: it cannot be cancelled, and it waits for no turn, so that the memory is free soon.
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import Any, Final

from k8s.turns.looplocal import LoopLocal
from k8s.turns.turns import SLICE_S

_AT_ONCE: Final = 4
"""Objects between two looks at the clock. One may hold 10,000 others."""


class Freeing:
    """The objects that one event loop still has to free."""

    def __init__(self) -> None:
        self._waiting: deque[list[Any]] = deque()

    @property
    def is_under_way(self) -> bool:
        """Returns whether objects are waiting to be freed."""
        return bool(self._waiting)

    def add(self, objects: list[Any]) -> None:
        """Starts in the next turn of the loop, when the caller has dropped its own references."""
        self._waiting.append(objects)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._free)

    def _free(self) -> None:
        until_s = perf_counter() + SLICE_S / 2
        while self._waiting:
            objects = self._waiting[0]
            del objects[-_AT_ONCE:]
            if not objects:
                self._waiting.popleft()
            if perf_counter() > until_s:
                break
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._free)


_FREEING: Final = LoopLocal(Freeing)


def free(objects: list[Any]) -> None:
    """Empties a list of objects that have no other user, in slices of the loop's turns; at once without a loop."""
    if len(objects) <= _AT_ONCE:
        objects.clear()
        return
    try:
        freeing = _FREEING.get()
    except RuntimeError:
        objects.clear()
        return
    freeing.add(objects)


def is_under_way() -> bool:
    """Returns whether the running loop still has objects to free."""
    return _FREEING.get().is_under_way
