"""Many tasks that are woken at once: few in each turn of the loop, and queries go first for a while."""

import asyncio

import pytest

from k8s.turns import wakeups
from k8s.turns.activity import activity_of_loop
from k8s.turns.wakeups import Wakeups


def waiting(number: int) -> list["asyncio.Future[None]"]:
    loop = asyncio.get_running_loop()
    return [loop.create_future() for _ in range(number)]


def woken(futures: list["asyncio.Future[None]"]) -> int:
    return sum(future.done() for future in futures)


async def test_few_are_woken_at_once_and_many_in_turns_in_their_order() -> None:
    wakes, futures = Wakeups(), waiting(50)
    for future in futures:
        wakes.wake(future)
    seen = [woken(futures)]
    while woken(futures) < 50:
        await asyncio.sleep(0)
        seen.append(woken(futures))
        assert all(future.done() for future in futures[: seen[-1]])
    assert seen == [16, 32, 48, 50]
    await asyncio.sleep(0)
    later = waiting(1)
    wakes.wake(later[0])
    assert woken(later) == 1


async def test_those_that_wait_no_longer_are_left_out() -> None:
    wakes, futures = Wakeups(), waiting(20)
    futures[0].cancel()
    futures[19].cancel()
    for future in futures:
        wakes.wake(future)
    await asyncio.gather(*futures[1:19])


async def test_a_query_goes_first_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeups, "_PAUSE_S", 10.0)
    wakes, futures = Wakeups(), waiting(40)
    with activity_of_loop():
        for future in futures:
            wakes.wake(future)
        for _ in range(5):
            await asyncio.sleep(0)
        assert woken(futures) == 32
        monkeypatch.setattr(wakeups, "_LONGEST_S", -1.0)
        wakes, futures = Wakeups(), waiting(40)
        for future in futures:
            wakes.wake(future)
        await asyncio.gather(*futures)


async def test_work_rests_while_a_query_is_under_way_but_not_for_ever() -> None:
    activity, loop = activity_of_loop(), asyncio.get_running_loop()
    with activity:
        resting = asyncio.create_task(activity.rest(60.0))
        await asyncio.sleep(0.01)
        assert not resting.done()
        began_s = loop.time()
        await activity.rest(0.02)
        assert loop.time() - began_s >= 0.015
    await resting
