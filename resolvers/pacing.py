"""Long work in slices: the event loop serves other requests between them, so a list of any length does not block it.

The loop works on one slice in one turn, however many are due (`k8s.turns.turns`).
"""

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, Final, TypeVar

from k8s.turns.turns import Pace

T = TypeVar("T")

_SLICE_ITEMS: Final = 128
_BATCH_ITEMS: Final = 1024
_RUN_ITEMS: Final = 4096


async def batches(values: Iterable[T]) -> AsyncIterator[Sequence[T]]:
    """Yields the values of an iterable in batches of up to 128, and gives way to other requests between them."""
    pace, iterator = Pace(), iter(values)
    while batch := list(islice(iterator, _SLICE_ITEMS)):
        yield batch
        await pace.breathe()


async def collected(values: Iterable[T]) -> list[T]:
    """Returns all values of an iterable, such as a generator that does work for each, in slices."""
    result: list[T] = []
    async for batch in batches(values):
        result += batch
    return result


async def mapped(function: Callable[..., T], *columns: Sequence[Any]) -> list[T]:
    """Returns `function` of the columns' values at each index, in slices."""
    if len(columns[0]) <= _SLICE_ITEMS:
        return list(map(function, *columns))
    return await collected(map(function, *columns))


async def worked(function: Callable[[Any], T], values: Iterable[Any], pace: Pace | None = None) -> list[T]:
    """Returns `function` of each value; checks the time after each, because one value alone may take long."""
    pace, results = pace or Pace(), list[T]()
    add, until_s = results.append, pace.until_s
    for value in values:
        add(function(value))
        if perf_counter() > until_s:
            await pace.breathe()
            until_s = pace.until_s
    return results


async def stepped(steps: Generator[None, None, T], pace: Pace | None = None) -> T:
    """Returns the result of a generator, which yields after each short step of long work."""
    pace = pace or Pace()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        if perf_counter() > pace.until_s:
            await pace.breathe()


async def slices(values: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """Yields slices of up to 1,024 values, and gives way to other requests between them."""
    pace = Pace()
    for start in range(0, len(values), _BATCH_ITEMS):
        yield values[start : start + _BATCH_ITEMS]
        await pace.breathe()


async def in_slices(function: Callable[[Sequence[Any]], Iterable[T]], values: Sequence[Any]) -> list[T]:
    """Returns the concatenated results of `function` for slices of the values."""
    if len(values) <= _BATCH_ITEMS:
        return list(function(values))
    results: list[T] = []
    async for batch in slices(values):
        results += function(batch)
    return results


async def sort(values: list[Any], work: Callable[[Any], int] | None = None) -> None:
    """Sorts in place, in runs that are merged block by block, because one sort of many values cannot be interrupted.

    Args:
        values: comparable values; the order of equal ones is undefined.
        work: returns the cost of comparing a value, where 1 is that of two numbers; None for 1 for all values.
    """
    pace, runs, most = Pace(), list[list[Any]](), 1
    start = weight = 0
    for stop, value in enumerate(values if work is not None else (), start=1):
        share = work(value) if work is not None else 1
        most, weight = max(most, share), weight + share
        if weight >= _RUN_ITEMS:
            runs.append(sorted(values[start:stop]))
            start, weight = stop, 0
        if perf_counter() > pace.until_s:
            await pace.breathe()
    for begin in range(start, len(values), _RUN_ITEMS):
        runs.append(sorted(values[begin : begin + _RUN_ITEMS]))
        await pace.breathe()
    while len(runs) > 1:
        pairs = zip(runs[::2], runs[1::2], strict=False)
        merged = [await _merged(one, other, max(1, _RUN_ITEMS // most), pace) for one, other in pairs]
        runs = merged + runs[len(merged) * 2 :]
    values[:] = runs[0] if runs else ()


async def _merged(one: Sequence[Any], other: Sequence[Any], block: int, pace: Pace) -> list[Any]:
    """Merges two sorted runs; each step takes a block of one, and those values of the other that are not greater."""
    result, at, place = list[Any](), 0, 0
    while at < len(one) and place < len(other):
        ours, theirs = one[at : at + block], other[place : place + block]
        last = min(ours[-1], theirs[-1])
        ours, theirs = ours[: bisect_right(ours, last)], theirs[: bisect_right(theirs, last)]
        result += sorted([*ours, *theirs])
        at, place = at + len(ours), place + len(theirs)
        await pace.breathe()
    result += one[at:]
    result += other[place:]
    return result
