"""Waiting until everything was let go of."""

import asyncio

from k8s.turns import freeing


async def freed() -> None:
    """Returns when there is nothing left to let go of."""
    await asyncio.sleep(0)
    for _ in iter(freeing.is_under_way, False):
        await asyncio.sleep(0)
