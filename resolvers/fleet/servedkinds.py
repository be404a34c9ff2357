"""A cache of the kinds that a cluster serves to one identity, which all callers with that identity share.

It is read at first use, in the background once it is old, and at once for a kind that it does not have. Everybody who
needs it at the same time waits for the same requests. It belongs to one identity, so no answer to one is used for
another; equal documents are decoded and kept once for the whole fleet.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Final, TypeVar

import msgspec

from k8s.apiserver.discovery import SharedServed, read_served
from k8s.apiserver.limits import DiscoveryLimits
from k8s.apiserver.served import Served
from k8s.errors import TimedOut
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from k8s.turns.steps import start
from resolvers.errors import without_frames
from resolvers.fleet.connectionpool import Version
from resolvers.unexpected import contained

T = TypeVar("T")

MAX_CACHES: Final = 20_000
"""The limit of caches over all clusters and identities; the least recently used ones are dropped."""
MAX_KINDS: Final = 500_000
"""The limit of kinds in all results that differ, which take about half a kilobyte each; then older results go."""
_LEAST_S: Final = 1.0
"""Seconds between the beginnings of two reads of one cluster with one identity."""


class ServedCaches:
    """The caches of a fleet, by cluster and identity, and their reads in progress."""

    def __init__(
        self,
        limits: DiscoveryLimits | None = None,
        *,
        clock: Callable[[], float] = monotonic,
        most_caches: int = MAX_CACHES,
        most_kinds: int = MAX_KINDS,
    ) -> None:
        """Takes the limits of discovery, a monotonic clock, and the limits of all caches together."""
        self.limits = limits or DiscoveryLimits()
        self.clock = clock
        self._most_caches, self._most_kinds = most_caches, most_kinds
        self._caches: OrderedDict[tuple[Version, object], ServedCache] = OrderedDict()
        self._shared = SharedServed()
        self._reads: set[asyncio.Task[Served]] = set()
        self._is_closed = False

    def of(self, version: Version, rights: object) -> "ServedCache":
        """Returns the cache of a registration and an identity with its rights."""
        key = (version, rights)
        cache = self._caches.get(key)
        if cache is None:
            cache = self._caches[key] = ServedCache(self)
            while len(self._caches) > self._most_caches:
                self._caches.popitem(last=False)
        self._caches.move_to_end(key)
        return cache

    def retain(self, versions: Collection[Version]) -> None:
        """Drops the caches of all other registrations."""
        for key in [key for key in self._caches if key[0] not in versions]:
            del self._caches[key]

    def begin(self, sender: Sender, timeout_s: float, before: Served | None) -> "asyncio.Task[Served]":
        """Starts to read what a server serves, after an earlier result; raises CancelledError once the fleet closes."""
        if self._is_closed:
            raise asyncio.CancelledError
        read = start(self._read(sender, timeout_s, before))
        self._reads.add(read)
        read.add_done_callback(self._end)
        return read

    def make_room(self, newest: "ServedCache") -> None:
        """Forgets results of caches that were not used lately, while all results together are over the limit."""
        for key, cache in [*islice(self._caches.items(), 64)]:  # a few at a time
            if sum(len(served.kinds) for served in self._shared.values()) <= self._most_kinds:
                return
            self._caches.move_to_end(key)
            if cache is not newest:
                cache.known, cache.known_since_s = None, -float("inf")

    async def close(self) -> None:
        """Cancels the reads in progress."""
        self._is_closed = True
        for read in self._reads:
            read.cancel()
        await asyncio.gather(*self._reads, return_exceptions=True)

    async def _read(self, sender: Sender, timeout_s: float, before: Served | None) -> Served:
        limit = self.limits.kinds
        with contained(sender.name):
            served = await read_served(sender, Deadline(timeout_s), most_kinds=limit, shared=self._shared)
        if before is not None and (whole := await served.with_silent(before, most_kinds=limit)) is not served:
            served = self._shared[id(whole).to_bytes(8)] = whole  # so that `make_room` counts its kinds
        return served

    def _end(self, read: "asyncio.Task[Served]") -> None:
        self._reads.discard(read)
        if not read.cancelled() and (error := read.exception()) is not None:
            without_frames(error)


class ServedCache:
    """The kinds that one cluster serves to one identity.

    Attributes:
        known: The last result, with earlier kinds of groups that do not answer now; None before the first one.
        began_s: The time at which the last read began.
        known_since_s: The time at which the read of `known` began.
        known_at: The same as a date.
    """

    __slots__ = ("_caches", "_read", "began_s", "known", "known_at", "known_since_s")

    def __init__(self, caches: ServedCaches | None = None) -> None:
        """Takes the caches of the fleet."""
        self._caches = caches or ServedCaches()
        self.known: Served | None = None
        self.known_at: datetime | None = None
        self.began_s = self.known_since_s = -float("inf")
        self._read: asyncio.Task[Served] | None = None

    @property
    def is_old(self) -> bool:
        """True if the last successful read began too long ago, or if there was none."""
        return self.now_s - self.known_since_s > self._caches.limits.refresh_s

    @property
    def wait_s(self) -> float:
        """Seconds until another read may begin."""
        return max(0.0, self.began_s + _LEAST_S - self.now_s)

    @property
    def now_s(self) -> float:
        """The seconds of the clock."""
        return self._caches.clock()

    def read(self, sender: Sender, timeout_s: float) -> "asyncio.Task[Served]":
        """Returns the read in progress; starts one if there is none."""
        if self._read is None:
            self._read = self._caches.begin(sender, timeout_s, self.known)
            self.began_s = self.now_s
            self._read.add_done_callback(self._end)
        return self._read

    def _end(self, read: "asyncio.Task[Served]") -> None:
        self._read = None
        if not read.cancelled() and read.exception() is None:
            self.known, self.known_since_s = read.result(), self.began_s
            self.known_at = datetime.now(UTC) - timedelta(seconds=self.now_s - self.began_s)
            self._caches.make_room(self)


class ServedKinds(msgspec.Struct, frozen=True, gc=False):  # each cluster of each caller has one
    """The kinds that a cluster serves to a caller, over the caller's sender.

    Reads have tasks of their own, so each caller waits until its own deadline, and cancels nothing.
    """

    sender: Sender
    cache: ServedCache = msgspec.field(default_factory=ServedCache)

    @property
    def known(self) -> Served | None:
        """The last result, without a request; None before the first one."""
        return self.cache.known

    @property
    def age_s(self) -> float:
        """The seconds since the last result was read; infinite without one."""
        return self.cache.now_s - self.cache.known_since_s

    async def current(self, deadline: Deadline) -> Served:
        """Returns what is known, or else reads it; if it is old, it is read again in the background.

        Raises:
            ClusterError: It is not known, and the cluster failed.
        """
        known = self.cache.known
        if known is None:
            return await self._awaited(deadline)
        if self.cache.is_old and not self.cache.wait_s:
            self.cache.read(self.sender, deadline.timeout_s)
        return known

    async def recent(self, deadline: Deadline) -> Served:
        """Returns what is known unless it is old; then reads it.

        Raises:
            ClusterError: It is not known or old, and the cluster failed.
        """
        known = self.cache.known
        return await self._awaited(deadline) if known is None or self.cache.is_old else known

    async def reread(self, deadline: Deadline) -> Served:
        """Returns the result of a read that begins now or later, because a kind was not found.

        Reads begin at most once a second; all who wait for the next one share it.

        Raises:
            ClusterError: The cluster failed.
        """
        asked_s = self.cache.now_s
        while (known := self.cache.known) is None or self.cache.known_since_s < asked_s:
            if wait_s := self.cache.wait_s:
                await self._pause(wait_s, deadline)
            else:
                await self._awaited(deadline)
        return known

    async def find(self, deadline: Deadline, lookup: Callable[[Served], T]) -> T:
        """Returns the first true result of a lookup: in what is known, else in what is read at once.

        Raises:
            ClusterError: The cluster failed.
        """
        known = self.cache.known
        found = lookup(await self.current(deadline))
        if found or known is None:  # it was read just now
            return found
        return lookup(await self.reread(deadline))

    async def _awaited(self, deadline: Deadline) -> Served:
        reading = self.cache.read(self.sender, deadline.timeout_s)
        with deadline.running():
            await asyncio.wait([reading], timeout=deadline.left_s)
        if not reading.done():
            raise self._late(deadline)
        return reading.result()

    async def _pause(self, wait_s: float, deadline: Deadline) -> None:
        if wait_s > deadline.left_s:
            raise self._late(deadline)
        with deadline.running():
            await asyncio.sleep(wait_s)

    def _late(self, deadline: Deadline) -> TimedOut:
        cause = f"no complete answer to get the kinds that it serves within its {deadline.timeout_s:.3g} s."
        return TimedOut(self.sender.name, cause)
