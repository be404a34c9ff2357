"""The memory of the objects of all watches, and the watch that ends when it is full."""

import asyncio
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class HeldMemory:
    """The memory of the objects of one watch.

    Attributes:
        memory: The memory of all watches; None for no limit.
        give_back: Ends the watch, or stops it for a while, so that its objects are dropped.
        is_needed: Whether anybody needs the watch.
        size_bytes: About the memory of its objects.
    """

    memory: "WatchMemory | None" = None
    give_back: Callable[[], None] = lambda: None
    is_needed: bool = True
    size_bytes: int = 0

    def resize(self, more_bytes: int) -> None:
        """Takes more memory, or less."""
        self.size_bytes += more_bytes
        if self.memory is not None:
            self.memory.resize(more_bytes)


@dataclass(slots=True)
class WatchMemory:
    """The memory of the objects of all watches.

    Attributes:
        most_bytes: The limit.
        held_bytes: The estimated memory.
        shares: Those of the watches that run.
    """

    most_bytes: int
    held_bytes: int = 0
    shares: set[HeldMemory] = field(default_factory=set)
    _is_about_to_end: bool = False

    def resize(self, more_bytes: int) -> None:
        """Takes more memory, or less; if there is too much, watches end as soon as this task waits."""
        self.held_bytes += more_bytes
        if self.held_bytes > self.most_bytes and not self._is_about_to_end:
            self._is_about_to_end = True
            asyncio.get_running_loop().call_soon(self._make_room, context=Context())

    def _make_room(self) -> None:
        """Ends watches that nobody needs, and then the largest ones, whose users caused it."""
        self._is_about_to_end = False
        taken = [share for share in self.shares if share.size_bytes]
        for share in sorted(taken, key=lambda share: (share.is_needed, -share.size_bytes)):
            if self.held_bytes > self.most_bytes:
                share.give_back()
