"""The memory of one operation, and then of its answer, as a share of the process's memory."""

from typing import TYPE_CHECKING, Any, Final

from k8s.turns.freeing import free
from resolvers.errors import LimitExceeded
from resolvers.limits import MIB

if TYPE_CHECKING:
    from resolvers.memory.budget import MemoryBudget

REFERENCE_BYTES: Final = 8
"""The memory of an item of a list whose object something else holds."""
_FREE_BYTES: Final = MIB // 2
"""An operation that holds no more than this never waits; most operations hold less."""


class MemoryShare:
    """Memory that one operation holds, and then its answer until it was sent.

    Attributes:
        caller: the name of the operation's caller.
        held_bytes: memory that is held now.
        passing_bytes: memory that is held for a moment, by pages that are being received or wait to be decoded.
        is_begun: true once it has held anything.
        is_over: true once the operation is over; charges and refunds of its last steps do not count.
    """

    __slots__ = (
        "_budget",
        "_is_sent",
        "_lists",
        "_reserved_bytes",
        "caller",
        "held_bytes",
        "is_begun",
        "is_over",
        "passing_bytes",
    )

    def __init__(self, budget: "MemoryBudget", caller: str, *, is_sent: bool = False) -> None:
        """Takes the budget to charge; `is_sent`: the answer is sent, and the sender closes the share then."""
        self._budget = budget
        self._lists: list[list[Any]] = []
        self._is_sent = is_sent
        self.caller = caller
        self.held_bytes = 0
        self.passing_bytes = self._reserved_bytes = 0
        self.is_begun = self.is_over = False

    @property
    def most_bytes(self) -> int:
        """Bytes that the operation may hold."""
        return self._budget.operation_bytes

    def charge(self, size_bytes: int) -> None:
        """Adds bytes to those that are held; a negative number gives them back.

        Raises:
            LimitExceeded: the operation holds more than its limit.
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

    def hold(self, values: list[Any]) -> None:
        """Retains a list and its items until the operation is over; then it is emptied in slices."""
        if not self.is_over:
            self._lists.append(values)

    def charge_passing(self, size_bytes: int) -> None:
        """Adds bytes, or gives them back, that are held for a moment and do not count for the operation's own limit."""
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
        """Returns whether a page of so many bytes may be decoded now; small operations always may."""
        reserved_bytes, self._reserved_bytes = self._reserved_bytes, 0
        self._pass(-reserved_bytes)
        return self.held_bytes + size_bytes <= _FREE_BYTES or self._budget.may_grow(self)

    async def wait(self, size_bytes: int) -> None:
        """Waits until a page may be decoded, and reserves its bytes, so that not all waiting operations read at once.

        Raises:
            MemoryFull: the wait timed out.
        """
        await self._budget.wait(self, size_bytes)

    def reserve(self, size_bytes: int) -> None:
        """Reserves bytes for a page that is going to be read."""
        if not self.is_over:
            self._reserved_bytes += size_bytes
            self._pass(size_bytes)

    async def room(self) -> None:
        """Waits until the operation may hold more.

        Raises:
            MemoryFull: the wait timed out.
        """
        if self.held_bytes > _FREE_BYTES and not self._budget.may_grow(self):
            await self._budget.wait(self, 0)

    def answer(self, size_bytes: int) -> None:
        """Ends the operation and holds its answer until it was sent, in the same place beyond the limits.

        Without that, slow readers could pile up the answers of any number of operations that went beyond the limits.
        """
        self._end()
        if self._is_sent:
            self.held_bytes = size_bytes
            self._budget.add(self.caller, size_bytes)
            self._budget.call()
        else:
            self._budget.left(self)

    def close(self) -> None:
        """Gives back everything."""
        self._end()
        self._budget.left(self)

    def _end(self) -> None:
        self.is_over = True
        while self._lists:
            free(self._lists.pop())
        self._budget.add(self.caller, -self.held_bytes - self.passing_bytes)
        self.held_bytes = self.passing_bytes = self._reserved_bytes = 0


def mib(size_bytes: int) -> str:
    """Returns bytes as whole MiB for messages."""
    return f"{size_bytes / MIB:.0f}"
