"""Changes that a client that continues with a token has missed of one cluster, found exactly or not at all.

What was added or changed since the token has a later resource version. What was deleted is in the watch from the
token's version; whether all of it was seen is known by the sum of the members, which needs no bookmark. And whether
the client has a row that has changed, or had been filtered out, is known by the sums of its rows.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from k8s.errors import ClusterError
from k8s.turns.turns import Pace
from k8s.watches.heldobject import member_hash
from k8s.watches.keyorder import Key
from k8s.watches.reflector.watchevent import EventType, WatchEvent
from k8s.watches.sharedwatches import SharedWatches
from resolvers.live.changes import RowSums, SentRows, key_hash
from resolvers.live.dependency import Dependency
from resolvers.live.followedcluster import FollowedCluster, KeyOf, target_digest
from resolvers.live.resuming.resumetokens import ClusterPlace, WatchPlace

_LIMIT_S: Final = 10.0
"""Seconds to find out what was deleted."""
_MOST_DOUBTFUL: Final = 28
"""Rows of which it can be found out by sums which of them a client has."""

WatchesOf = Callable[[Dependency], SharedWatches | None]


class NotResumable(Exception):
    """It cannot be known what a client has missed; it gets all rows again."""


class Resumption:
    """One cluster, from the place of a token to the moment of its construction."""

    def __init__(self, cluster: FollowedCluster, place: ClusterPlace, key_of: KeyOf, watches_of: WatchesOf) -> None:
        """Takes the moment up to which changes are found out: those after it are for the caller to note.

        Args:
            cluster: The cluster; all its rows have been evaluated.
            place: The place of the token.
            key_of: Returns the key of a row.
            watches_of: Returns the watches to which a dependency belongs.
        """
        self._place = place
        self._sent = cluster.sent.copy()
        self._dirty = set(cluster.dirty)
        self._is_all_dirty = cluster.is_all_dirty
        self._steps = [_Step(one, watches_of(one), key_of) for one in cluster.dependencies]

    async def missed(self) -> Mapping[Key, bool]:
        """Returns the keys of rows that may have changed, and whether the client has each.

        Raises:
            NotResumable: That cannot be known.
        """
        if self._place.watches is None or self._is_all_dirty:
            raise NotResumable
        places = {place.target: place for place in self._place.watches}
        if places.keys() != {step.target for step in self._steps}:
            raise NotResumable
        existed: dict[Key, bool] = dict.fromkeys(self._dirty, True)
        for step in self._steps:
            existed.update(await step.changed_since(places[step.target]))
        rest = self._sent.sums_without(existed)
        has = _of_client(self._place.sums, rest, existed, self._sent)
        return {key: key in has for key in existed}


class _Step:
    """One watch of the cluster, as it was at the moment of the construction."""

    def __init__(self, dependency: Dependency, watches: SharedWatches | None, key_of: KeyOf) -> None:
        self.target = target_digest(dependency.held.target)
        self._held = dependency.held
        self._watches = watches
        self._key_of = key_of
        self._is_link, self._is_root = dependency.is_link, dependency.is_root
        self._content = 0 if dependency.has_news else dependency.content
        self._version, self._members = self._held.version, self._held.members
        self._objects = self._held.copy()

    async def changed_since(self, place: WatchPlace) -> dict[Key, bool]:
        """Returns the rows that have changed, and whether each existed at the token's version."""
        is_alike = bool(place.content) and place.content == self._content
        if self._is_link and is_alike and not self._is_root:
            return {}
        if not _is_version(place.version) or not _is_version(self._version) or self._is_later(place.version):
            raise NotResumable  # such as those of a restored etcd
        before = _order(place.version)
        pace, changed = Pace(), list[Key]()
        for key, held in self._objects.items():
            if not _is_version(held.version) or _order(held.version) > before:
                changed.append(key)
            await pace.breathe()
        if self._is_link and not is_alike and (changed or self._members != place.members):
            raise NotResumable
        if not self._is_root:
            return {}
        deleted, added = await self._replay(place)
        target = self._held.target
        existed = {self._key_of(target, key): key not in added for key in changed}
        return existed | {self._key_of(target, key): True for key in deleted}

    async def _replay(self, place: WatchPlace) -> tuple[set[Key], set[Key]]:
        """Returns the objects that were deleted since, and those that were added and are there."""
        first: dict[Key, EventType] = {}
        members = place.members
        if members != self._members:
            try:
                async with asyncio.timeout(_LIMIT_S):
                    members = await self._read(place, first)
            except (ClusterError, TimeoutError):
                raise NotResumable from None
        if members != self._members:
            raise NotResumable
        added = {key for key, event in first.items() if event is EventType.ADDED}
        return {key for key in first if key not in added and key not in self._objects}, added

    async def _read(self, place: WatchPlace, first: dict[Key, EventType]) -> int:
        """Reads events until the members are those of the moment; returns the sum of the members."""
        if self._watches is None:
            raise NotResumable
        members, until = place.members, _order(self._version)
        batches = self._watches.since(self._held.target, place.version, limit_s=_LIMIT_S)
        async with aclosing(batches):
            async for events in batches:
                for event in events:
                    if _order(event.metadata.resource_version) > until:
                        return members
                    members = (members + _weight(event)) % 2**64
                    if event.type is not EventType.BOOKMARK:
                        first.setdefault((event.metadata.namespace, event.metadata.name), event.type)
                    if members == self._members:
                        return members
        return members

    def _is_later(self, version: str) -> bool:
        return _order(version) > _order(self._version)


