"""What was found of where one identity may list the objects of one cluster, kept for a short time.

It only says where to ask: the cluster's RBAC decides every read. It belongs to one connection, so nothing that one
identity was told is used for another.
"""

from collections.abc import Callable
from time import monotonic
from typing import Final, Generic, TypeVar

from k8s.kind import Kind
from k8s.rules import Rules

K = TypeVar("K")
V = TypeVar("V")

KEPT_S: Final = 10.0
"""Seconds for which an answer is used again: a new grant is seen after them at the latest."""

_SMALL: Final = 64


class Recent(Generic[K, V]):
    """Values that are known for `KEPT_S` seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._values: dict[K, tuple[float, V]] = {}
        self._tidied_at = _SMALL

    def get(self, key: K) -> V | None:
        """The value, if it is known and not too old."""
        until_s, value = self._values.get(key, (0.0, None))
        return value if self._clock() < until_s else None

    def put(self, key: K, value: V) -> None:
        """Notes a value; those that are too old are dropped."""
        now_s = self._clock()
        if len(self._values) >= self._tidied_at:
            self._values = {known: kept for known, kept in self._values.items() if now_s < kept[0]}
            self._tidied_at = max(_SMALL, 2 * len(self._values))
        self._values[key] = (now_s + KEPT_S, value)

    def drop(self, key: K) -> None:
        """Forgets a value."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forgets all values."""
        self._values.clear()


class Listable:
    """Kept beside a connection.

    Attributes:
        refused: kinds that may not be listed in all namespaces.
        namespaces: under None, the names of all namespaces that may be worth asking in.
        rules: what is allowed, by namespace.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.refused: Recent[Kind, bool] = Recent(clock)
        self.namespaces: Recent[None, tuple[str, ...]] = Recent(clock)
        self.rules: Recent[str, Rules] = Recent(clock)

    def forget(self) -> None:
        """Forgets it all, where it leads nowhere: a first grant is seen at once."""
        self.refused.clear()
        self.namespaces.clear()
        self.rules.clear()
