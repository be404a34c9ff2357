"""The memory of what operations hold: bounded for each of them, for each caller and for the process.

It is charged page by page, from samples: counting each object would cost more than reading it. An operation over its
own limit fails. Where a caller's operations, or all of them, hold too much together, they wait for each other before
they read on. One of each caller, and one of all, may go on beyond that, so that waiting ends.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from k8s.freeing import free
from resolvers.errors import LimitExceeded, MemoryFull
from resolvers.limits import MIB, MemoryLimits

_FREE_BYTES: Final = MIB // 2
"""An operation that holds no more than this never waits: most of them."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A share that waits until it may grow."""

    share: "MemoryShare"
    place: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class MemoryBudget:
    """What all operations may hold together.

    Attributes:
        limits: the settings.
        settled_bytes: resident memory of the process when nothing was under way.
        held_bytes: held now by operations, and by answers that are being sent.
        refused: operations and requests that waited in vain.
    """

    limits: MemoryLimits = field(default_factory=MemoryLimits)
    settled_bytes: int = 128 * MIB
    held_bytes: int = 0
    refused: int = 0
    _of_callers: Counter[str] = field(default_factory=Counter)
    _beyond: "MemoryShare | None" = None
    _beyond_callers: "dict[str, MemoryShare]" = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)

    @property
    def shared_bytes(self) -> int:
        """What all may hold together.

        Beyond it one operation may hold as much once more, and callers who hold little have a quarter: together they
        are what the process has left.
        """
        left_bytes = self.limits.process_bytes - self.settled_bytes
        return max(left_bytes, self.limits.process_bytes // 4) * 4 // 9

    @property
    def operation_bytes(self) -> int:
        """What one operation may hold."""
        return min(self.limits.operation_bytes, self.shared_bytes)

    @property
    def caller_bytes(self) -> int:
        """What the operations of one caller may hold; something is always left for others."""
        return min(self.limits.caller_bytes, self.shared_bytes * 3 // 4)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def share(self, caller: str) -> "MemoryShare":
        """The share of a new operation of a caller."""
        return MemoryShare(self, caller)

    @contextmanager
    def holding(self, caller: str, size_bytes: int) -> Iterator[None]:
        """Holds an answer of a caller while it is sent."""
        self.add(caller, size_bytes)
        try:
            yield
        finally:
            self.add(caller, -size_bytes)
            self.call()

    async def admit(self, caller: str) -> None:
        """Waits until a new operation of a caller may begin.

        Raises:
            MemoryFull: there was no room in time.
        """
        if self._is_full(caller):
            await self.wait(MemoryShare(self, caller))

    def _is_full(self, caller: str) -> bool:
        return self._of_callers[caller] > self.caller_bytes or self._is_short_for(caller)

    def _is_short_for(self, caller: str) -> bool:
        """Whether all hold too much together, and the caller not little of that."""
        shared_bytes = self.shared_bytes
        return self.held_bytes > shared_bytes and self._of_callers[caller] > shared_bytes // 4 // len(self._of_callers)

    def add(self, caller: str, size_bytes: int) -> None:
        """Counts bytes that are held, or not any more."""
        self.held_bytes += size_bytes
        self._of_callers[caller] += size_bytes
        if not self._of_callers[caller]:
            del self._of_callers[caller]

    def may_grow(self, share: "MemoryShare") -> bool:
        """Whether a share may grow now; gives it a place beyond the limits if that is free, and it needs one."""
        if self._beyond is share:  # whoever has the last place waits for nothing: else two might wait for each other
            return True
        caller = share.caller
        is_over, is_short = self._of_callers[caller] > self.caller_bytes, self._is_short_for(caller)
        if is_over and not (share.is_begun and self._beyond_callers.get(caller, share) is share):
            return False
        if is_short and not (share.is_begun and self._beyond is None):
            return False
        if is_over:
            self._beyond_callers[caller] = share
        if is_short:
            self._beyond = share
        return True

    async def wait(self, share: "MemoryShare") -> None:
        """Waits until a share may grow.

        Raises:
            MemoryFull: there was no room in time.
        """
        waiting = _Waiting(share, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(self.limits.wait_s):
                await waiting.place
        except TimeoutError:
            self.refused += 1
            raise self._refusal(share.caller) from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def _refusal(self, caller: str) -> MemoryFull:
        held_bytes = self._of_callers[caller]
        if held_bytes > self.caller_bytes:
            is_own = self.limits.caller_bytes == self.caller_bytes
            setting = "FLEETGRAPH_MAX_CALLER_MEMORY_BYTES" if is_own else "FLEETGRAPH_MAX_MEMORY_BYTES"
            return MemoryFull(
                f"Your operations hold {_mib(held_bytes)} MiB of memory; the limit is {_mib(self.caller_bytes)} MiB "
                f"({setting}). None was free within {self.limits.wait_s:g} s; ask for less at once."
            )
        return MemoryFull(
            f"All operations hold {_mib(self.held_bytes)} MiB of memory; the limit is {_mib(self.shared_bytes)} MiB "
            f"(FLEETGRAPH_MAX_MEMORY_BYTES). None was free within {self.limits.wait_s:g} s; ask again later."
        )

    def call(self) -> None:
        """Frees places beyond limits that are kept again; lets those go on who may, callers who hold least first."""
        if self.held_bytes <= self.shared_bytes:
            self._beyond = None
        for caller in [each for each in self._beyond_callers if self._of_callers[each] <= self.caller_bytes]:
            del self._beyond_callers[caller]
        for waiting in sorted(self._waiting, key=lambda each: self._of_callers[each.share.caller]):
            if not waiting.place.done() and self.may_grow(waiting.share):
                waiting.place.set_result(None)

    def left(self, share: "MemoryShare") -> None:
        """An operation is over: its place beyond the limits is free."""
        if self._beyond is share:
            self._beyond = None
        if self._beyond_callers.get(share.caller) is share:
            del self._beyond_callers[share.caller]
        self.call()


class MemoryShare:
    """What one operation holds.

    Attributes:
        caller: whose it is.
        held_bytes: now.
        passing_bytes: held for a moment: pages that are on their way or wait to be decoded.
        is_begun: whether it ever held something.
        is_closed: whether the operation is over: what its last steps still charge, or give back, does not count.
    """

    __slots__ = ("_budget", "_held", "caller", "held_bytes", "is_begun", "is_closed", "passing_bytes")

    def __init__(self, budget: MemoryBudget, caller: str) -> None:
        self._budget = budget
        self._held: list[list[Any]] = []
        self.caller = caller
        self.held_bytes = 0
        self.passing_bytes = 0
        self.is_begun = self.is_closed = False

    @property
    def most_bytes(self) -> int:
        """What the operation may hold."""
        return self._budget.operation_bytes

    def charge(self, size_bytes: int) -> None:
        """Holds so much more, or less.

        Raises:
            LimitExceeded: it is more than one operation may hold.
        """
        if self.is_closed:
            return
        self.is_begun = True
        self.held_bytes += size_bytes
        self._budget.add(self.caller, size_bytes)
        if size_bytes > 0 and self.held_bytes > self._budget.operation_bytes:
            is_own = self._budget.limits.operation_bytes == self._budget.operation_bytes
            setting = "FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES" if is_own else "FLEETGRAPH_MAX_MEMORY_BYTES"
            raise LimitExceeded(
                f"The query needs more than {_mib(self.held_bytes)} MiB of memory; the limit is "
                f"{_mib(self._budget.operation_bytes)} MiB ({setting}). Ask for fewer fields, lists or links, or for "
                "pages."
            )
        if size_bytes < 0:
            self._budget.call()

    def hold(self, things: list[Any]) -> None:
        """Keeps a list, and what is in it, until the operation is over; then it is emptied a little at a time."""
        if not self.is_closed:
            self._held.append(things)

    def charge_passing(self, size_bytes: int) -> None:
        """Holds so much more, or less, for a moment; it does not count for the operation's own limit."""
        if self.is_closed:
            return
        self.is_begun = True
        self.passing_bytes += size_bytes
        self._budget.add(self.caller, size_bytes)
        if size_bytes < 0:
            self._budget.call()

    async def room(self) -> None:
        """Waits until the operation may hold more.

        Raises:
            MemoryFull: there was no room in time.
        """
        if self.held_bytes > _FREE_BYTES and not self._budget.may_grow(self):
            await self._budget.wait(self)

    def close(self) -> None:
        """Holds nothing any more."""
        self.is_closed = True
        while self._held:
            free(self._held.pop())
        self._budget.add(self.caller, -self.held_bytes - self.passing_bytes)
        self.held_bytes = self.passing_bytes = 0
        self._budget.left(self)


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / MIB:.0f}"
