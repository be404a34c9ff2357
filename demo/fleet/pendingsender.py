"""A sender of a cluster that is still being generated: its calls wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.watchsource import Chunks, WatchSource


class ClosableSender(WatchSource, Protocol):
    """A sender that can be closed."""

    async def retire(self) -> None:
        """Closes it after its running calls."""
        ...


class PendingSender:
    """A sender in place of that of a future; the wait for it does not count towards the deadline of a call."""

    def __init__(self, name: str, coming: asyncio.Future[ClosableSender]) -> None:
        self.name = name
        self._coming = coming

    def __repr__(self) -> str:
        return f"PendingSender({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the body of the response to `call`; see `k8s.transport.sender.Sender`."""
        sender = await asyncio.shield(self._coming)  # other calls still wait for it if this one is cancelled
        return await sender.send(call, deadline, on_prefix=on_prefix)

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
        """Yields the events of a watch; see `k8s.watches.watchsource.WatchSource`."""
        sender = await asyncio.shield(self._coming)
        async with sender.stream(call, answer_s=answer_s, silence_s=silence_s) as stream:
            yield stream

    async def close(self) -> None:
        """Closes the sender at once, if it exists."""
        if _is_there(self._coming):
            await self._coming.result().close()

    async def retire(self) -> None:
        """Closes the sender after its running calls, if it exists."""
        if _is_there(self._coming):
            await self._coming.result().retire()


def _is_there(coming: asyncio.Future[ClosableSender]) -> bool:
    return coming.done() and not coming.cancelled() and coming.exception() is None
