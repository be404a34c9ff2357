"""A cluster that can be asked before it is there: who asks it waits."""

import asyncio
from typing import Protocol

from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender


class ClosableSender(Sender, Protocol):
    """A sender whose owner ends it."""

    async def close(self) -> None:
        """Ends it at once."""
        ...

    async def retire(self) -> None:
        """Ends it when nothing is under way."""
        ...


class ComingSender:
    """Stands for the sender that a future gives; waiting for it costs a call nothing of its deadline."""

    def __init__(self, name: str, coming: asyncio.Future[ClosableSender]) -> None:
        self.name = name
        self._coming = coming

    def __repr__(self) -> str:
        return f"ComingSender({self.name!r})"

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The body of the answer to `call`; see `k8s.transport.sender.Sender`."""
        sender = await asyncio.shield(self._coming)  # others wait for it, too, when this call is given up
        return await sender.send(call, deadline, on_prefix=on_prefix)

    async def close(self) -> None:
        """Ends it at once; one that has not come has nothing to end."""
        if _is_there(self._coming):
            await self._coming.result().close()

    async def retire(self) -> None:
        """Ends it when nothing is under way, likewise."""
        if _is_there(self._coming):
            await self._coming.result().retire()


def _is_there(coming: asyncio.Future[ClosableSender]) -> bool:
    return coming.done() and not coming.cancelled() and coming.exception() is None
