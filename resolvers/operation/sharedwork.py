"""Work that several fields of one operation need, such as a request to a cluster; it is done once."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, TypeVar

from k8s.turns.freeing import free
from k8s.turns.steps import start
from resolvers.errors import without_frames
from resolvers.memory.share import MemoryShare

T = TypeVar("T")

_REQUEST_BYTES: Final = 12 * 1024
"""Memory of a request with its tasks, its error and its waiters; an operation may make thousands of requests."""


class SharedWork:
    """The work that is done once in an operation."""

    def __init__(self, memory: MemoryShare) -> None:
        """Takes the memory to charge."""
        self._memory = memory
        self._by_key: dict[object, asyncio.Future[Any]] = {}
        self._is_over = False

    async def once(self, key: object, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Returns the result of work that is done once under a key, in turns with other work (`k8s.turns.steps`).

        Raises:
            CancelledError: the operation is closed; work that a failure left behind starts nothing any more.
            LimitExceeded: the operation holds too much memory.
        """
        if self._is_over:
            raise asyncio.CancelledError
        if key not in self._by_key:
            self._memory.charge(_REQUEST_BYTES)
            self._by_key[key] = start(work())
        shared: asyncio.Future[T] = self._by_key[key]
        return shared.result() if shared.done() else await asyncio.shield(shared)

    async def close(self) -> None:
        """Cancels the work in progress and releases all results."""
        self._is_over = True
        if under_way := _cancelled(self._by_key.values()):
            await asyncio.gather(*under_way, return_exceptions=True)
        free([*self._by_key.values()])
        self._by_key.clear()


def _cancelled(futures: Iterable[asyncio.Future[Any]]) -> list[asyncio.Future[Any]]:
    """Cancels futures and returns those in progress; the errors of the others release their frames."""
    under_way = []
    for future in futures:
        if future.cancel():
            under_way.append(future)
        elif not future.cancelled() and (error := future.exception()) is not None:
            without_frames(error)
    return under_way
