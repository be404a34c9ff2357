"""What was found of where one identity may list the objects of one cluster, kept for a short time and in bounds.

It only says where to ask: the cluster's RBAC decides every read. It belongs to one connection, so nothing that one
identity was told is used for another. A cluster may tell anything, so what is kept of that is small: which kinds may be
listed, not the rules that say so.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from time import monotonic
from typing import Final, Generic, TypeVar

from k8s.kinds.kind import Kind

K = TypeVar("K")
V = TypeVar("V")

TTL_S: Final = 10.0
"""Seconds for which an answer is used again: a new grant is seen after them at the latest."""

MAX_ENTRIES: Final = 4096
"""Values of one sort: namespaces, mostly."""


class ExpiringCache(Generic[K, V]):
    """Values that are known for `kept_s` seconds, and are let go of soon after, whether anybody asks or not."""

    def __init__(self, clock: Callable[[], float], *, most: int = MAX_ENTRIES, kept_s: float = TTL_S) -> None:
        """Takes the seconds of a monotonic clock, how many values there may be, and for how long."""
        self._clock = clock
        self._most = most
        self._kept_s = kept_s
        self._values: OrderedDict[K, tuple[float, V]] | None = None  # made with the first one: most keep none at all
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._values or ())

    def get(self, key: K) -> V | None:
        """The value, if it is known and not too old."""
        if not self._values:
            return None
        until_s, value = self._values.get(key, (0.0, None))
        return value if self._clock() < until_s else None

    def put(self, key: K, value: V) -> None:
        """Notes a value; those that are too old, or too many, are dropped."""
        if self._values is None:
            self._values = OrderedDict()
        self._values.pop(key, None)
        self._values[key] = (self._clock() + self._kept_s, value)
        self._tidy()

    def drop(self, key: K) -> None:
        """Forgets a value."""
        if self._values:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Forgets all values."""
        self._values = None

    def _tidy(self) -> None:
        now_s = self._clock()
        while self._values and (len(self._values) > self._most or next(iter(self._values.values()))[0] <= now_s):
            self._values.popitem(last=False)
        if self._values and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._kept_s, self._time_is_over)

    def _time_is_over(self) -> None:
        self._timer = None
        self._tidy()


@dataclass(frozen=True, slots=True)
class NamespaceNames:
    """The namespaces that may be worth asking in.

    Attributes:
        count: how many there are.
        names: they themselves, unless they are too many to be asked about one by one.
    """

    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRules:
    """What a cluster's rules for one namespace say of lists.

    Attributes:
        kinds: the namespaced built-in kinds that may be listed there.
        is_complete: whether no other built-in kind may.
        namespaces: those that the rules name; of one namespace's rules only, as all tell the same.
    """

    kinds: frozenset[Kind]
    is_complete: bool
    namespaces: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def same_kinds(kinds: frozenset[Kind]) -> frozenset[Kind]:
    """Returns the first one of equal sets: most namespaces, and most identities, have the same few."""
    return kinds


class Listable:
    """Kept beside a connection; what most have no use for is made when it is first asked for.

    Attributes:
        refused: kinds that may not be listed in all namespaces.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.refused: ExpiringCache[Kind, bool] = ExpiringCache(clock)

    @cached_property
    def namespaces(self) -> ExpiringCache[None, NamespaceNames]:
        """Under None, all namespaces that may be worth asking in."""
        return ExpiringCache(self._clock)

    @cached_property
    def rules(self) -> ExpiringCache[str, ListRules]:
        """What may be listed, by namespace."""
        return ExpiringCache(self._clock)

    def forget(self) -> None:
        """Forgets it all, where it leads nowhere: a first grant is seen at once."""
        self.refused.clear()
        self.namespaces.clear()
        self.rules.clear()
