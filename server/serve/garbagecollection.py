"""Garbage collection and the return of memory, at moments when they block others only briefly.

Rows do not count for the garbage collector, so collections depend on the memory of the process beyond that of
operations. A full collection walks all other objects without a pause: where many are alive, such as while large
responses are made, it waits until they are fewer. The allocator also returns free memory without a pause, and threads
that need memory wait for it.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from math import inf
from time import thread_time
from typing import Final

import structlog

from k8s.turns import freeing
from resolvers.limits import MIB
from resolvers.memory.budget import MemoryBudget
from server.serve.allocator import FreeMemory, free_memory, resident_bytes, trim

_LOG = structlog.get_logger("server.upkeep")
_EVERY_S: Final = 1.0
_CALM_BYTES: Final = 4 * MIB
"""Operations with less memory are few and small: the growth of the process is not theirs."""
_GROWN_BYTES: Final = 8 * MIB
"""The growth of a calm process that is worth a collection, and the free memory that is worth returning."""
_YOUNGER: Final = 5
"""Collections of younger objects after which all are collected, at any size of the process.

The objects that they passed over are walked with the rest, so a collection that is put off for long takes long.
"""
_FREE_BYTES: Final = 32 * MIB
"""The free memory that is worth returning while the process is busy: it may need it again."""
_BUSY_SHARE: Final = 8
"""The growth of a busy process that is worth a collection, as a share of its memory: operations estimate theirs."""
_COUNTED_BYTES: Final = 64 * MIB
"""The memory of operations above which too many objects are alive even to count them."""
_LONGEST_S: Final = 0.03
"""A longer collection waits; so does the return of memory."""
_MOST_WAITS: Final = 60
"""Checks in a row for which a busy process waits, or free memory while the process is calm."""
_CALM_WAITS: Final = 5
"""Checks for which a due collection waits while the process is calm: then most objects are garbage."""
_OBJECT_S: Final = 0.4e-6
"""Seconds to walk one object, until that has been measured."""
_SLOWER: Final = 1.1
"""The most by which a measurement may raise it: on a busy machine, walking takes several times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The garbage collector of the process, and its memory.

    Attributes:
        resident_bytes: Returns the resident memory; 0 where that is unknown.
        younger: Returns the collections of younger objects since the last one of all.
        objects: Returns the number of objects that a collection would walk.
        collect: Collects all garbage.
        free_memory: Returns the memory that could be returned to the system; runs on another thread.
        give_back: Returns it to the system; runs on another thread.
        clock: Returns the seconds of processor time of this thread.
    """

    resident_bytes: Callable[[], int] = resident_bytes
    younger: Callable[[], int] = lambda: gc.get_count()[2]
    objects: Callable[[], int] = lambda: len(gc.get_objects())
    collect: Callable[[], object] = gc.collect
    free_memory: Callable[[], FreeMemory] = free_memory
    give_back: Callable[[], None] = trim
    clock: Callable[[], float] = thread_time


class Upkeep:
    """The upkeep of one process's memory."""

    def __init__(self, budget: MemoryBudget, collector: Collector | None = None) -> None:
        """Takes the budget, whose settled memory it updates, and the functions that do the work."""
        self._budget = budget
        self._collector = collector or Collector()
        self._least_bytes = self._settled_bytes = self._collector.resident_bytes() or budget.settled_bytes
        self._budget.settled_bytes = self._settled_bytes
        self._object_s = _OBJECT_S
        self._waits = self._free_waits = 0

    async def run(self) -> None:
        """Checks once a second."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.look()
            except Exception:  # noqa: BLE001  a single failure must not end the checks
                _LOG.exception("looking after memory failed")

    async def look(self) -> None:
        """Collects and returns memory, if the process has grown, and if that blocks others only briefly."""
        has_collected = await self._collects()
        await self._gives_back()
        if has_collected:
            self._settle(max(self._least_bytes, self._collector.resident_bytes() - self._budget.held_bytes))

    @property
    def _is_calm(self) -> bool:
        return self._budget.held_bytes <= _CALM_BYTES

    async def _collects(self) -> bool:
        """Collects if it is worth its time, and if it is short or has waited for long."""
        is_calm, grown_bytes = self._is_calm and not freeing.is_under_way(), self._grown_bytes()
        worthwhile_bytes = _GROWN_BYTES if is_calm else self._budget.limits.process_bytes // _BUSY_SHARE
        if grown_bytes < worthwhile_bytes and self._collector.younger() < _YOUNGER:
            self._waits = 0
            return False
        self._waits += 1
        objects = await self._objects()
        if objects * self._object_s > _LONGEST_S and self._waits <= (_CALM_WAITS if is_calm else _MOST_WAITS):
            return False
        self._collect(objects)
        self._waits = 0
        return True

    async def _gives_back(self) -> None:
        """Returns free memory if it is much, and if that is short or has waited for long."""
        if self._collector.resident_bytes() < self._least_bytes + _GROWN_BYTES:
            return
        free = await asyncio.to_thread(self._collector.free_memory)
        if free.size_bytes < (_GROWN_BYTES if self._is_calm else _FREE_BYTES):
            self._free_waits = 0
            return
        self._free_waits = self._free_waits + 1 if self._is_calm else 0
        if free.trim_s > _LONGEST_S and self._free_waits <= _MOST_WAITS:
            return
        await asyncio.to_thread(self._collector.give_back)
        self._free_waits = 0

    def _grown_bytes(self) -> int:
        """Returns the memory of the process beyond its settled memory and that of operations."""
        resident_bytes = self._collector.resident_bytes()
        if self._is_calm and 0 < resident_bytes < self._settled_bytes:
            self._least_bytes = min(self._least_bytes, resident_bytes)
            self._settle(resident_bytes)
        return resident_bytes - self._budget.held_bytes - self._settled_bytes

    async def _objects(self) -> float:
        """Returns the number of objects that a collection would walk, counted in a turn of the event loop of its own.

        Infinite where too many are alive to count them, or are just being freed.
        """
        if self._budget.held_bytes > _COUNTED_BYTES or freeing.is_under_way():
            return inf
        objects = self._collector.objects()
        await asyncio.sleep(0)
        return objects

    def _collect(self, objects: float) -> None:
        """Collects, and measures the time for each object."""
        started_s = self._collector.clock()
        self._collector.collect()
        duration_s = self._collector.clock() - started_s
        if 0 < objects < inf:
            self._object_s = min(duration_s / objects, self._object_s * _SLOWER)

    def _settle(self, settled_bytes: int) -> None:
        self._settled_bytes = self._budget.settled_bytes = settled_bytes


@asynccontextmanager
async def upkeep(budget: MemoryBudget) -> AsyncIterator[None]:
    """Manages the memory for as long as the context lasts."""
    looking = asyncio.create_task(Upkeep(budget).run())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
