"""Concurrent coroutines that are cancelled together when one of them fails."""

import asyncio
from collections.abc import Coroutine
from time import perf_counter
from typing import Any, TypeVar

from k8s.turns.steps import start
from k8s.turns.turns import Pace

T = TypeVar("T")
Other = TypeVar("Other")


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Runs coroutines concurrently and returns their results in order; if one fails, cancels the others.

    Any number of them starts, continues and ends in slices (`k8s.turns.steps`).
    """
    pace, tasks = Pace(), list[asyncio.Task[T]]()
    try:
        for coroutine in work:
            tasks.append(start(coroutine, is_one_of_many=True))
            if perf_counter() > pace.until_s:
                await pace.breathe()
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        for coroutine in work[len(tasks) :]:
            coroutine.close()


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, Other]) -> tuple[T, Other]:
    """Runs two coroutines of different result types as `together` does."""
    results: list[Any] = await together(one, other)
    return results[0], results[1]
