"""Work done at the same time, all of which ends where a part of it fails."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
Other = TypeVar("Other")


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """What comes of each, in order; where one fails, the others are not worked on any longer."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, Other]) -> tuple[T, Other]:
    """What comes of two of different types; as `together`."""
    found: list[Any] = await together(one, other)
    return found[0], found[1]
