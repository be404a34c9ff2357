"""A cache of the most recently used values, bounded by their number and their total weight."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Values by key; the least recently used one is dropped first."""

    def __init__(self, most: int, *, weight: int) -> None:
        """Takes the maximum number of values, and their maximum total weight."""
        self._most = most
        self._most_weight = weight
        self._weight = 0
        self._known: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def find(self, key: K) -> V | None:
        """Returns the value, or None."""
        entry = self._known.get(key)
        if entry is None:
            return None
        self._known.move_to_end(key)
        return entry[0]

    def add(self, key: K, value: V, weight: int) -> None:
        """Adds a value, unless it alone exceeds the weight, and drops others until both bounds hold."""
        self._weight -= self._known.pop(key, (value, 0))[1]
        if weight > self._most_weight:
            return
        self._known[key] = (value, weight)
        self._weight += weight
        while len(self._known) > self._most or self._weight > self._most_weight:
            _oldest, (_value, lost) = self._known.popitem(last=False)
            self._weight -= lost

    def __len__(self) -> int:
        return len(self._known)
