"""Collecting garbage and giving memory back, at moments when nobody waits long for it.

Rows do not count for the garbage collector, so it goes by what the process takes beyond what operations hold. A whole
collection walks all other objects at one stretch: where many are alive, as while large answers are made, it waits until
they are fewer. The allocator gives back all that is free at one stretch, too, and whoever needs memory waits for it.
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
"""Operations that hold no more are few and small: what the process has grown by is not theirs."""
_GROWN_BYTES: Final = 8 * MIB
"""The growth of a calm process that is worth a collection, and what is free that is worth giving back."""
_YOUNGER: Final = 5
"""Collections of younger objects after which all are collected, whatever the process takes.

What they have passed over is walked with the rest, so a collection that is put off for long takes long.
"""
_FREE_BYTES: Final = 32 * MIB
"""What is free and worth giving back while the process is busy: it may need that again."""
_BUSY_SHARE: Final = 8
"""That of a busy one is one of so many shares of its memory: what operations hold is only estimated."""
_COUNTED_BYTES: Final = 64 * MIB
"""Where operations hold more, too many objects are alive even to count them."""
_LONGEST_S: Final = 0.03
"""A collection that would take longer waits; so does giving back."""
_MOST_WAITS: Final = 60
"""Looks in a row for which a busy process waits, or memory that is free while it is calm."""
_CALM_WAITS: Final = 5
"""Those for which a collection waits that is due while the process is calm: then most of the objects are garbage."""
_OBJECT_S: Final = 0.4e-6
"""Seconds to walk one object, until that has been measured."""
_SLOWER: Final = 1.1
"""What is believed of a measurement that was slower: on a busy machine, walking takes several times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collector:
    """The garbage collector of the process, and the memory that it has.

    Attributes:
        resident_bytes: Resident memory now; 0 where that cannot be told.
        younger: Collections of younger objects since the last one of all.
        objects: How many objects a collection would walk.
        collect: Collects all garbage.
        free_memory: What could be given back; runs on another thread.
        give_back: Gives it back to the system; likewise.
        clock: Seconds of processor time of this thread.
    """

    resident_bytes: Callable[[], int] = resident_bytes
    younger: Callable[[], int] = lambda: gc.get_count()[2]
    objects: Callable[[], int] = lambda: len(gc.get_objects())
    collect: Callable[[], object] = gc.collect
    free_memory: Callable[[], FreeMemory] = free_memory
    give_back: Callable[[], None] = trim
    clock: Callable[[], float] = thread_time


class Upkeep:
    """Looks after the memory of one process."""

    def __init__(self, budget: MemoryBudget, collector: Collector | None = None) -> None:
        """Takes the budget, which is told what the process takes when nothing is under way; and how it is done."""
        self._budget = budget
        self._collector = collector or Collector()
        self._least_bytes = self._settled_bytes = self._collector.resident_bytes() or budget.settled_bytes
        self._budget.settled_bytes = self._settled_bytes
        self._object_s = _OBJECT_S
        self._waits = self._free_waits = 0

    async def run(self) -> None:
        """Looks once a second."""
        while True:
            await asyncio.sleep(_EVERY_S)
            try:
                await self.look()
            except Exception:  # noqa: BLE001  a single failure must not be the end of it
                _LOG.exception("looking after memory failed")

    async def look(self) -> None:
        """Collects and gives back, if the process has grown, and if nobody waits long for it."""
        has_collected = await self._collects()
        await self._gives_back()
        if has_collected:
            self._settle(max(self._least_bytes, self._collector.resident_bytes() - self._budget.held_bytes))

    @property
    def _is_calm(self) -> bool:
        return self._budget.held_bytes <= _CALM_BYTES

    async def _collects(self) -> bool:
        """Collects if that pays, and if it is short or has waited for long."""
        is_calm, grown_bytes = self._is_calm and not freeing.is_under_way(), self._grown_bytes()
        much_bytes = _GROWN_BYTES if is_calm else self._budget.limits.process_bytes // _BUSY_SHARE
        if grown_bytes < much_bytes and self._collector.younger() < _YOUNGER:
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
        """Gives back what is free if that is much, and if it is short or has waited for long."""
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
        """What the process takes beyond what it took when it had settled, and what operations hold."""
        resident_bytes = self._collector.resident_bytes()
        if self._is_calm and 0 < resident_bytes < self._settled_bytes:
            self._least_bytes = min(self._least_bytes, resident_bytes)
            self._settle(resident_bytes)
        return resident_bytes - self._budget.held_bytes - self._settled_bytes

    async def _objects(self) -> float:
        """How many objects a collection would walk, counted in a turn of the event loop of its own.

        Infinitely many where too many are alive to count them, or are just being let go of.
        """
        if self._budget.held_bytes > _COUNTED_BYTES or freeing.is_under_way():
            return inf
        objects = self._collector.objects()
        await asyncio.sleep(0)
        return objects

    def _collect(self, objects: float) -> None:
        """Collects, and measures how long that takes for each object."""
        began_s = self._collector.clock()
        self._collector.collect()
        took_s = self._collector.clock() - began_s
        if 0 < objects < inf:
            self._object_s = min(took_s / objects, self._object_s * _SLOWER)

    def _settle(self, settled_bytes: int) -> None:
        self._settled_bytes = self._budget.settled_bytes = settled_bytes


@asynccontextmanager
async def upkeep(budget: MemoryBudget) -> AsyncIterator[None]:
    """Looks after the memory as long as the context lasts."""
    looking = asyncio.create_task(Upkeep(budget).run())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
