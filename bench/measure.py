"""Medians of interleaved rounds, so that disturbances of the machine affect all cases; and stops of the event loop."""

import asyncio
import gc
import statistics
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter, thread_time

Case = Callable[[], Awaitable[object]]


async def interleaved(cases: Mapping[str, Case], *, rounds: int) -> dict[str, float]:
    """Returns the median seconds of each case over `rounds` rounds, without a first round."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for each_round in range(rounds + 1):
        for name, case in cases.items():
            started_s = perf_counter()
            await case()
            if each_round:
                seconds[name].append(perf_counter() - started_s)
    return {name: statistics.median(values) for name, values in seconds.items()}


async def longest_stop_s(case: Case, *, runs: int = 2) -> float:
    """Returns the longest stretch of the event loop during a case, in the loop's processor time: the best of some runs.

    Processor time, since other processes share the machine. Objects of the bench itself are not walked by garbage
    collections, as those from the start of a server are not.
    """
    gc.freeze()
    return min([await _stop_s(case) for _ in range(runs)])


async def _stop_s(case: Case) -> float:
    running, stop_s = asyncio.ensure_future(case()), 0.0
    while not running.done():
        before_s = thread_time()
        await asyncio.sleep(0)
        stop_s = max(stop_s, thread_time() - before_s)
    await running
    return stop_s
