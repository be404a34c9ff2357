"""Moves the fleet while it is served: restarts rise, a rollout goes on, leases are renewed, events come and go.

What stands in a cluster depends on the time alone, not on how often the clock has ticked before; so a test may set it
to any moment and need not wait.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

from demo.fleet.manifest import Manifest
from demo.fleet.world import KINDS, World
from k8s.kinds.kind import Kind
from snapshots.serving.watching.live import LiveContent

TICK_S: Final = 1.0
_KIND_OF: Final = {(kind.api_version, kind.name): kind for kind in KINDS}

_Key = tuple[Kind, str | None, str]


class Clock:
    """The time of one cluster.

    Args:
        world: what it is at any time.
        content: what is served, as the world was when the fleet was started.
    """

    def __init__(self, world: World, content: LiveContent) -> None:
        self._world = world
        self._content = content
        self._shown = {_key(each): each for each in world.moved(0.0)}

    def show(self, elapsed_s: float) -> None:
        """Makes the cluster what it is some time after the fleet was started; what has not changed is left alone."""
        moved = {_key(each): each for each in self._world.moved(elapsed_s)}
        for key, each in moved.items():
            if self._shown.get(key) != each:
                self._content.apply(each)
        for kind, namespace, name in self._shown.keys() - moved.keys():
            self._content.delete(kind, namespace, name)
        self._shown = moved


async def run_clocks(clocks: Iterable[Clock], *, seconds: Callable[[], float] = time.monotonic) -> None:
    """Lets the clocks tick until it is cancelled; one cluster at a time, so that requests are answered in between."""
    every = tuple(clocks)
    begun_s = seconds()
    while True:
        await asyncio.sleep(TICK_S)
        for clock in every:
            clock.show(seconds() - begun_s)
            await asyncio.sleep(0)


def _key(item: Manifest) -> _Key:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101  for the type checker: every object has metadata
    kind = _KIND_OF[str(item["apiVersion"]), str(item["kind"])]
    return kind, metadata.get("namespace"), str(metadata["name"])
