"""Changes of the fleet while it is served: restarts, a rollout, renewed leases, new and expired events.

The objects of a cluster depend on the time only, not on earlier ticks of the clock, so a test can set any time without
waiting.
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
    """The clock of one cluster.

    Args:
        world: The cluster at any time.
        content: The served content, as the world was at the start of the fleet.
    """

    def __init__(self, world: World, content: LiveContent) -> None:
        self._world = world
        self._content = content
        self._items = {_key(item): item for item in world.moved(0.0)}

    def show(self, elapsed_s: float) -> None:
        """Applies the changes of the cluster up to a time after the start of the fleet."""
        moved = {_key(item): item for item in self._world.moved(elapsed_s)}
        for key, item in moved.items():
            if self._items.get(key) != item:
                self._content.apply(item)
        for kind, namespace, name in self._items.keys() - moved.keys():
            self._content.delete(kind, namespace, name)
        self._items = moved


async def run_clocks(clocks: Iterable[Clock], *, seconds: Callable[[], float] = time.monotonic) -> None:
    """Runs the clocks until it is cancelled, one cluster at a time, with requests in between."""
    all_clocks = tuple(clocks)
    start_s = seconds()
    while True:
        await asyncio.sleep(TICK_S)
        for clock in all_clocks:
            clock.show(seconds() - start_s)
            await asyncio.sleep(0)


def _key(item: Manifest) -> _Key:
    metadata = item["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101  for the type checker: every object has metadata
    kind = _KIND_OF[str(item["apiVersion"]), str(item["kind"])]
    return kind, metadata.get("namespace"), str(metadata["name"])
