"""The six clusters as something that can be asked: five in this process, one that refuses every connection."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from demo.fleet.clock import Clock, run_clocks
from demo.fleet.moment import FROZEN_S
from demo.fleet.profile import PROFILES, Profile
from demo.fleet.refusing import REFUSING_SERVER, RefusingSender
from demo.fleet.world import KINDS, World
from demo.snapshots.api import SnapshotApi
from demo.snapshots.live import LiveContent
from demo.snapshots.sender import SnapshotSender
from k8s.connection import Connection, Sender
from k8s.credential import BearerToken, Secret
from k8s.endpoint import Endpoint


class ClosableSender(Sender, Protocol):
    """A sender whose owner ends it."""

    async def close(self) -> None:
        """Ends it at once."""
        ...

    async def retire(self) -> None:
        """Ends it when nothing is under way."""
        ...


@dataclass(frozen=True, slots=True)
class ServedFleet:
    """The clusters while they are served.

    Attributes:
        senders: by the cluster's name.
        clocks: of the clusters that can be moved, by the cluster's name.
    """

    senders: Mapping[str, ClosableSender]
    clocks: Mapping[str, Clock]


def generated_fleet(*, is_frozen: bool = False) -> ServedFleet:
    """Generates everything: some thousand objects, a few hundred milliseconds."""
    start_s = FROZEN_S if is_frozen else time.time()
    senders: dict[str, ClosableSender] = {}
    clocks: dict[str, Clock] = {}
    for profile in PROFILES:
        if not profile.is_reachable:
            senders[profile.name] = _refusing(profile, is_frozen=is_frozen)
            continue
        world = World(profile, start_s)
        content = LiveContent(
            world.objects(), version=profile.version, kinds=KINDS, resource_version=world.resource_version
        )
        senders[profile.name] = SnapshotSender(profile.name, SnapshotApi(content), latency_s=profile.latency_s)
        clocks[profile.name] = Clock(world, content)
    return ServedFleet(senders, clocks)


@asynccontextmanager
async def served_fleet(*, is_frozen: bool = False) -> AsyncIterator[ServedFleet]:
    """The fleet, moving for as long as the context lasts.

    Args:
        is_frozen: nothing moves, and all times count from a fixed moment, so that answers are the same each time.
    """
    fleet = generated_fleet(is_frozen=is_frozen)
    if is_frozen:
        yield fleet
        return
    ticking = asyncio.create_task(run_clocks(fleet.clocks.values()), name="demo clock")
    try:
        yield fleet
    finally:
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking


def _refusing(profile: Profile, *, is_frozen: bool) -> ClosableSender:
    """A real connection to a port where nobody listens.

    Where answers have to be the same each time, one without a breaker: a breaker says when it tries again.
    """
    if is_frozen:
        return RefusingSender(profile.name)
    return Connection(profile.name, Endpoint(REFUSING_SERVER), credential=BearerToken(Secret("demo")))
