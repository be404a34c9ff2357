"""Turns of other tasks during long work, with a clock by which every slice is over at each look."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest


async def turns_during(work: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch) -> int:
    """Works, and counts the turns of another task meanwhile."""
    monkeypatch.setattr("k8s.turns.turns.SLICE_S", -1.0)  # no machine is so fast that a slice suffices
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(others())
    try:
        await work()
    finally:
        other.cancel()
    return turns
