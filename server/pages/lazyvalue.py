"""Values that are computed at their first use, in a thread, so that neither the start nor other requests wait."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class LazyValue(Generic[T]):
    """A value that is computed at its first use; after an error, the next use tries again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: list[T] = []
        self._lock = asyncio.Lock()

    async def get(self) -> T:
        """Returns the value."""
        async with self._lock:
            if not self._values:
                self._values.append(await asyncio.to_thread(self._make))
        return self._values[0]
