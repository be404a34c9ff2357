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
from typing import Final, Protocol

from resolvers.errors import MemoryFull
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.share import MemoryShare, mib

_LOOKED_AT_EVERY_S: Final = 1.0
"""How often answers that are being sent are looked at while somebody waits."""


class SentAnswer(Protocol):
    """An answer that is being sent."""

    @property
    def caller(self) -> str:
        """Whose it is."""
        ...

    @property
    def is_slow(self) -> bool:
        """Whether it is taken so slowly that nobody should have to wait for it."""
        ...

    def cut(self) -> None:
        """Gives it up."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A share that waits until it may grow, by about so much."""

    share: MemoryShare
    size_bytes: int
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
    _beyond: MemoryShare | None = None
    _beyond_callers: dict[str, MemoryShare] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    _sent: set[SentAnswer] = field(default_factory=set)

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

    def share(self, caller: str, *, is_sent: bool = False) -> MemoryShare:
        """The share of a new operation of a caller; where its answer is sent, whoever does that closes it."""
        return MemoryShare(self, caller, is_sent=is_sent)

    @contextmanager
    def sending(self, answer: SentAnswer) -> Iterator[None]:
        """Sends an answer; while others wait for memory, it is given up if it is taken slowly."""
        self._sent.add(answer)
        try:
            yield
        finally:
            self._sent.discard(answer)

    async def admit(self, caller: str) -> None:
        """Waits until a new operation of a caller may begin.

        Raises:
            MemoryFull: there was no room in time.
        """
        if self._is_full(caller):
            await self.wait(MemoryShare(self, caller), 0)

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

    def may_grow(self, share: MemoryShare) -> bool:
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

    async def wait(self, share: MemoryShare, size_bytes: int) -> None:
        """Waits until a share may grow.

        Raises:
            MemoryFull: there was no room in time.
        """
        waiting = _Waiting(share, size_bytes, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self.call()  # there may be room since the caller looked
        try:
            async with asyncio.timeout(self.limits.wait_s):
                while not waiting.place.done():
                    self._cut_slow(share.caller)
                    await asyncio.wait([waiting.place], timeout=_LOOKED_AT_EVERY_S)
                    self.call()  # what an idle process takes may have become less
        except TimeoutError:
            self.refused += 1
            raise self._refusal(share.caller) from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def _cut_slow(self, caller: str) -> None:
        """Gives up answers that a caller waits for, and that are taken slowly."""
        is_short = self._is_short_for(caller)
        for answer in [each for each in self._sent if is_short or each.caller == caller]:
            if answer.is_slow:
                answer.cut()

    def _refusal(self, caller: str) -> MemoryFull:
        held_bytes = self._of_callers[caller]
        if held_bytes > self.caller_bytes:
            is_own = self.limits.caller_bytes == self.caller_bytes
            setting = "FLEETGRAPH_MAX_CALLER_MEMORY_BYTES" if is_own else "FLEETGRAPH_MAX_MEMORY_BYTES"
            return MemoryFull(
                f"Your operations hold {mib(held_bytes)} MiB of memory; the limit is {mib(self.caller_bytes)} MiB "
                f"({setting}). None was free within {self.limits.wait_s:g} s; ask for less at once."
            )
        return MemoryFull(
            f"All operations hold {mib(self.held_bytes)} MiB of memory; the limit is {mib(self.shared_bytes)} MiB "
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
                waiting.share.reserve(waiting.size_bytes)
                waiting.place.set_result(None)

    def left(self, share: MemoryShare) -> None:
        """An operation is over: its place beyond the limits is free."""
        if self._beyond is share:
            self._beyond = None
        if self._beyond_callers.get(share.caller) is share:
            del self._beyond_callers[share.caller]
        self.call()