def _weight(event: WatchEvent) -> int:
    """Returns the change of the sum of members by an event."""
    if event.type not in {EventType.ADDED, EventType.DELETED}:
        return 0
    metadata = event.metadata
    weight = member_hash((metadata.namespace, metadata.name), metadata.uid)
    return weight if event.type is EventType.ADDED else -weight


def _of_client(client: RowSums, rest: RowSums, existed: Mapping[Key, bool], sent: SentRows) -> set[Key]:
    """Returns the doubtful rows that a client has.

    Args:
        client: The sums of its rows.
        rest: The sums of the rows that have not changed.
        existed: The doubtful rows, and whether each existed at the time of the token.
        sent: The rows of now.

    Raises:
        NotResumable: It cannot be known.
    """
    count, total = client.rows - rest.rows, (client.keys - rest.keys) % 2**64
    doubtful = [key for key, has_existed in existed.items() if has_existed]
    if not count:
        if total or client.content != rest.content:
            raise NotResumable
        return set()
    likely = [key for key in doubtful if key in sent]
    for guess in (doubtful, likely):
        if len(guess) == count and sum(map(key_hash, guess)) % 2**64 == total:
            return set(guess)
    if count > len(doubtful) or len(doubtful) > _MOST_DOUBTFUL:
        raise NotResumable
    return _subset(doubtful, total)


def _subset(keys: Sequence[Key], total: int) -> set[Key]:
    """Returns the keys whose hashes have a sum; sums of each half of them are compared."""
    half = len(keys) // 2
    sums = dict(_sums(keys[:half]))
    for other, chosen in _sums(keys[half:]):
        if (first := sums.get((total - other) % 2**64)) is not None:
            return {key for place, key in enumerate(keys[:half]) if first >> place & 1} | {
                key for place, key in enumerate(keys[half:]) if chosen >> place & 1
            }
    raise NotResumable


def _sums(keys: Sequence[Key]) -> Iterable[tuple[int, int]]:
    """Returns the sum of each subset, with the bits of its keys."""
    sums = [(0, 0)]
    for place, key in enumerate(keys):
        weight = key_hash(key)
        sums += [((total + weight) % 2**64, chosen | 1 << place) for total, chosen in sums]
    return sums


def _is_version(version: str) -> bool:
    """Returns whether a resource version can be compared (KEP-5504)."""
    return version.isascii() and version.isdecimal()


def _order(version: str) -> tuple[int, str]:
    return len(version), version
