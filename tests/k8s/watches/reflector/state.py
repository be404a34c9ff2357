"""The state of objects as the events of a watch say it, and as a list has it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field

from k8s import errors
from k8s.watches.reflector.watchevent import EventType, WatchEvent

Key = tuple[str, str]


@dataclass
class State:
    """A sink that holds versions and contents of objects, as whoever takes a watch does."""

    objects: dict[Key, tuple[str, object]] = field(default_factory=dict)
    failures: list[errors.ClusterError] = field(default_factory=list)
    syncs: int = 0
    version: str = ""
    is_live: bool = False
    polled_every_s: float | None = None
    seen: list[tuple[str, str, str]] = field(default_factory=list)
    _stale: set[Key] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def began_anew(self) -> None:
        self._stale = set(self.objects)

    def changed(self, events: list[WatchEvent]) -> None:
        for event in events:
            key = event.metadata.namespace, event.metadata.name
            self.seen.append((event.type.value, event.metadata.name, event.metadata.resource_version))
            if event.type is EventType.DELETED:
                self.objects.pop(key, None)
            else:
                self.objects[key] = event.metadata.resource_version, json.loads(event.object)
            if self._stale is not None:
                self._stale.discard(key)
        self._changed.set()

    def synced(self, version: str) -> None:
        for key in self._stale or ():
            self.objects.pop(key, None)
        self._stale = None
        self.version = version
        self.syncs += 1
        self._changed.set()

    def reached(self, version: str) -> None:
        self.version = version
        self._changed.set()

    def connected(self, *, polled_every_s: float | None = None) -> None:
        self.is_live, self.polled_every_s = True, polled_every_s
        self._changed.set()

    def interrupted(self, error: errors.ClusterError) -> None:
        self.is_live = False
        self.failures.append(error)
        self._changed.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until a condition holds, which may depend on this state only."""
        async with asyncio.timeout(60):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    def versions(self, namespace: str) -> dict[str, str]:
        """Returns the version of each object of a namespace by name."""
        return {name: version for (at, name), (version, _) in self.objects.items() if at == namespace}
