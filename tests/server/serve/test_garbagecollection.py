"""Garbage collection and the return of memory, when the process has grown and they block others only briefly."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pytest

from k8s.turns.freeing import free
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.memory.share import MemoryShare
from server.serve.allocator import FreeMemory
from server.serve.garbagecollection import Collector, Upkeep
from tests.k8s.freed import freed

DONE: Final = ["collected"]
FEW: Final = 10_000
MANY: Final = 1_000_000


@dataclass
class Process:
    """A process with the memory and the times of a test."""

    resident_bytes: int = 100 * MIB
    objects: int = FEW
    younger: int = 0
    object_s: float = 1e-7
    now_s: float = 0.0
    free: FreeMemory = field(default_factory=FreeMemory)
    done: list[str] = field(default_factory=list)
    counted: int = 0

    def upkeep(self, budget: MemoryBudget) -> Upkeep:
        return Upkeep(
            budget,
            Collector(
                resident_bytes=lambda: self.resident_bytes,
                younger=lambda: self.younger,
                objects=self._count,
                collect=self._collect,
                free_memory=lambda: self.free,
                give_back=self._give_back,
                clock=lambda: self.now_s,
            ),
        )

    def _count(self) -> int:
        self.counted += 1
        return self.objects

    def _collect(self) -> None:
        self.done.append("collected")
        self.younger = 0
        self.now_s += self.objects * self.object_s

    def _give_back(self) -> None:
        self.done.append("given back")
        self.resident_bytes -= self.free.size_bytes
        self.free = FreeMemory()


def busy(budget: MemoryBudget) -> MemoryShare:
    """Returns the memory of an operation that keeps the process busy."""
    share = budget.share("a")
    share.charge(10 * MIB)
    return share


async def test_a_process_that_has_grown_collects_and_gives_back() -> None:
    process, budget = Process(free=FreeMemory(20 * MIB, chunks=10)), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 150 * MIB

    await upkeep.look()
    await upkeep.look()

    assert process.done == ["collected", "given back"]
    assert budget.settled_bytes == 130 * MIB


async def test_one_that_has_not_grown_does_nothing() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes += 5 * MIB

    await upkeep.look()

    assert process.done == []
    assert budget.settled_bytes == 100 * MIB


async def test_a_busy_one_collects_when_it_takes_much_more_than_its_operations_hold() -> None:
    process, budget = Process(), MemoryBudget(MemoryLimits(process_bytes=800 * MIB))
    upkeep = process.upkeep(budget)
    busy(budget)

    process.resident_bytes = 205 * MIB
    await upkeep.look()
    assert process.done == []
    process.resident_bytes = 215 * MIB
    await upkeep.look()
    await upkeep.look()

    assert process.done == DONE
    assert budget.settled_bytes == (215 - 10) * MIB


async def test_a_collection_of_many_objects_waits_until_they_are_fewer() -> None:
    process, budget = Process(objects=MANY), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 150 * MIB

    await upkeep.look()
    assert process.done == []
    process.objects = FEW
    await upkeep.look()

    assert process.done == DONE


async def test_objects_that_are_being_let_go_of_are_neither_counted_nor_collected() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 350 * MIB
    free([[] for _ in range(5)])

    await upkeep.look()
    assert (process.done, process.counted) == ([], 0)
    await freed()
    await upkeep.look()

    assert (process.done, process.counted) == (DONE, 1)


@pytest.mark.parametrize("is_busy", [False, True])
async def test_all_objects_are_collected_after_some_collections_of_younger_ones(*, is_busy: bool) -> None:
    process, budget = Process(younger=4), MemoryBudget()
    upkeep = process.upkeep(budget)
    if is_busy:
        busy(budget)

    await upkeep.look()
    assert process.done == []
    process.younger = 5
    await upkeep.look()
    await upkeep.look()

    assert process.done == DONE


async def test_a_calm_process_waits_a_few_looks_for_fewer_objects() -> None:
    process, budget = Process(objects=MANY), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 150 * MIB

    for _ in range(5):
        await upkeep.look()
    assert process.done == []
    await upkeep.look()

    assert process.done == DONE


async def test_how_long_a_collection_takes_is_measured_again_and_again() -> None:
    process, budget = Process(object_s=1e-5), MemoryBudget()
    upkeep = process.upkeep(budget)

    for _ in range(27):
        process.resident_bytes += 10 * MIB
        await upkeep.look()

    assert process.done == 22 * DONE  # 1.1 to the power of 21 is less than 7.5


async def test_objects_of_operations_that_hold_much_are_not_even_counted() -> None:
    process, budget = Process(), MemoryBudget(MemoryLimits(process_bytes=1600 * MIB))
    upkeep = process.upkeep(budget)
    share = budget.share("a")
    share.charge(100 * MIB)
    process.resident_bytes += 400 * MIB

    await upkeep.look()
    assert process.done == []
    share.close()
    await upkeep.look()

    assert process.done == DONE


async def test_what_has_grown_much_for_long_is_collected_however_many_objects_there_are() -> None:
    process, budget = Process(objects=MANY), MemoryBudget(MemoryLimits(process_bytes=800 * MIB))
    upkeep = process.upkeep(budget)
    busy(budget)
    process.resident_bytes = 300 * MIB

    for _ in range(60):
        await upkeep.look()
    assert process.done == []
    await upkeep.look()

    assert process.done == DONE


async def test_a_moment_without_growth_ends_the_wait() -> None:
    process, budget = Process(objects=MANY), MemoryBudget(MemoryLimits(process_bytes=800 * MIB))
    upkeep = process.upkeep(budget)
    busy(budget)

    for number in range(200):
        process.resident_bytes = (300 if number % 50 else 150) * MIB
        await upkeep.look()

    assert process.done == []


async def test_growth_counts_from_the_least_that_a_calm_process_took() -> None:
    process, budget = Process(resident_bytes=200 * MIB), MemoryBudget()
    upkeep = process.upkeep(budget)
    process.resident_bytes = 100 * MIB
    await upkeep.look()

    process.resident_bytes = 150 * MIB
    await upkeep.look()

    assert process.done == DONE
    assert budget.settled_bytes == 150 * MIB


async def test_much_free_memory_is_given_back_while_operations_hold_some() -> None:
    process, budget = Process(free=FreeMemory(31 * MIB, chunks=10)), MemoryBudget()
    upkeep = process.upkeep(budget)
    busy(budget)
    process.resident_bytes = 150 * MIB

    await upkeep.look()
    assert process.done == []
    process.free = FreeMemory(33 * MIB, chunks=10)
    await upkeep.look()

    assert process.done == ["given back"]


async def test_free_memory_in_many_chunks_waits_for_a_calm_minute() -> None:
    process, budget = Process(free=FreeMemory(40 * MIB, chunks=10_000)), MemoryBudget()
    upkeep = process.upkeep(budget)
    share = busy(budget)
    process.resident_bytes = 150 * MIB

    for _ in range(100):
        await upkeep.look()
    share.close()
    for _ in range(60):
        await upkeep.look()
    assert process.done == DONE
    await upkeep.look()

    assert process.done == [*DONE, "given back"]


async def test_where_memory_cannot_be_measured_nothing_is_done() -> None:
    process, budget = Process(resident_bytes=0), MemoryBudget()

    await process.upkeep(budget).look()

    assert (process.done, budget.settled_bytes) == ([], MemoryBudget().settled_bytes)


async def test_the_collector_of_the_process_leaves_many_objects_alone_and_collects_few() -> None:
    process, budget = Process(), MemoryBudget()
    upkeep = Upkeep(budget, Collector(resident_bytes=lambda: process.resident_bytes))
    process.resident_bytes = 150 * MIB
    many = [[number] for number in range(500_000)]
    collected = _Collected()
    gc.callbacks.append(collected)
    try:
        await upkeep.look()
        assert not collected.all_objects
        many.clear()
        gc.freeze()
        await upkeep.look()
        assert collected.all_objects
    finally:
        gc.callbacks.remove(collected)
        gc.unfreeze()


class _Collected:
    """A record of whether all objects were collected."""

    all_objects = False

    def __call__(self, _phase: str, info: Mapping[str, int]) -> None:
        self.all_objects = self.all_objects or info["generation"] == 2
