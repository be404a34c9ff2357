"""The slot that a request holds at its cluster, given back while the request waits for its turn.

Who is put off may wait for seconds, and asks the cluster for nothing meanwhile: others use the slot.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, Protocol


class Slot(Protocol):
    """A slot of the request that a task makes."""

    @property
    def task(self) -> "asyncio.Task[object] | None":
        """The task; those that it starts hold no slot by it."""
        ...

    async def take(self) -> None:
        """Takes it as soon as it is this one's turn."""
        ...

    def give_back(self) -> None:
        """Hands it on, if it is taken."""
        ...


SLOT: Final[ContextVar[Slot | None]] = ContextVar("held_slot", default=None)
"""What the request that is being made holds; whoever set it gives it back at the end."""


@asynccontextmanager
async def slot_released() -> AsyncIterator[None]:
    """Holds no slot inside, and takes one again at the end; after an error there is none."""
    slot = SLOT.get()
    if slot is None or slot.task is not asyncio.current_task():
        yield
        return
    slot.give_back()
    yield
    await slot.take()
