"""Long work on the event loop, a stretch at a time: one stretch in one turn of the loop, whoever it is for.

Twenty large queries that each work for a few milliseconds and give way would together hold everything else up for
twenty times as long, at each of its steps. Those they work for take turns, too, however many queries each of them has.
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
"""Whom this task, and those that it starts, work for."""

SLICE_S: Final = 0.004
"""Seconds that a short query waits at each of its steps while others work on long ones."""


class Turns:
    """Those of one event loop.

    Attributes:
        latest: The place that was taken last; whoever waits for it has a stretch of its own then.
    """

    latest: "asyncio.Future[None] | object"

    def __init__(self) -> None:
        self._queue = FairQueue()
        self.latest = self  # no place yet
        self._is_calling = False
        self._is_begun = False
        self._until_s = 0.0

    def until_s(self) -> float:
        """When this turn of the loop is long enough: of all tasks that work in it together."""
        if not self._is_begun:
            self._is_begun = True
            self._until_s = perf_counter() + SLICE_S
            asyncio.get_running_loop().call_soon(self._end)
        return self._until_s

    def _end(self) -> None:
        self._is_begun = False

    async def take(self, caller: str) -> None:
        """Waits until nobody else has a stretch in this turn of the loop."""
        self.latest = place = self._queue.place(caller)
        if not self._is_calling:
            self._is_calling = True
            asyncio.get_running_loop().call_soon(self._call)
        await place

    def _call(self) -> None:
        """Whoever is called works in the next turn of the loop, before this is called again."""
        self._is_calling = self._queue.call()
        if self._is_calling:
            asyncio.get_running_loop().call_soon(self._call)


_TURNS: Final = LoopLocal(Turns)


async def turn() -> None:
    """Waits for this task's turn to work for a stretch."""
    await turns_of_loop().take(WORKING_FOR.get())


def turns_of_loop() -> Turns:
    """Those of the running event loop."""
    return _TURNS.get()


class Pace:
    """The slice of one piece of long work: `breathe` lets others go on when it is over.

    Attributes:
        until_s: when it is over, for loops that read `perf_counter` themselves after each of very many steps.
    """

    def __init__(self) -> None:
        self._turns = turns_of_loop()
        self.until_s = self._turns.until_s()

    async def breathe(self) -> None:
        """Gives way if this slice has been long enough."""
        if perf_counter() > self.until_s:
            await self._turns.take(WORKING_FOR.get())
            self.until_s = max(self._turns.until_s(), perf_counter() + SLICE_S / 2)  # however long others worked


async def paced(values: Iterable[T]) -> AsyncIterator[T]:
    """Yields all values, and lets others go on whenever a slice is over."""
    pace = Pace()
    for value in values:
        yield value
        if perf_counter() > pace.until_s:
            await pace.breathe()
