"""Held objects as a listener sees them change."""

import asyncio
from collections.abc import Callable, Collection, Mapping

from k8s.errors import ClusterError
from k8s.watches.freshness import Freshness
from k8s.watches.heldobjects import HeldObjects
from k8s.watches.keyorder import Key


class Followed:
    """A listener that waits, and that applies the changes of which it hears."""

    def __init__(self, held: HeldObjects) -> None:
        self.held = held
        self.versions: dict[Key, str] = {}
        self._happened = asyncio.Event()
        self.changed(tuple(held))
        held.listen(self)

    def changed(self, keys: Collection[Key]) -> None:
        for key in keys:
            self.versions.pop(key, None)
            if (found := self.held.get(key)) is not None:
                self.versions[key] = found.version
        self._happened.set()

    def refreshed(self) -> None:
        self._happened.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(60):
            while not holds():
                self._happened.clear()
                await self._happened.wait()

    async def live(self) -> "Followed":
        await self.until(lambda: self.held.freshness is Freshness.LIVE)
        return self

    async def failed(self) -> ClusterError:
        await self.until(lambda: self.held.freshness is Freshness.FAILED)
        assert self.held.error is not None
        assert not len(self.held)
        assert not self.versions
        return self.held.error

    def names(self) -> Mapping[str, str]:
        return {name: version for (_, name), version in self.versions.items()}
