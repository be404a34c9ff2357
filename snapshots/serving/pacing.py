"""Long work on the event loop in short slices, so that everything else goes on."""

from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import Final, TypeVar

from k8s.turns.turns import turn

T = TypeVar("T")

SLICE_S: Final = 0.005


async def in_slices(things: Iterable[T]) -> AsyncIterator[T]:
    """The same things; whenever a slice of time is over, others have their turn first."""
    until_s = perf_counter() + SLICE_S
    for thing in things:
        if perf_counter() > until_s:
            await turn()
            until_s = perf_counter() + SLICE_S
        yield thing
