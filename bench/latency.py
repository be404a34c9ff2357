"""Real API servers that are far away, and one that hangs."""

import asyncio
from dataclasses import dataclass

from k8s.body import OnPrefix
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.errors import TimedOut
from k8s.sender import Sender


@dataclass(frozen=True)
class FarSender:
    """A cluster under another name, whose answers come later."""

    name: str
    sender: Sender
    latency_s: float = 0.05

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The answer, later."""
        await asyncio.sleep(self.latency_s)
        return await self.sender.send(call, deadline, on_prefix=on_prefix)


@dataclass(frozen=True)
class HangingSender:
    """A cluster that never answers."""

    name: str

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Nothing, until its deadline is over."""
        with deadline.running():
            await asyncio.sleep(deadline.left_s)
        raise TimedOut(self.name, "no answer.")
