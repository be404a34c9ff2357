"""Room for what is decoded of a page: an operation that has none gives the page back, and reads it again later.

So of many operations that begin at once, no more hold objects than there is memory for; pages that wait undecoded would
take the memory of those that somebody goes on with.
"""

from contextvars import ContextVar
from typing import Final, Protocol


class Room(Protocol):
    """What an operation may hold."""

    def has_room(self, size_bytes: int) -> bool:
        """Whether a body of so many bytes may be decoded now."""
        ...

    async def wait(self, size_bytes: int) -> None:
        """Waits until it may be; raises what the operation fails with if it takes too long."""
        ...


ROOM: Final[ContextVar[Room | None]] = ContextVar("room", default=None)
"""Of the operation that reads."""
