"""The memory of all clusters' bodies that are being read or wait to be decoded: limited, and shared fairly.

A body for which there is no memory waits, and with it the server's socket. To avoid a deadlock, one body that is needed
now may always grow: one of each cluster within the whole, and one beyond it.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from k8s.transport.exchangeprogress import waiting_for_memory

FREE_BYTES: Final = 256 * 1024
"""The beginning of each body, which does not count."""

_SHARES: Final = 4
"""The number of equal shares of the whole. A cluster has one, which is as large as the largest answer."""


class BodyMemory:
    """The memory of the bodies of all clusters."""

    def __init__(self, answer_bytes: int) -> None:
        self._share_bytes = answer_bytes
        self._whole_bytes = _SHARES * answer_bytes
        self._taken_bytes: Counter[str] = Counter()
        self._first: dict[str, Portion] = {}
        self._beyond: Portion | None = None
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def taken_bytes(self) -> int:
        """Returns the bytes that are taken now, without the free ones."""
        return self._taken_bytes.total()

    async def take(self, portion: "Portion", size_bytes: int) -> None:
        """Takes more bytes for a body, as soon as there is memory."""
        while not self._has_room(portion, size_bytes):
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            with waiting_for_memory():
                await waiting
        self._taken_bytes[portion.cluster] += size_bytes

    def give_back(self, portion: "Portion", size_bytes: int) -> None:
        """Releases the bytes of a body."""
        self._taken_bytes[portion.cluster] -= size_bytes
        if not self._taken_bytes[portion.cluster]:
            del self._taken_bytes[portion.cluster]
        if self._first.get(portion.cluster) is portion:
            del self._first[portion.cluster]
        if self._beyond is portion:
            self._beyond = None
        self.wake()

    def wake(self) -> None:
        """Wakes all waiting bodies, which check again."""
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if not waiter.done():
                waiter.set_result(None)

    def _has_room(self, portion: "Portion", size_bytes: int) -> bool:
        if self.taken_bytes + size_bytes <= self._whole_bytes:
            if self._taken_bytes[portion.cluster] + size_bytes <= self._share_bytes:
                return True
            return portion.is_wanted and self._first.setdefault(portion.cluster, portion) is portion
        if portion.is_wanted and self._beyond is None:
            self._beyond = portion
        return self._beyond is portion


class Portion:
    """The memory of the body of one answer, until it has been decoded."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        """Takes whether this body is needed now, rather than one before it."""
        self.is_wanted = is_wanted
        self.cluster = ""
        self._memory: BodyMemory | None = None
        self._size_bytes = 0
        self._taken_bytes = 0

    def begin(self, memory: BodyMemory, cluster: str) -> None:
        """Begins a body; the one before, if any, was incomplete."""
        self.release()
        self._memory, self.cluster = memory, cluster

    async def grow(self, size_bytes: int) -> None:
        """Waits until there is memory for more of the body."""
        self._size_bytes += size_bytes
        more_bytes = max(0, self._size_bytes - FREE_BYTES) - self._taken_bytes
        if self._memory is not None and more_bytes > 0:
            await self._memory.take(self, more_bytes)
            self._taken_bytes += more_bytes

    def want(self) -> None:
        """Marks the body as needed now."""
        self.is_wanted = True
        if self._memory is not None:
            self._memory.wake()

    def release(self) -> None:
        """Releases the memory of the body."""
        memory, taken_bytes = self._memory, self._taken_bytes
        self._memory, self._size_bytes, self._taken_bytes = None, 0, 0
        if memory is not None:
            memory.give_back(self, taken_bytes)


PORTION: Final[ContextVar[Portion | None]] = ContextVar("portion", default=None)
"""Set by code that needs a body for longer than `send`."""


@contextmanager
def portion_for(memory: BodyMemory, cluster: str) -> Iterator[Portion]:
    """Begins the body of one answer. The setter of `PORTION` releases it; without one, the end of the context does."""
    outer = PORTION.get()
    portion = outer or Portion()
    portion.begin(memory, cluster)
    try:
        yield portion
    finally:
        if outer is None:
            portion.release()
