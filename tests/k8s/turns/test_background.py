"""Work in the background: short slices with pauses."""

import asyncio
from itertools import pairwise
from time import perf_counter

from k8s.turns import background
from k8s.turns.background import Background


def _work(_value: int) -> float:
    """Works for a tenth of a slice, and returns the time."""
    until_s = perf_counter() + background._WORK_S / 10
    while perf_counter() < until_s:
        pass
    return perf_counter()


async def test_each_value_is_worked_on_in_order() -> None:
    assert await Background().worked(lambda value: value * 2, range(100)) == list(range(0, 200, 2))


async def test_other_tasks_have_most_of_the_time() -> None:
    async def count() -> int:
        turns = 0
        while not work.done():
            turns += 1
            await asyncio.sleep(0)
        return turns

    work = asyncio.ensure_future(Background().worked(_work, range(300)))

    assert await count() > 300  # without pauses, there would be a turn for each slice of ten values
    times = work.result()
    pauses = [after - before for before, after in pairwise(times) if after - before > 0.005]
    assert len(pauses) >= 300 // 11
