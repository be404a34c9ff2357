"""The memory budget of the process: limits for each operation, for each caller and for all operations together.

Memory is charged page by page, from samples, because counting each object would cost more than reading it. An operation
over its own limit fails. Where a caller's operations, or all operations, hold too much together, they wait for each
other before they read on. One operation of each caller, and one of all, may go on beyond that, so that waiting ends.
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
"""Seconds between checks for slow readers while an operation waits."""


class SentAnswer(Protocol):
    """An answer that is being sent."""

    @property
    def caller(self) -> str:
        """The name of the caller who receives it."""
        ...

    @property
    def is_slow(self) -> bool:
        """True if its client reads too slowly for others to wait for."""
        ...

    def cut(self) -> None:
        """Cancels it."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A share that waits until it may grow by about `size_bytes`."""

    share: MemoryShare
    size_bytes: int
    place: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class MemoryBudget:
    """The memory of all operations.

    Attributes:
        limits: the settings.
        settled_bytes: resident memory of the idle process.
        held_bytes: bytes held now by operations and by answers that are being sent.
        refused: number of operations and requests whose wait timed out.
    """

    limits: MemoryLimits = field(default_factory=MemoryLimits)
    settled_bytes: int = 128 * MIB
    held_bytes: int = 0
    refused: int = 0
    _of_callers: Counter[str] = field(default_factory=Counter)
    _beyond: MemoryShare | None = None
    _beyond_callers: dict[str, MemoryShare] = field(default_factory=dict)
    _waiting: list[_Waiting] = field(default_factory=list)
    _answers: set[SentAnswer] = field(default_factory=set)

    @property
    def shared_bytes(self) -> int:
        """Bytes that all operations may hold together.

        One operation may hold as much again beyond that, and callers who hold little have another quarter. Together
        these are the memory that the process has left.
        """
        left_bytes = self.limits.process_bytes - self.settled_bytes
        return max(left_bytes, self.limits.process_bytes // 4) * 4 // 9

    @property
    def operation_bytes(self) -> int:
        """Bytes that one operation may hold."""
        return min(self.limits.operation_bytes, self.shared_bytes)

    @property
    def caller_bytes(self) -> int:
        """Bytes that the operations of one caller may hold; a quarter is always left for other callers."""
        return min(self.limits.caller_bytes, self.shared_bytes * 3 // 4)

    @property
    def waiting(self) -> int:
        """Number of operations that wait."""
        return len(self._waiting)

    def share(self, caller: str, *, is_sent: bool = False) -> MemoryShare:
        """Returns the share of a new operation of a caller; `is_sent`: the sender of its answer closes it."""
        return MemoryShare(self, caller, is_sent=is_sent)

    @contextmanager
    def sending(self, answer: SentAnswer) -> Iterator[None]:
        """Registers an answer while it is being sent; if others wait for memory and its client is slow, it is cut."""
        self._answers.add(answer)
        try:
            yield
        finally:
            self._answers.discard(answer)

    async def admit(self, caller: str) -> None:
        """Waits until a new operation of a caller may begin.

        Raises:
            MemoryFull: the wait timed out.
        """
        if self._is_full(caller):
            await self.wait(MemoryShare(self, caller), 0)

    def _is_full(self, caller: str) -> bool:
        return self._of_callers[caller] > self.caller_bytes or self._is_short_for(caller)

    def _is_short_for(self, caller: str) -> bool:
        """Returns whether all operations hold too much together, and the caller holds more than a little of it."""
        shared_bytes = self.shared_bytes
        return self.held_bytes > shared_bytes and self._of_callers[caller] > shared_bytes // 4 // len(self._of_callers)

    def add(self, caller: str, size_bytes: int) -> None:
        """Adds bytes to those held by a caller; a negative number takes them off."""
        self.held_bytes += size_bytes
        self._of_callers[caller] += size_bytes
        if not self._of_callers[caller]:
            del self._of_callers[caller]

    def may_grow(self, share: MemoryShare) -> bool:
        """Returns whether a share may grow now; gives it a place beyond the limits if it needs one and one is free."""
        if self._beyond is share:  # the one with the last place never waits, or two might wait for each other
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
            MemoryFull: the wait timed out.
        """
        waiting = _Waiting(share, size_bytes, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self.call()  # memory may have become free since the share was checked
        try:
            async with asyncio.timeout(self.limits.wait_s):
                while not waiting.place.done():
                    self._cut_slow(share.caller)
                    await asyncio.wait([waiting.place], timeout=_LOOKED_AT_EVERY_S)
                    self.call()  # the memory of the idle process may have shrunk
        except TimeoutError:
            self.refused += 1
            raise self._refusal(share.caller) from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def _cut_slow(self, caller: str) -> None:
        """Cuts answers to slow clients that a caller has to wait for."""
        is_short = self._is_short_for(caller)
        for answer in [answer for answer in self._answers if is_short or answer.caller == caller]:
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
        """Frees places beyond limits that are met again, and lets waiting shares go on, small callers first."""
        if self.held_bytes <= self.shared_bytes:
            self._beyond = None
        for caller in [one for one in self._beyond_callers if self._of_callers[one] <= self.caller_bytes]:
            del self._beyond_callers[caller]
        for waiting in sorted(self._waiting, key=lambda entry: self._of_callers[entry.share.caller]):
            if not waiting.place.done() and self.may_grow(waiting.share):
                waiting.share.reserve(waiting.size_bytes)
                waiting.place.set_result(None)

    def left(self, share: MemoryShare) -> None:
        """Frees the place beyond the limits of an operation that is over."""
        if self._beyond is share:
            self._beyond = None
        if self._beyond_callers.get(share.caller) is share:
            del self._beyond_callers[share.caller]
        self.call()
