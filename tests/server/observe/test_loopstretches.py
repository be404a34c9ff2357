"""Long stretches of the event loop are measured, counted, and logged with the function and the caller."""

import asyncio
from collections.abc import AsyncIterator
from time import perf_counter, sleep, thread_time

import pytest
import structlog
from structlog.testing import capture_logs

from k8s.turns.turns import WORKING_FOR
from server.observe.loopstretches import LoopStretches
from server.observe.metrics import Metrics
from server.observe.observers import watching_loop

pytestmark = pytest.mark.alone

EVENT = "long stretch of the event loop"


@pytest.fixture
def began_s() -> float:
    """Returns the processor time of the thread before the measurement."""
    return thread_time()


@pytest.fixture
async def stretches(began_s: float) -> AsyncIterator[LoopStretches]:
    with watching_loop(Metrics()) as found:
        await asyncio.sleep(0.05)
        yield found


def hold_up(processor_s: float) -> None:
    """Works without a pause."""
    end_s = thread_time() + processor_s
    while thread_time() < end_s:
        pass


async def _held_up(processor_s: float, *, caller: str = "alice") -> None:
    WORKING_FOR.set(caller)
    with structlog.contextvars.bound_contextvars(request_id="request-1"):
        hold_up(processor_s)
    await asyncio.sleep(0.05)


async def _slowed_down(stretches: LoopStretches) -> None:
    """Waits until the timer runs seldom, after some time without requests and work."""
    fast_s = stretches.interval_s
    async with asyncio.timeout(30):
        while stretches.interval_s == fast_s:  # noqa: ASYNC110  it is not told by an event
            await asyncio.sleep(0.05)


async def test_a_long_stretch_is_measured_and_counted(began_s: float, stretches: LoopStretches) -> None:
    await asyncio.create_task(_held_up(0.2))

    assert 0.19 < stretches.longest_s <= thread_time() - began_s
    assert stretches.longest_delay_s > 0.18
    assert stretches.long_count == 1


async def test_a_stretch_is_measured_while_the_loop_was_idle(began_s: float) -> None:
    with watching_loop(Metrics()) as stretches:
        await _slowed_down(stretches)
        await asyncio.create_task(_held_up(0.6))
        await asyncio.sleep(2 * stretches.interval_s)

    assert 0.3 < stretches.longest_s <= thread_time() - began_s


async def test_a_request_makes_it_measure_closely_at_once(began_s: float) -> None:
    metrics = Metrics()
    with watching_loop(metrics) as stretches:
        await _slowed_down(stretches)
        with metrics.request("/graphql", lambda: 200):
            await asyncio.create_task(_held_up(0.1))

    assert 0.09 < stretches.longest_s <= thread_time() - began_s
    assert stretches.long_count == 1


async def test_work_that_gives_way_is_no_long_stretch(stretches: LoopStretches) -> None:
    for _ in range(100):
        hold_up(0.002)
        await asyncio.sleep(0)

    assert stretches.long_count == 0


async def test_the_log_names_the_function_and_whom_it_worked_for(stretches: LoopStretches) -> None:
    with capture_logs() as lines:
        await asyncio.create_task(_held_up(0.2))

    (line,) = (item for item in lines if item["event"] == EVENT)
    assert f"{__name__}:hold_up" in line["ran"]
    assert (line["caller"], line["request_id"], line["others"]) == ("alice", "request-1", 0)
    assert line["processor_ms"] >= 190


async def test_a_flood_of_long_stretches_is_a_line_a_second(stretches: LoopStretches) -> None:
    started_s = perf_counter()
    with capture_logs() as lines:
        for _ in range(6):
            await asyncio.create_task(_held_up(0.08))
    took_s = perf_counter() - started_s

    assert stretches.long_count == 6
    assert len([line for line in lines if line["event"] == EVENT]) <= 1 + took_s


async def test_waiting_is_not_taken_for_work(stretches: LoopStretches) -> None:
    asyncio.get_running_loop().call_soon(sleep, 0.1)  # as a machine that gives the thread no processor time
    await asyncio.sleep(0.05)

    assert stretches.long_count == 0
    assert stretches.longest_delay_s > 0.08
