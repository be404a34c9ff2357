"""Collecting garbage and giving memory back while the process has little to do, so that nobody waits for it.

Rows do not count for the garbage collector, so it goes by what the process takes.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from resolvers.limits import MIB
from resolvers.memory import MemoryBudget
from server.allocator import resident_bytes, trim

_EVERY_S: Final = 1.0
_CALM_BYTES: Final = 4 * MIB
"""What operations may hold meanwhile: so little that a collection walks few objects of theirs."""
_GROWN_BYTES: Final = 8 * MIB


class Upkeep:
    """Looks after the memory of one process."""

    def __init__(
        self,
        budget: MemoryBudget,
        *,
        resident: Callable[[], int] = resident_bytes,
        collect: Callable[[], object] = gc.collect,
        give_back: Callable[[], None] = trim,
    ) -> None:
        """Takes the budget, which is told what the process takes when nothing is under way; and how it is done."""
        self._budget = budget
        self._resident = resident
        self._collect = collect
        self._give_back = give_back
        self._settled_bytes = budget.settled_bytes = resident() or budget.settled_bytes

    async def run(self) -> None:
        """Looks once a second."""
        while True:
            await asyncio.sleep(_EVERY_S)
            await self.look()

    async def look(self) -> None:
        """Collects and gives back, if the process has grown and is not busy."""
        if self._budget.held_bytes > _CALM_BYTES or self._resident() < self._settled_bytes + _GROWN_BYTES:
            return
        self._collect()
        await asyncio.to_thread(self._give_back)
        self._settled_bytes = self._budget.settled_bytes = self._resident()


@asynccontextmanager
async def upkeep(budget: MemoryBudget) -> AsyncIterator[None]:
    """Looks after the memory as long as the context lasts."""
    looking = asyncio.create_task(Upkeep(budget).run())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
