"""A cache of the namespaces and kinds that one identity may list in one cluster, for 10 s and of limited size.

It only decides which requests to send: the cluster's RBAC decides every read. It belongs to one client, so no answer to
one identity is used for another. A cluster can send anything, so the cache is small: it has the kinds that may be
listed, not the rules.
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
"""Seconds for which an answer is cached: a new grant takes effect after them at the latest."""

MAX_ENTRIES: Final = 4096
"""Limit of values in one cache, which are mostly namespaces."""


class ExpiringCache(Generic[K, V]):
    """Values that expire after `ttl_s` seconds, and are removed soon after even if the cache is not read."""

    def __init__(self, clock: Callable[[], float], *, most: int = MAX_ENTRIES, ttl_s: float = TTL_S) -> None:
        """Takes the seconds of a monotonic clock, the largest number of values, and their time to live."""
        self._clock = clock
        self._most = most
        self._ttl_s = ttl_s
        self._values: OrderedDict[K, tuple[float, V]] | None = None  # None until the first value: most stay empty
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._values or ())

    def get(self, key: K) -> V | None:
        """Returns a value; None if there is none, or if it has expired."""
        if not self._values:
            return None
        until_s, value = self._values.get(key, (0.0, None))
        return value if self._clock() < until_s else None

    def put(self, key: K, value: V) -> None:
        """Adds a value and removes those that have expired or are over the limit."""
        if self._values is None:
            self._values = OrderedDict()
        self._values.pop(key, None)
        self._values[key] = (self._clock() + self._ttl_s, value)
        self._tidy()

    def drop(self, key: K) -> None:
        """Removes a value."""
        if self._values:
            self._values.pop(key, None)

    def clear(self) -> None:
        """Removes all values."""
        self._values = None

    def _tidy(self) -> None:
        now_s = self._clock()
        while self._values and (len(self._values) > self._most or next(iter(self._values.values()))[0] <= now_s):
            self._values.popitem(last=False)
        if self._values and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._ttl_s, self._time_is_over)

    def _time_is_over(self) -> None:
        self._timer = None
        self._tidy()


@dataclass(frozen=True, slots=True)
class NamespaceNames:
    """The namespaces of a cluster that may have objects for an identity.

    Attributes:
        count: their number.
        names: their names; empty if they are too many to be checked one by one.
    """

    count: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListRules:
    """The rules for lists in one namespace.

    Attributes:
        kinds: the namespaced built-in kinds that may be listed there.
        is_complete: true if no other built-in kind may be listed.
        namespaces: namespaces that the rules name; read from the rules of one namespace, as all repeat them.
    """

    kinds: frozenset[Kind]
    is_complete: bool
    namespaces: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def same_kinds(kinds: frozenset[Kind]) -> frozenset[Kind]:
    """Returns one object for equal sets: most namespaces, and most identities, have the same few."""
    return kinds


class Listable:
    """The caches of one client; those that most clients do not need are created on first use.

    Attributes:
        refused: kinds that may not be listed in all namespaces.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.refused: ExpiringCache[Kind, bool] = ExpiringCache(clock)

    @cached_property
    def namespaces(self) -> ExpiringCache[None, NamespaceNames]:
        """The namespaces that may have objects for the identity, under the key None."""
        return ExpiringCache(self._clock)

    @cached_property
    def rules(self) -> ExpiringCache[str, ListRules]:
        """The rules for lists by namespace."""
        return ExpiringCache(self._clock)

    def forget(self) -> None:
        """Removes everything, after lists that found no namespace: so a first grant takes effect at once."""
        self.refused.clear()
        self.namespaces.clear()
        self.rules.clear()
