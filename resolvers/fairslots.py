"""Requests to one cluster at once, shared fairly by those who ask: who waits gets a slot in turn (`k8s.fairqueue`)."""

import asyncio
from dataclasses import dataclass

from k8s.body import OnPrefix
from k8s.call import Call
from k8s.deadline import Deadline
from k8s.errors import TimedOut
from k8s.fairqueue import FairQueue
from k8s.sender import Sender


class FairSlots:
    """Slots of one cluster."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._queue = FairQueue()

    def enter(self) -> bool:
        """Takes a slot if one is free; then nobody waits."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self, who: str) -> None:
        """Takes a slot as soon as it is this one's turn."""
        place = self._queue.place(who)
        try:
            await place
        except BaseException:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Hands the slot on to whoever's turn it is."""
        if not self._queue.call():
            self._free += 1


@dataclass(frozen=True, slots=True)
class FairSender:
    """A sender whose calls take one of the cluster's slots each."""

    sender: Sender
    slots: FairSlots
    who: str

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """The answer; waiting for a slot costs time of the deadline.

        Raises:
            ClusterError: whatever went wrong, or there was no slot in time.
        """
        if not self.slots.enter():
            try:
                with deadline.running():
                    async with asyncio.timeout(deadline.left_s):
                        await self.slots.wait(self.who)
            except TimeoutError as error:
                asked = f"{call.verb} {call.target}"
                cause = f"its {deadline.timeout_s:.3g} s were over before it could be asked to {asked}."
                raise TimedOut(self.name, cause) from error
        try:
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        finally:
            self.slots.leave()
