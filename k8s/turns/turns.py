"""Turns of long work on the event loop: one slice of one caller's work in each turn of the loop.

Twenty large queries that each work for a few milliseconds and then yield would together delay everything else twenty
times as long, at each of its steps. The callers take turns as well, however many queries each has.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextvars import ContextVar
from time import perf_counter
from typing import Final, TypeVar

from k8s.turns.fairqueue import FairQueue
from k8s.turns.looplocal import LoopLocal

T = TypeVar("T")

WORKING_FOR: Final[ContextVar[str]] = ContextVar("working_for", default="")
"""The caller that this task, and those that it starts, work for."""

SLICE_S: Final = 0.004
"""Seconds that a short query waits at each of its steps while others do long work."""


class Turns:
    """The turns of one event loop.

    Attributes:
        latest: The place that was taken last; its waiter will have a slice of its own.
    """

    latest: "asyncio.Future[None] | object"

    def __init__(self) -> None:
        self._queue = FairQueue()
        self.latest = self  # no place yet
        self._is_calling = False
        self._is_started = False
        self._until_s = 0.0

    def until_s(self) -> float:
        """Returns the end of this turn's slice, which all tasks that work in it share."""
        if not self._is_started:
            self._is_started = True
            self._until_s = perf_counter() + SLICE_S
            asyncio.get_running_loop().call_soon(self._end)
        return self._until_s

    def _end(self) -> None:
        self._is_started = False

    async def take(self, caller: str) -> None:
        """Waits until no other caller has a slice in this turn of the loop."""
        self.latest = place = self._queue.place(caller)
        if not self._is_calling:
            self._is_calling = True
            asyncio.get_running_loop().call_soon(self._call)
        await place

    def _call(self) -> None:
        """Calls the next waiter. It works in the next turn of the loop, before this is called again."""
        self._is_calling = self._queue.call()
        if self._is_calling:
            asyncio.get_running_loop().call_soon(self._call)


_TURNS: Final = LoopLocal(Turns)


async def turn() -> None:
    """Waits for this task's turn to work for a slice."""
    await turns_of_loop().take(WORKING_FOR.get())


def turns_of_loop() -> Turns:
    """Returns the turns of the running event loop."""
    return _TURNS.get()


class Pace:
    """The slice of one piece of long work: `breathe` lets other tasks run once it is over.

    Attributes:
        until_s: The end of the slice, for loops that read `perf_counter` themselves after each of very many steps.
    """

    def __init__(self) -> None:
        self._turns = turns_of_loop()
        self.until_s = self._turns.until_s()

    async def breathe(self) -> None:
        """Yields to other tasks if the slice is over."""
        if perf_counter() > self.until_s:
            await self._turns.take(WORKING_FOR.get())
            self.until_s = max(self._turns.until_s(), perf_counter() + SLICE_S / 2)  # however long others worked


async def paced(values: Iterable[T]) -> AsyncIterator[T]:
    """Yields all values, and lets other tasks run whenever a slice is over."""
    pace = Pace()
    for value in values:
        yield value
        if perf_counter() > pace.until_s:
            await pace.breathe()
