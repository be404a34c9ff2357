"""Medians of interleaved rounds, so that disturbances of the machine affect all cases."""

import statistics
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

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
