"""The six clusters as something that can be asked: five in this process, one that refuses every connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from demo.fleet.clock import Clock, run_clocks
from demo.fleet.coming import ClosableSender, ComingSender
from demo.fleet.company.profile import PROFILES, Profile
from demo.fleet.moment import FROZEN_S
from demo.fleet.refusing import REFUSING_SERVER, RefusingSender
from demo.fleet.world import KINDS, World
from k8s.endpoint import Endpoint
from snapshots.serving.api import SnapshotApi
from snapshots.serving.sender import SnapshotSender
from snapshots.serving.watching.live import LiveContent

_PAUSE_S: Final = 0.02
"""Before each cluster is made: a request that has come gets as far as asking clusters meanwhile."""


@dataclass(frozen=True, slots=True)
class _Generator:
    """Makes one cluster after the other, a few hundred milliseconds altogether; in between, others have their turn."""

    is_frozen: bool
    start_s: float
    clocks: list[Clock]
    turn: asyncio.Lock

    async def sender(self, profile: Profile) -> ClosableSender:
        """Some thousand objects, or none."""
        async with self.turn:
            await asyncio.sleep(_PAUSE_S)
            return self._generated(profile) if profile.is_reachable else self._refusing(profile)

    def _generated(self, profile: Profile) -> ClosableSender:
        world = World(profile, self.start_s)
        content = LiveContent(
            world.objects(), version=profile.version, kinds=KINDS, resource_version=world.resource_version
        )
        self.clocks.append(Clock(world, content))
        return SnapshotSender(profile.name, SnapshotApi(content), latency_s=profile.latency_s)

    def _refusing(self, profile: Profile) -> ClosableSender:
        """A real connection to a port where nobody listens.

        Where answers have to be the same each time, one without a breaker: a breaker says when it tries again.
        """
        if self.is_frozen:
            return RefusingSender(profile.name)
        from k8s.credentials.credential import BearerToken, Secret  # noqa: PLC0415  likewise
        from k8s.transport.connection import Connection  # noqa: PLC0415  an HTTP client, which nothing else here waits for

        return Connection(profile.name, Endpoint(REFUSING_SERVER), credential=BearerToken(Secret("demo")))


@asynccontextmanager
async def served_fleet(*, is_frozen: bool = False) -> AsyncIterator[Mapping[str, ClosableSender]]:
    """Senders by the clusters' names: made meanwhile, and moving for as long as the context lasts.

    Args:
        is_frozen: nothing moves, and all times count from a fixed moment, so that answers are the same each time.
    """
    start_s = FROZEN_S if is_frozen else time.time()
    generator = _Generator(is_frozen, start_s, [], asyncio.Lock())
    farthest_first = sorted(PROFILES, key=lambda profile: -profile.latency_s)  # the others are made while it travels
    coming = {
        profile.name: asyncio.create_task(generator.sender(profile), name=f"demo cluster {profile.name}")
        for profile in farthest_first
    }
    ticking = asyncio.create_task(_tick(tuple(coming.values()), generator), name="demo clock")
    try:
        yield {name: ComingSender(name, made) for name, made in coming.items()}
    finally:
        for task in (*coming.values(), ticking):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _tick(coming: Sequence[asyncio.Task[ClosableSender]], generator: _Generator) -> None:
    await asyncio.wait(coming)
    if not generator.is_frozen:
        await run_clocks(generator.clocks)
