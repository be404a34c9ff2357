"""The memory that decoded pages take."""

from typing import Protocol


class PageMemory(Protocol):
    """The memory that an operation may hold.

    An operation without room releases a page undecoded and reads it again later. So if many operations begin at once,
    only as many hold objects as there is memory for, and waiting pages take no memory from the others.
    """

    def has_room(self, size_bytes: int) -> bool:
        """Returns True if a body of so many bytes may be decoded now."""
        ...

    async def wait(self, size_bytes: int) -> None:
        """Waits until such a body may be decoded; raises the operation's error if that takes too long."""
        ...
