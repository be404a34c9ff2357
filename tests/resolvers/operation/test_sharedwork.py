"""Work that is done once in an operation."""

import asyncio
import gc
import weakref

import pytest

from resolvers.errors import LimitExceeded
from resolvers.limits import MIB, MemoryLimits
from resolvers.memory.budget import MemoryBudget
from resolvers.operation.sharedwork import SharedWork


def _shared(budget: MemoryBudget | None = None) -> SharedWork:
    return SharedWork((budget or MemoryBudget()).share("caller"))


async def test_it_is_done_once_under_a_key() -> None:
    shared, done = _shared(), list[str]()

    async def work() -> int:
        done.append("once")
        await asyncio.sleep(0)
        return len(done)

    assert await asyncio.gather(*(shared.once("key", work) for _ in range(5))) == [1] * 5


async def test_who_goes_away_leaves_it_to_the_others() -> None:
    shared, gate = _shared(), asyncio.Event()

    async def work() -> str:
        await gate.wait()
        return "done"

    one, other = (asyncio.create_task(shared.once("key", work)) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    gate.set()

    assert await other == "done"


async def test_many_take_memory_until_there_is_no_more() -> None:
    budget = MemoryBudget(MemoryLimits(process_bytes=1024 * MIB, operation_bytes=MIB))
    shared = _shared(budget)

    async def work() -> None:
        """Finishes at once."""

    async def much() -> None:
        for number in range(1000):
            await shared.once(number, work)

    with pytest.raises(LimitExceeded, match="MiB of memory"):
        await much()

    assert budget.held_bytes >= MIB


async def test_nothing_of_what_failed_is_left_when_it_is_over() -> None:
    class Broken(Exception):
        pass

    found: list[weakref.ref[Broken]] = []

    async def work() -> None:
        error = Broken()
        found.append(weakref.ref(error))
        try:
            raise error
        finally:
            del error

    shared = _shared()
    gc.collect()
    gc.disable()
    try:
        await asyncio.gather(*(shared.once(number, work) for number in range(3)), return_exceptions=True)
        await shared.close()
        await asyncio.sleep(0)  # tasks that waited for them are over

        assert [item() for item in found] == [None] * 3
    finally:
        gc.enable()


async def test_what_is_over_begins_nothing() -> None:
    shared = _shared()
    await shared.close()

    async def work() -> None:
        raise AssertionError

    with pytest.raises(asyncio.CancelledError):
        await shared.once("key", work)
