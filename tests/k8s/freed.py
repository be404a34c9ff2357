"""Waiting until all objects are freed."""

import asyncio

from k8s.turns import freeing


async def freed() -> None:
    """Returns when no object waits to be freed."""
    await asyncio.sleep(0)
    for _ in iter(freeing.is_under_way, False):
        await asyncio.sleep(0)
