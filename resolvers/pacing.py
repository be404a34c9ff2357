"""Long work in slices: between them the event loop answers others, so that no list of any length holds it up.

Of all slices that are due, one is worked on in one turn of the loop (`k8s.turns`).
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from itertools import islice
from time import perf_counter
from typing import Any, Final, TypeVar

from k8s.turns import Pace

T = TypeVar("T")

_SLICE_ITEMS: Final = 128
_MADE_AT_ONCE: Final = 1024
_SORTED_AT_ONCE: Final = 4096
_LONG_SORTED_AT_ONCE: Final = 16


async def parts(values: Iterable[T]) -> AsyncIterator[Sequence[T]]:
    """All values of an iterable, some at a time, so that whoever does something with each does it in slices."""
    pace, iterator = Pace(), iter(values)
    while part := list(islice(iterator, _SLICE_ITEMS)):
        yield part
        await pace.breathe()


async def taken(values: Iterable[T]) -> list[T]:
    """All values of an iterable that works for each, in slices."""
    found: list[T] = []
    async for part in parts(values):
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


async def sort(values: list[Any], *, are_long: bool = False) -> None:
    """Sorts in place, in runs that are merged: a single sort of many values could not be interrupted."""
    pace, run = Pace(), min(_LONG_SORTED_AT_ONCE if are_long else _SORTED_AT_ONCE, len(values) or 1)
    while True:
        for start in range(0, len(values), run):
            values[start : start + run] = sorted(values[start : start + run])
            await pace.breathe()
        if run >= len(values):
            return
        run *= 2
