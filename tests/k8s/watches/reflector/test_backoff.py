"""The waits between requests of watches."""

import asyncio

import pytest

from k8s.watches.reflector.backoff import Backoff, ReconnectPace
from tests.k8s.clock import Clock


def test_waits_double_up_to_half_a_minute_and_begin_anew() -> None:
    backoff = Backoff(random=lambda: 0.0)
    assert [backoff.wait_s() for _ in range(8)] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    backoff.reset()
    assert backoff.wait_s() == 0.8


def test_waits_begin_anew_after_a_watch_that_ran_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> tuple[float, float]:
        with pace.running(backoff):
            await asyncio.sleep(0)
        short_s = backoff.wait_s()
        monkeypatch.setattr("k8s.watches.reflector.backoff.RESET_S", 0.0)
        with pace.running(backoff):
            await asyncio.sleep(0)
        return short_s, backoff.wait_s()

    pace, backoff = ReconnectPace(), Backoff(random=lambda: 0.0)
    assert backoff.wait_s() == 0.8
    assert asyncio.run(run()) == (1.6, 0.8)


def test_waits_are_spread_over_twice_their_length() -> None:
    assert Backoff(random=lambda: 0.5).wait_s() == pytest.approx(1.2)


async def test_fa_15_a_thousand_watches_come_back_ten_a_second(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    waits_s: list[float] = []

    async def sleep(seconds: float) -> None:
        waits_s.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    pace = ReconnectPace(clock=clock)
    for _ in range(1000):
        await pace.turn()
    clock.now_s += 1000
    await pace.turn()

    assert waits_s[:3] == pytest.approx([0.0, 0.1, 0.2])
    assert waits_s[999] == pytest.approx(99.9)
    assert waits_s[1000] == 0.0


async def test_a_turn_that_is_given_up_is_free(clock: Clock) -> None:
    """A caller who comes and goes does not move the turns of all others."""
    pace = ReconnectPace(clock=clock)
    await pace.turn()
    for _ in range(1000):
        waiting = asyncio.create_task(pace.turn())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    clock.now_s += 0.2
    async with asyncio.timeout(5):
        await pace.turn()


async def test_what_waits_comes_back_with_the_first_watch_that_runs_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pace = ReconnectPace()
    waiting = [asyncio.create_task(pace.pause(3600)) for _ in range(3)]
    with pace.running(Backoff()):
        await asyncio.sleep(0)  # it ends at once
    monkeypatch.setattr("k8s.watches.reflector.backoff.RETURNED_S", 0.01)
    await asyncio.sleep(0)
    assert not any(one.done() for one in waiting)
    with pace.running(Backoff()):
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)
    await pace.pause(0.001)
