"""A gate and a queue that one task or a few wait at: asyncio's have four deques together, 3 KB for each connection."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Gate:
    """An event; one that waits costs a future, and an open gate nothing."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = False
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        """Returns whether it is open."""
        return self._is_open

    def set(self) -> None:
        """Opens it."""
        self._is_open = True
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def clear(self) -> None:
        """Closes it."""
        self._is_open = False

    async def wait(self) -> None:
        """Returns when it is open."""
        while not self._is_open:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future


class Inbox(Generic[T]):
    """A queue with a single reader."""

    __slots__ = ("_gate", "_items")

    def __init__(self) -> None:
        self._items: list[T] = []
        self._gate = Gate()

    def empty(self) -> bool:
        """Returns whether nothing waits."""
        return not self._items

    def put_nowait(self, item: T) -> None:
        """Adds an item."""
        self._items.append(item)
        self._gate.set()

    async def get(self) -> T:
        """Returns the next item, when there is one."""
        while not self._items:
            self._gate.clear()
            await self._gate.wait()
        return self._items.pop(0)
