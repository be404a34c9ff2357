"""Work in the background: short slices with pauses."""

import asyncio
from itertools import pairwise
from time import perf_counter
from types import SimpleNamespace

import pytest

from k8s.turns import background
from k8s.turns.activity import activity_of_loop
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

    with activity_of_loop():
        work = asyncio.ensure_future(Background().worked(_work, range(300)))
        turns = await count()

    assert turns > 300  # without pauses, there would be a turn for each slice of ten values
    times = work.result()
    pauses = [after - before for before, after in pairwise(times) if after - before > background._PAUSE_S]
    assert len(pauses) >= 300 // 11


async def test_work_rests_while_a_query_is_under_way(slept_s: list[float]) -> None:
    with activity_of_loop():
        await Background().worked(_work, range(30))

    assert slept_s
    assert set(slept_s) == {background._PAUSE_S}


async def test_work_goes_on_at_once_while_there_is_nothing_else(slept_s: list[float]) -> None:
    await Background().worked(_work, range(300))

    assert slept_s.count(0) >= 3
    assert background._PAUSE_S not in slept_s


async def test_a_query_that_waits_for_the_work_does_not_delay_it(slept_s: list[float]) -> None:
    with activity_of_loop(), activity_of_loop().waiting():
        await Background().worked(_work, range(30))

    assert background._PAUSE_S not in slept_s


async def test_work_gives_way_for_a_moment_after_a_query() -> None:
    with activity_of_loop():
        pass

    assert activity_of_loop().is_under_way
    async with asyncio.timeout(30):
        while activity_of_loop().is_under_way:  # noqa: ASYNC110  nothing tells
            await asyncio.sleep(0.001)


@pytest.fixture
async def slept_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Returns the seconds for which the work will sleep; it does not. No query is under way."""
    while activity_of_loop().is_under_way:  # noqa: ASYNC110  nothing tells; tests share a loop
        await asyncio.sleep(0.001)
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr(background, "asyncio", SimpleNamespace(sleep=noted))
    return slept
