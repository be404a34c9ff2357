"""Pauses of threads: after 0.3 ms of work, long ones while a query is under way, and one thread at a time."""

import asyncio
import threading
import time

import pytest

from k8s.turns import pauses
from k8s.turns.activity import activity_of_loop
from k8s.turns.pauses import Pauses, in_thread


class Clock:
    """A clock that only sleeping and working move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s: list[float] = []

    def perf_counter(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


def test_work_sleeps_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pauses, "time", clock)
    work = Pauses()

    for _ in range(100):
        clock.now_s += 0.0002
        work.pause()

    assert clock.slept_s == [0.0002] * 50


async def test_pauses_are_long_while_a_query_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(pauses, "time", clock)

    def work() -> None:
        pausing = Pauses()
        clock.now_s += 1
        pausing.pause()

    await in_thread(work)
    with activity_of_loop():
        await in_thread(work)

    assert clock.slept_s == [0.0002, 0.005]


async def test_one_thread_works_at_a_time() -> None:
    working = threading.Lock()
    threads: set[int] = set()

    def work() -> bool:
        threads.add(threading.get_ident())
        was_free = working.acquire(blocking=False)
        for _ in range(10):
            time.sleep(0.0001)
        if was_free:
            working.release()
        return was_free

    assert await asyncio.gather(*(in_thread(work) for _ in range(8))) == [True] * 8
    assert threading.get_ident() not in threads


async def test_an_error_of_the_work_is_raised_and_lets_the_next_begin() -> None:
    def fail() -> None:
        raise ValueError("made")

    with pytest.raises(ValueError, match="made"):
        await in_thread(fail)
    assert await in_thread(lambda: 1) == 1


async def test_work_for_which_nobody_waits_ends_at_its_next_pause() -> None:
    begun, ended, goes_on = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        pauses = Pauses()
        begun.set()
        try:
            while not goes_on.is_set():
                pauses.pause()
        finally:
            ended.set()

    task = asyncio.create_task(in_thread(work))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    try:
        assert await asyncio.to_thread(ended.wait, 5)
    finally:
        goes_on.set()
