"""Requests to one cluster at once, shared fairly by those who ask: who waits gets a slot in turn.

A slot is held until the cluster answers, and some of what it is asked for may hang. So there are always slots left for
others: one caller, or one kind, holds at most three times as many as are free (dynamic thresholds: Choudhury and Hahne,
IEEE/ACM Transactions on Networking 6(2), 1998). Of 16 slots one caller alone gets 12, the next one at once 3 of the 4.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from k8s.errors import TimedOut
from k8s.resilience.slot import SLOT
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import api_target
from k8s.transport.sender import Sender

_HELD_PER_FREE: Final = 3


class FairSlots:
    """Slots of one cluster."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._by_caller: Counter[str] = Counter()
        self._by_kind: Counter[str] = Counter()
        self._waiting: OrderedDict[str, OrderedDict[str, deque[asyncio.Future[None]]]] = OrderedDict()

    def enter(self, who: str = "", kind: str = "") -> bool:
        """Takes a slot if one is free for this caller and kind; then nobody waits who could have it."""
        if not self._has_room(who, kind):
            return False
        self._free -= 1
        self._by_caller[who] += 1
        self._by_kind[kind] += 1
        return True

    async def wait(self, who: str, kind: str = "") -> None:
        """Takes a slot as soon as it is this one's turn."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, OrderedDict()).setdefault(kind, deque()).append(place)
        try:
            await place
        except BaseException:
            if place.done() and not place.cancelled():
                self.leave(who, kind)
            raise

    def leave(self, who: str = "", kind: str = "") -> None:
        """Hands the slot on to whoever's turn it is."""
        self._free += 1
        _less(self._by_caller, who)
        _less(self._by_kind, kind)
        while self._free and self._call():
            pass

    def _has_room(self, who: str, kind: str) -> bool:
        return max(self._by_caller[who], self._by_kind[kind]) < _HELD_PER_FREE * self._free

    def _call(self) -> bool:
        """Gives a slot to the first caller in turn who may have one, leaving out those who have gone."""
        for who, kinds in list(self._waiting.items()):
            for kind, places in list(kinds.items()):
                while places and places[0].done():
                    places.popleft()
                is_called = bool(places) and self.enter(who, kind)
                if is_called:
                    places.popleft().set_result(None)
                    self._move_back(who, kind)
                self._tidy(who, kind)
                if is_called:
                    return True
        return False

    def _move_back(self, who: str, kind: str) -> None:
        """Lets all others, and this caller's other kinds, come first."""
        self._waiting.move_to_end(who)
        self._waiting[who].move_to_end(kind)

    def _tidy(self, who: str, kind: str) -> None:
        kinds = self._waiting[who]
        if not kinds[kind]:
            del kinds[kind]
        if not kinds:
            del self._waiting[who]


def _less(held: Counter[str], key: str) -> None:
    held[key] -= 1
    if not held[key]:
        del held[key]


@dataclass(slots=True)
class _HeldSlot:
    """The slot of one request; see `k8s.resilience.slot`."""

    slots: FairSlots
    who: str
    kind: str
    task: "asyncio.Task[object] | None" = field(default_factory=asyncio.current_task)
    is_taken: bool = False

    def take_at_once(self) -> bool:
        self.is_taken = self.slots.enter(self.who, self.kind)
        return self.is_taken

    async def take(self) -> None:
        if not self.take_at_once():
            await self.slots.wait(self.who, self.kind)
            self.is_taken = True

    def give_back(self) -> None:
        if self.is_taken:
            self.is_taken = False
            self.slots.leave(self.who, self.kind)


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
        slot = _HeldSlot(self.slots, self.who, api_target(call.path).resource)
        outside = SLOT.set(slot)
        try:
            if not slot.take_at_once():
                await self._wait_for(slot, call, deadline)
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        finally:
            slot.give_back()
            slot.task = None  # it holds the error that it ends with, whose frames hold the slot
            SLOT.reset(outside)

    async def _wait_for(self, slot: _HeldSlot, call: Call, deadline: Deadline) -> None:
        try:
            with deadline.running():
                async with asyncio.timeout(deadline.left_s):
                    await slot.take()
        except TimeoutError as error:
            asked = f"{call.verb} {call.target}"
            cause = f"its timeout of {deadline.timeout_s:.3g} s passed before the request to {asked} was sent."
            raise TimedOut(self.name, cause) from error
