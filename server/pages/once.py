"""What is made at the first request for it, in a thread, so that neither the start nor other requests wait."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """A value that is made when it is first wanted; if making it fails, the next one who wants it tries again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """The value."""
        async with self._lock:
            if not self._made:
                self._made.append(await asyncio.to_thread(self._make))
        return self._made[0]
