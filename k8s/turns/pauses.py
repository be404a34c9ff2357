"""Pauses of long work in a thread: the event loop gets the interpreter as soon as it wants it.

A thread that computes without a pause keeps the interpreter for 5 ms whenever the loop wants it back, after each of its
waits. A short query has dozens of them. While one is under way, the pauses are long.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeVar

from k8s.turns.activity import Activity, activity_of_loop
from k8s.turns.looplocal import LoopLocal

T = TypeVar("T")

_WORK_S: Final = 0.0003
_PAUSE_S: Final = 0.0002
_LONG_PAUSE_S: Final = 0.005

_ABANDONED: ContextVar[threading.Event | None] = ContextVar("abandoned", default=None)
_ACTIVITY: ContextVar[Activity | None] = ContextVar("activity", default=None)
"""The activity of the event loop that a thread works for."""


class Abandoned(Exception):
    """Nobody waits for the result of the work any more."""


class Pauses:
    """The pauses of one piece of work: call `pause` after each of its many steps, between two calls of libraries."""

    def __init__(self) -> None:
        self._until_s = time.perf_counter() + _WORK_S
        self._abandoned = _ABANDONED.get()
        self._activity = _ACTIVITY.get()

    def pause(self) -> None:
        """Sleeps if the last pause is over for 0.3 ms: longer while a query is under way.

        Raises:
            Abandoned: The caller of `in_thread` was cancelled.
        """
        if time.perf_counter() > self._until_s:
            if self._abandoned is not None and self._abandoned.is_set():
                raise Abandoned
            is_busy = self._activity is not None and self._activity.is_under_way
            time.sleep(_LONG_PAUSE_S if is_busy else _PAUSE_S)
            self._until_s = time.perf_counter() + _WORK_S


_THREAD: Final = LoopLocal(asyncio.Lock)


async def in_thread(work: Callable[[], T]) -> T:
    """Returns the result of work with pauses, done in a thread: of one loop, one piece of work after the other.

    Two threads that compute would together keep the interpreter from the loop twice as long. Work whose caller is
    cancelled ends at its next pause, so that a server that stops does not wait for it.
    """
    async with _THREAD.get():
        abandoned = threading.Event()
        earlier, activity = _ABANDONED.set(abandoned), _ACTIVITY.set(activity_of_loop())
        try:
            return await asyncio.to_thread(work)
        finally:
            abandoned.set()
            _ABANDONED.reset(earlier)
            _ACTIVITY.reset(activity)
