"""What snapshot clusters may keep in memory: the lists that were asked for last, within a bound for all of them."""

from collections import OrderedDict
from typing import Protocol

from k8s.kinds.kind import Kind


class Forgets(Protocol):
    """What holds lists and can let go of them."""

    def forget(self, kind: Kind) -> None:
        """Lets go of a list."""
        ...


class KindMemory:
    """Knows which list was asked for when, and lets go of the oldest ones."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used: OrderedDict[tuple[int, Kind], tuple[Forgets, int]] = OrderedDict()
        self.held_bytes = 0

    def use(self, holder: Forgets, kind: Kind, size_bytes: int) -> None:
        """A list was asked for; it stays, however large it is, until another one needs its place."""
        self._drop((id(holder), kind))
        self._used[id(holder), kind] = (holder, size_bytes)
        self.held_bytes += size_bytes
        while self.held_bytes > self._limit_bytes and len(self._used) > 1:
            oldest = next(iter(self._used))
            forgetful, _size = self._used[oldest]
            self._drop(oldest)
            forgetful.forget(oldest[1])

    def leave(self, holder: Forgets) -> None:
        """A holder goes away with all that it holds."""
        for key in [key for key in self._used if key[0] == id(holder)]:
            self._drop(key)

    def _drop(self, key: tuple[int, Kind]) -> None:
        _holder, size_bytes = self._used.pop(key, (None, 0))
        self.held_bytes -= size_bytes
