"""Turns of the event loop, counted by a task that runs once in each."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LoopClock:
    """A counter of turns, and of events in each.

    Attributes:
        turn: The number of this turn.
        noted: The number of events in each turn.
    """

    def __init__(self) -> None:
        self.turn = 0
        self.noted: Counter[int] = Counter()

    def note(self) -> None:
        """Counts an event in this turn."""
        self.noted[self.turn] += 1

    @property
    def most(self) -> int:
        """Returns the largest number of events in one turn."""
        return max(self.noted.values(), default=0)


@asynccontextmanager
async def loop_clock() -> AsyncIterator[LoopClock]:
    """Runs a clock inside the context."""
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
