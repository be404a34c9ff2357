"""Long work in slices: between them the event loop answers others, so that no list of any length holds it up.

Of all slices that are due, one is worked on in one turn of the loop (`k8s.turns.turns`).
"""

from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, Final, TypeVar

from k8s.turns.turns import Pace

T = TypeVar("T")

_SLICE_ITEMS: Final = 128
_MADE_AT_ONCE: Final = 1024
_SORTED_AT_ONCE: Final = 4096


async def batches(values: Iterable[T]) -> AsyncIterator[Sequence[T]]:
    """All values of an iterable, some at a time, so that whoever does something with each does it in slices."""
    pace, iterator = Pace(), iter(values)
    while part := list(islice(iterator, _SLICE_ITEMS)):
        yield part
        await pace.breathe()


async def taken(values: Iterable[T]) -> list[T]:
    """All values of an iterable that works for each, in slices."""
    found: list[T] = []
    async for part in batches(values):
        found += part
    return found


async def mapped(function: Callable[..., T], *columns: Sequence[Any]) -> list[T]:
    """`function` of each place of the columns, in slices."""
    if len(columns[0]) <= _SLICE_ITEMS:
        return list(map(function, *columns))
    return await taken(map(function, *columns))


async def worked(function: Callable[[Any], T], values: Iterable[Any], pace: Pace | None = None) -> list[T]:
    """`function` of each value, one of which alone may take long: so the clock is looked at after each."""
    pace, made = pace or Pace(), list[T]()
    for value in values:
        made.append(function(value))
        if perf_counter() > pace.until_s:
            await pace.breathe()
    return made


async def slices(values: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """The values, many at a time."""
    pace = Pace()
    for start in range(0, len(values), _MADE_AT_ONCE):
        yield values[start : start + _MADE_AT_ONCE]
        await pace.breathe()


async def in_slices(function: Callable[[Sequence[Any]], Iterable[T]], values: Sequence[Any]) -> list[T]:
    """What `function` makes of values that come many at a time, put together again."""
    if len(values) <= _MADE_AT_ONCE:
        return list(function(values))
    made: list[T] = []
    async for part in slices(values):
        made += function(part)
    return made


async def sort(values: list[Any], work: Callable[[Any], int] | None = None) -> None:
    """Sorts in place, in runs that are merged block by block: a single sort of many values could not be interrupted.

    Args:
        values: are compared with each other; of equal ones it does not matter which comes first.
        work: how many times as long as that of two numbers a comparison of a value may take; None for once.
    """
    pace, runs, most = Pace(), list[list[Any]](), 1
    start = weight = 0
    for stop, value in enumerate(values if work is not None else (), start=1):
        share = work(value) if work is not None else 1
        most, weight = max(most, share), weight + share
        if weight >= _SORTED_AT_ONCE:
            runs.append(sorted(values[start:stop]))
            start, weight = stop, 0
        if perf_counter() > pace.until_s:
            await pace.breathe()
    for begin in range(start, len(values), _SORTED_AT_ONCE):
        runs.append(sorted(values[begin : begin + _SORTED_AT_ONCE]))
        await pace.breathe()
    while len(runs) > 1:
        pairs = zip(runs[::2], runs[1::2], strict=False)
        merged = [await _merged(one, other, max(1, _SORTED_AT_ONCE // most), pace) for one, other in pairs]
        runs = merged + runs[len(merged) * 2 :]
    values[:] = runs[0] if runs else ()


async def _merged(one: Sequence[Any], other: Sequence[Any], block: int, pace: Pace) -> list[Any]:
    """Two sorted runs as one: with each step a block of one of them, and what is not more of the other."""
    made, at, place = list[Any](), 0, 0
    while at < len(one) and place < len(other):
        ours, theirs = one[at : at + block], other[place : place + block]
        last = min(ours[-1], theirs[-1])
        ours, theirs = ours[: bisect_right(ours, last)], theirs[: bisect_right(theirs, last)]
        made += sorted([*ours, *theirs])
        at, place = at + len(ours), place + len(theirs)
        await pace.breathe()
    made += one[at:]
    made += other[place:]
    return made
