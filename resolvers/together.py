"""Work done at the same time, all of which ends where a part of it fails."""

import asyncio
from collections.abc import Coroutine
from time import perf_counter
from typing import Any, TypeVar

from k8s.turns.steps import start
from k8s.turns.turns import Pace

T = TypeVar("T")
Other = TypeVar("Other")


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """What comes of each, in order; where one fails, the others are not worked on any longer.

    However many they are: they begin, go on and end in slices (`k8s.turns.steps`).
    """
    pace, tasks = Pace(), list[asyncio.Task[T]]()
    try:
        for each in work:
            tasks.append(start(each, is_one_of_many=True))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        for each in work[len(tasks) :]:
            each.close()


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, Other]) -> tuple[T, Other]:
    """What comes of two of different types; as `together`."""
    found: list[Any] = await together(one, other)
    return found[0], found[1]
