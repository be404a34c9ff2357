"""Turns of the event loop, counted by a task that runs once in each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LoopClock:
    """Counts turns, and what happened in each.

    Attributes:
        turn: the number of this turn.
        noted: how much was noted in each turn.
    """

    def __init__(self) -> None:
        self.turn = 0
        self.noted: Counter[int] = Counter()

    def note(self) -> None:
        """Counts something in this turn."""
        self.noted[self.turn] += 1

    @property
    def most(self) -> int:
        """The most that was noted in one turn."""
        return max(self.noted.values(), default=0)


@asynccontextmanager
async def loop_clock() -> AsyncIterator[LoopClock]:
    """Runs as long as the context lasts."""
    clock = LoopClock()

    async def count() -> None:
        while True:
            clock.turn += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await asyncio.sleep(0)
    try:
        yield clock
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
