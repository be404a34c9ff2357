"""Slots for concurrent requests to one cluster, shared fairly by its callers: waiting callers take turns.

A request holds a slot until the cluster answers, and some requests may hang. So some slots always stay free for
others: one caller, or one kind, holds at most three times as many as are free (dynamic thresholds: Choudhury and Hahne,
IEEE/ACM Transactions on Networking 6(2), 1998). Of 16 slots a single caller gets 12, the next one at once 3 of the 4.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from k8s.errors import TimedOut
from k8s.resilience.slot import SLOT
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.transport.path import api_target
from k8s.transport.sender import Sender

_USED_PER_FREE: Final = 3


class FairSlots:
    """The slots of one cluster, in dicts: each cluster has some, and garbage collection skips empty ones."""

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._by_caller: dict[str, int] = {}
        self._by_kind: dict[str, int] = {}
        self._waiting: dict[str, dict[str, deque[asyncio.Future[None]]]] = {}

    def enter(self, who: str = "", kind: str = "") -> bool:
        """Takes a slot if one is free for this caller and kind; returns whether it did. No waiter could have it."""
        if not self._has_room(who, kind):
            return False
        self._free -= 1
        self._by_caller[who] = self._by_caller.get(who, 0) + 1
        self._by_kind[kind] = self._by_kind.get(kind, 0) + 1
        return True

    async def wait(self, who: str, kind: str = "") -> None:
        """Waits for the caller's turn and takes a slot."""
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, {}).setdefault(kind, deque()).append(place)
        try:
            await place
        except BaseException:
            if place.done() and not place.cancelled():
                self.leave(who, kind)
            raise

    def leave(self, who: str = "", kind: str = "") -> None:
        """Gives a slot back, and calls the next waiter."""
        self._free += 1
        _less(self._by_caller, who)
        _less(self._by_kind, kind)
        while self._free and self._call():
            pass

    def _has_room(self, who: str, kind: str) -> bool:
        return max(self._by_caller.get(who, 0), self._by_kind.get(kind, 0)) < _USED_PER_FREE * self._free

    def _call(self) -> bool:
        """Gives a slot to the first waiter in turn that may have one, and returns whether there was one."""
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
        """Moves a caller behind all others, and the kind behind the caller's other kinds."""
        kinds = self._waiting[who] = self._waiting.pop(who)
        kinds[kind] = kinds.pop(kind)

    def _tidy(self, who: str, kind: str) -> None:
        kinds = self._waiting[who]
        if not kinds[kind]:
            del kinds[kind]
        if not kinds:
            del self._waiting[who]


def _less(used: dict[str, int], key: str) -> None:
    used[key] -= 1
    if not used[key]:
        del used[key]


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
    """A sender whose calls each take one of the cluster's slots."""

    sender: Sender
    slots: FairSlots
    who: str

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.sender.name

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Returns the answer; waiting for a slot takes time of the deadline.

        Raises:
            ClusterError: the call failed, or no slot was free within the deadline.
        """
        slot = _HeldSlot(self.slots, self.who, api_target(call.path).resource)
        outside = SLOT.set(slot)
        try:
            if not slot.take_at_once():
                await self._wait_for(slot, call, deadline)
            return await self.sender.send(call, deadline, on_prefix=on_prefix)
        finally:
            slot.give_back()
            slot.task = None  # the task refers to its error, whose frames refer to the slot
            SLOT.reset(outside)

    async def _wait_for(self, slot: _HeldSlot, call: Call, deadline: Deadline) -> None:
        try:
            with deadline.running():
                async with asyncio.timeout(deadline.left_s):
                    await slot.take()
        except TimeoutError as error:
            request = f"{call.verb} {call.target}"
            cause = f"its timeout of {deadline.timeout_s:.3g} s passed before the request to {request} was sent."
            raise TimedOut(self.name, cause) from error
