"""The senders of the six clusters: five in this process, one that refuses every connection."""

import asyncio
import errno
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from demo.fleet.clock import Clock, run_clocks
from demo.fleet.company.profile import PROFILES, Profile
from demo.fleet.measuredcontent import MeasuredContent
from demo.fleet.moment import FROZEN_S
from demo.fleet.pendingsender import ClosableSender, PendingSender
from demo.fleet.recordings import RecordedApi
from demo.fleet.world import World
from k8s.endpoint import Endpoint
from k8s.errors import Unreachable
from k8s.transport.body import OnPrefix
from k8s.transport.call import Call
from k8s.transport.deadline import Deadline
from k8s.watches.watchsource import Chunks
from snapshots.serving.snapshotsender import SnapshotSender

_PAUSE_S: Final = 0.02
"""Seconds before the generation of each cluster, for requests that have arrived."""


REFUSING_SERVER: Final = "https://127.0.0.1:1"
"""Nothing listens on port 1 (tcpmux), and no unprivileged user can."""


class NoChunks:
    """A stream that has ended."""

    async def chunk(self) -> bytes:
        """Returns nothing."""
        return b""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class RefusingSender:
    """A sender that always raises the error of a refused connection."""

    name: str

    async def send(self, call: Call, deadline: Deadline, *, on_prefix: OnPrefix | None = None) -> bytes:
        """Raises Unreachable."""
        raise Unreachable(self.name, f"no connection ({os.strerror(errno.ECONNREFUSED)}).")

    @asynccontextmanager
    async def stream(self, call: Call, *, answer_s: float, silence_s: float) -> AsyncIterator[Chunks]:
        """Raises Unreachable."""
        await self.send(call, Deadline(answer_s))
        yield NoChunks()

    async def close(self) -> None:
        """Does nothing: there is no connection."""

    async def retire(self) -> None:
        """Does nothing: there is no connection."""


@dataclass(frozen=True, slots=True)
class _Generator:
    """A generator of one cluster after the other, in a few hundred milliseconds, with turns for other tasks."""

    is_frozen: bool
    start_s: float
    clocks: list[Clock]
    turn: asyncio.Lock

    async def sender(self, profile: Profile) -> ClosableSender:
        """Generates a cluster with some thousand objects, or a sender of one that is down."""
        async with self.turn:
            await asyncio.sleep(_PAUSE_S)
            return self._generated(profile) if profile.is_reachable else self._refusing(profile)

    def _generated(self, profile: Profile) -> ClosableSender:
        world = World(profile, self.start_s)
        now_s = (lambda: self.start_s) if self.is_frozen else time.time
        content = MeasuredContent(world, now_s)
        self.clocks.append(Clock(world, content))
        return SnapshotSender(profile.name, RecordedApi(content, world, now_s), latency_s=profile.latency_s)

    def _refusing(self, profile: Profile) -> ClosableSender:
        """Returns a connection to a port without a listener.

        In a frozen fleet it has no circuit breaker, whose messages contain times.
        """
        if self.is_frozen:
            return RefusingSender(profile.name)
        from demo.fleet.refusedconnection import refused_connection  # noqa: PLC0415  an HTTP client, slow to import

        return refused_connection(profile.name, Endpoint(REFUSING_SERVER))


@asynccontextmanager
async def served_fleet(*, is_frozen: bool = False) -> AsyncIterator[Mapping[str, ClosableSender]]:
    """Yields senders by cluster name; the clusters are generated in the background, and change until the context ends.

    Args:
        is_frozen: Nothing changes, and all times count from a fixed moment, so that answers are the same each time.
    """
    start_s = FROZEN_S if is_frozen else time.time()
    generator = _Generator(is_frozen, start_s, [], asyncio.Lock())
    farthest_first = sorted(PROFILES, key=lambda profile: -profile.latency_s)  # its latency overlaps with the others
    coming = {
        profile.name: asyncio.create_task(generator.sender(profile), name=f"demo cluster {profile.name}")
        for profile in farthest_first
    }
    ticking = asyncio.create_task(_tick(tuple(coming.values()), generator), name="demo clock")
    try:
        yield {name: PendingSender(name, task) for name, task in coming.items()}
    finally:
        for task in (*coming.values(), ticking):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _tick(coming: Sequence[asyncio.Task[ClosableSender]], generator: _Generator) -> None:
    await asyncio.wait(coming)
    if not generator.is_frozen:
        await run_clocks(generator.clocks)
