"""The slot that a request holds at its cluster, released while the request waits for its turn.

A throttled request may wait for seconds without using the cluster. Others use its slot meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, Protocol


class Slot(Protocol):
    """The slot of a request that is made by a task."""

    @property
    def task(self) -> "asyncio.Task[object] | None":
        """Returns the task; tasks that it starts hold no slot."""
        ...

    async def take(self) -> None:
        """Takes the slot in the order of arrival."""
        ...

    def give_back(self) -> None:
        """Releases the slot, if it is taken."""
        ...


SLOT: Final[ContextVar[Slot | None]] = ContextVar("held_slot", default=None)
"""The slot of the current request. The code that sets it releases it at the end."""


@asynccontextmanager
async def slot_released() -> AsyncIterator[None]:
    """Releases the slot inside, and takes one again at the end, except after an error."""
    slot = SLOT.get()
    if slot is None or slot.task is not asyncio.current_task():
        yield
        return
    slot.give_back()
    yield
    await slot.take()
