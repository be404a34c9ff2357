"""The memory that connections with the same limits share."""

import asyncio

from k8s.transport.bodymemory import FREE_BYTES, Portion
from k8s.transport.limits import ConnectionLimits

SHARE_BYTES = 2**20


async def test_answers_of_all_clusters_take_four_shares() -> None:
    bodies = ConnectionLimits(share_bytes=SHARE_BYTES).bodies
    portions = [Portion(is_wanted=False) for _ in range(5)]
    for number, portion in enumerate(portions):
        portion.begin(bodies, f"cluster-{number}")

    growing = [asyncio.create_task(portion.grow(FREE_BYTES + SHARE_BYTES)) for portion in portions]
    await asyncio.gather(*growing[:4])

    assert bodies.taken_bytes == 4 * SHARE_BYTES
    assert not growing[4].done()
    portions[0].release()
    await growing[4]
