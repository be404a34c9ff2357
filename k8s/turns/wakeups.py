"""Wakes of many tasks that wait for the same: some in each turn of the loop, and others after pauses if queries run.

Hundreds of tasks that are woken at once work in one turn of the loop, and a query that is under way waits for all of
them.
"""

import asyncio
from collections import deque
from typing import Final

from k8s.turns.activity import activity_of_loop
from k8s.turns.looplocal import LoopLocal

_AT_ONCE: Final = 16
"""Tasks that are woken in one turn of the loop; each of them works for some ten microseconds."""
_PAUSE_S: Final = 0.002
"""The pause between turns while queries are under way."""
_LONGEST_S: Final = 0.2
"""The time for which queries go first."""


class Wakeups:
    """The wakes of one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._left = _AT_ONCE
        self._next: asyncio.Handle | None = None
        self._until_s = 0.0

    def wake(self, waiting: "asyncio.Future[None]") -> None:
        """Lets the task go on that waits for a future: at once, or in one of the next turns of the loop."""
        loop = asyncio.get_running_loop()
        if self._next is None:
            self._next = loop.call_soon(self._turn)
        if self._waiting or not self._left:
            if not self._waiting:
                self._until_s = loop.time() + _LONGEST_S
            self._waiting.append(waiting)
            return
        self._left -= 1
        _wake(waiting)

    def _turn(self) -> None:
        """Begins another turn: wakes the next tasks."""
        self._next, self._left = None, _AT_ONCE
        while self._waiting and self._left:
            self._left -= 1
            _wake(self._waiting.popleft())
        if self._waiting:
            loop = asyncio.get_running_loop()
            pauses = activity_of_loop().is_under_way and loop.time() < self._until_s
            self._next = loop.call_later(_PAUSE_S, self._turn) if pauses else loop.call_soon(self._turn)


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


_WAKEUPS: Final = LoopLocal(Wakeups)


def wakeups_of_loop() -> Wakeups:
    """Returns the wakes of the running event loop."""
    return _WAKEUPS.get()
