"""What one operation holds of the memory of all, and then its answer."""

from typing import Any, Final, Protocol

from k8s.turns.freeing import free
from resolvers.errors import LimitExceeded
from resolvers.limits import MIB, MemoryLimits

_FREE_BYTES: Final = MIB // 2
"""An operation that holds no more than this never waits: most of them."""


class Budget(Protocol):
    """Where it is counted: `resolvers.memory.budget.MemoryBudget`."""

    limits: MemoryLimits

    @property
    def operation_bytes(self) -> int:
        """What one operation may hold."""
        ...

    def add(self, caller: str, size_bytes: int) -> None:
        """Counts bytes that are held, or not any more."""
        ...

    def may_grow(self, share: "MemoryShare") -> bool:
        """Whether a share may grow now."""
        ...

    async def wait(self, share: "MemoryShare", size_bytes: int) -> None:
        """Waits until it may, by so much."""
        ...

    def call(self) -> None:
        """Lets those go on who may."""
        ...

    def left(self, share: "MemoryShare") -> None:
        """Nothing is held by a share any more."""
        ...


class MemoryShare:
    """What one operation holds, and then its answer, until that was sent.

    Attributes:
        caller: whose it is.
        held_bytes: now.
        passing_bytes: held for a moment: pages that are on their way or wait to be decoded.
        is_begun: whether it ever held something.
        is_over: whether the operation is over: what its last steps still charge, or give back, does not count.
    """

    __slots__ = (
        "_budget",
        "_held",
        "_is_sent",
        "_reserved_bytes",
        "caller",
        "held_bytes",
        "is_begun",
        "is_over",
        "passing_bytes",
    )

    def __init__(self, budget: "Budget", caller: str, *, is_sent: bool = False) -> None:
        """Takes where it is counted, and whether somebody sends the answer and closes this then."""
        self._budget = budget
        self._held: list[list[Any]] = []
        self._is_sent = is_sent
        self.caller = caller
        self.held_bytes = 0
        self.passing_bytes = self._reserved_bytes = 0
        self.is_begun = self.is_over = False

    @property
    def most_bytes(self) -> int:
        """What the operation may hold."""
        return self._budget.operation_bytes

    def charge(self, size_bytes: int) -> None:
        """Holds so much more, or less.

        Raises:
            LimitExceeded: it is more than one operation may hold.
        """
        if self.is_over:
            return
        self.is_begun = True
        self.held_bytes += size_bytes
        self._budget.add(self.caller, size_bytes)
        if size_bytes > 0 and self.held_bytes > self._budget.operation_bytes:
            is_own = self._budget.limits.operation_bytes == self._budget.operation_bytes
            setting = "FLEETGRAPH_MAX_OPERATION_MEMORY_BYTES" if is_own else "FLEETGRAPH_MAX_MEMORY_BYTES"
            raise LimitExceeded(
                f"The query needs more than {mib(self.held_bytes)} MiB of memory; the limit is "
                f"{mib(self._budget.operation_bytes)} MiB ({setting}). Ask for fewer fields, lists or links, or for "
                "pages."
            )
        if size_bytes < 0:
            self._budget.call()

    def hold(self, things: list[Any]) -> None:
        """Keeps a list, and what is in it, until the operation is over; then it is emptied a little at a time."""
        if not self.is_over:
            self._held.append(things)

    def charge_passing(self, size_bytes: int) -> None:
        """Holds so much more, or less, for a moment; it does not count for the operation's own limit."""
        if self.is_over:
            return
        self.is_begun = True
        self._pass(size_bytes)
        if size_bytes < 0:
            self._budget.call()

    def _pass(self, size_bytes: int) -> None:
        self.passing_bytes += size_bytes
        self._budget.add(self.caller, size_bytes)

    def has_room(self, size_bytes: int) -> bool:
        """Whether a page of so many bytes may be decoded now; small operations may always."""
        reserved_bytes, self._reserved_bytes = self._reserved_bytes, 0
        self._pass(-reserved_bytes)
        return self.held_bytes + size_bytes <= _FREE_BYTES or self._budget.may_grow(self)

    async def wait(self, size_bytes: int) -> None:
        """Waits until it may be; room for it is reserved then, so that not all who wait read their pages at once.

        Raises:
            MemoryFull: there was no room in time.
        """
        await self._budget.wait(self, size_bytes)

    def reserve(self, size_bytes: int) -> None:
        """Holds room for a page that is going to be read."""
        if not self.is_over:
            self._reserved_bytes += size_bytes
            self._pass(size_bytes)

    async def room(self) -> None:
        """Waits until the operation may hold more.

        Raises:
            MemoryFull: there was no room in time.
        """
        if self.held_bytes > _FREE_BYTES and not self._budget.may_grow(self):
            await self._budget.wait(self, 0)

    def answer(self, size_bytes: int) -> None:
        """The operation is over; its answer is held until it was sent, in the same place beyond the limits.

        Else slow readers would have the answers of any number of operations that went beyond one after the other.
        """
        self._end()
        if self._is_sent:
            self.held_bytes = size_bytes
            self._budget.add(self.caller, size_bytes)
            self._budget.call()
        else:
            self._budget.left(self)

    def close(self) -> None:
        """Holds nothing any more."""
        self._end()
        self._budget.left(self)

    def _end(self) -> None:
        self.is_over = True
        while self._held:
            free(self._held.pop())
        self._budget.add(self.caller, -self.held_bytes - self.passing_bytes)
        self.held_bytes = self.passing_bytes = self._reserved_bytes = 0


def mib(size_bytes: int) -> str:
    """As messages show it."""
    return f"{size_bytes / MIB:.0f}"
