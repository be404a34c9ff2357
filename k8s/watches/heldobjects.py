"""The current objects of a target, as its watch last said, for all who need them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Final, Protocol, TypeAlias

import msgspec

from k8s import errors
from k8s.masking.kindmask import UNMASKED, KindMask
from k8s.watches.packing import Packing
from k8s.watches.target import WatchTarget
from k8s.watches.watchevents import EventType, WatchEvent

Key: TypeAlias = tuple[str, str]
"""Namespace and name of an object; the namespace of an object of the whole cluster is empty."""

_OVERHEAD_BYTES: Final = 400
"""Memory of an object besides its JSON: its key, versions, and places in tables."""


class Freshness(StrEnum):
    """How current held objects are.

    - SYNCING: not all objects have arrived yet.
    - LIVE: all that the API server sends.
    - STALE: those of the last connection; the watch is about to continue.
    - FAILED: none, because no connection has succeeded.
    """

    SYNCING = "SYNCING"
    LIVE = "LIVE"
    STALE = "STALE"
    FAILED = "FAILED"


class Held(msgspec.Struct, gc=False, frozen=True):
    """One object.

    Attributes:
        uid: Its uid.
        version: Its resource version.
        packed: Its JSON (`k8s.watches.packing`).
    """

    uid: str
    version: str
    packed: bytes


class Listener(Protocol):
    """Hears of changes; it must not take long, nor raise."""

    def changed(self, before: Mapping[Key, Held | None]) -> None:
        """Hears of objects that were added, changed or deleted, each with its state before; None for an added one."""
        ...

    def refreshed(self) -> None:
        """Hears of another freshness."""
        ...


class HeldObjects:
    """Takes the events of one watch (`WatchSink`) and holds the current state of each object.

    Attributes:
        target: What is held.
        freshness, since: How current it is, and since when.
        error: The failure of the last request; None while it is live.
        version: The resource version behind all events so far; empty before the first sync.
        size_bytes: About the memory of the objects.
        members: The sum of the hashes of all objects' names and uids (`member_hash`): equal for equal objects,
            whatever their contents.
    """

    def __init__(self, target: WatchTarget, masks: KindMask = UNMASKED) -> None:
        """Takes what is held, and the masks of the values that are not."""
        self.target = target
        self.freshness = Freshness.SYNCING
        self.since = datetime.now(UTC)
        self.error: errors.ClusterError | None = None
        self.version = ""
        self.size_bytes = self.members = 0
        self._packing = Packing(masks)
        self._objects: dict[Key, Held] = {}
        self._order: list[Key] | None = None
        self._unseen: set[Key] | None = None
        self._listeners: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._objects)

    @property
    def is_complete(self) -> bool:
        """Returns whether all objects were there once."""
        return bool(self.version)

    def get(self, key: Key) -> Held | None:
        """Returns an object, or None."""
        return self._objects.get(key)

    def json(self, key: Key) -> bytes | None:
        """Returns the JSON of an object, or None."""
        held = self._objects.get(key)
        return None if held is None else self.unpacked(held)

    def unpacked(self, held: Held) -> bytes:
        """Returns the JSON of an object that is, or was, among these."""
        return self._packing.unpack(held.packed)

    def ordered(self) -> list[Key]:
        """Returns the keys in the order of API servers; the list is not to be changed."""
        if self._order is None:
            self._order = sorted(self._objects, key=place_of)
        return self._order

    def listen(self, listener: Listener) -> None:
        """Lets a listener hear of changes from now on."""
        self._listeners.add(listener)

    def unlisten(self, listener: Listener) -> None:
        """Lets a listener hear nothing more."""
        self._listeners.discard(listener)

    def began_anew(self) -> None:
        """Takes the beginning of all objects."""
        self._unseen = set(self._objects)

    def changed(self, events: list[WatchEvent]) -> None:
        """Takes events; those that change nothing, such as repeated ones, are heard of by nobody."""
        changed: dict[Key, Held | None] = {}
        for event in events:
            key = event.metadata.namespace, event.metadata.name
            if self._unseen is not None:
                self._unseen.discard(key)
            before = self._objects.get(key)
            if self._remove(key) if event.type is EventType.DELETED else self._put(key, event):
                changed.setdefault(key, before)
        self._tell(changed)

    def synced(self, version: str) -> None:
        """Takes the end of all objects, and drops those that were not among them."""
        gone: dict[Key, Held | None] = {key: self._objects.get(key) for key in self._unseen or ()}
        gone = {key: before for key, before in gone.items() if self._remove(key)}
        self._unseen = None
        self.version = version
        self._tell(gone)

    def reached(self, version: str) -> None:
        """Takes the version behind the events so far."""
        self.version = version
        if self.freshness is not Freshness.LIVE:
            self.connected()

    def connected(self) -> None:
        """Takes the first answer of a request."""
        self.error = None
        self._refresh(Freshness.LIVE)

    def interrupted(self, error: errors.ClusterError) -> None:
        """Takes the failure of a request."""
        self.error = error
        self._refresh(Freshness.STALE if self.is_complete else Freshness.FAILED)

    def revoke(self, error: errors.ClusterError) -> None:
        """Drops all objects, because they may not be seen any more."""
        before: Mapping[Key, Held | None] = dict(self._objects)
        self._objects.clear()
        self._order, self._unseen, self.size_bytes, self.members, self.version = None, None, 0, 0, ""
        self.error = error
        self._refresh(Freshness.FAILED)
        self._tell(before)

    def _put(self, key: Key, event: WatchEvent) -> bool:
        before = self._objects.get(key)
        if before and (before.uid, before.version) == (event.metadata.uid, event.metadata.resource_version):
            return False
        try:
            packed = self._packing.pack(event.object)
        except msgspec.DecodeError:
            return False  # its head was JSON, and the rest of it is checked by whoever decodes lists
        self._objects[key] = Held(event.metadata.uid, event.metadata.resource_version, packed)
        self.size_bytes += len(packed) - len(before.packed) if before else len(packed) + _OVERHEAD_BYTES
        if before is None:
            self._order = None
        if before is None or before.uid != event.metadata.uid:
            self._count_member(key, before, event.metadata.uid)
        return True

    def _count_member(self, key: Key, before: Held | None, uid: str) -> None:
        gone = 0 if before is None else member_hash(key, before.uid)
        self.members = (self.members - gone + member_hash(key, uid)) % 2**64

    def _remove(self, key: Key) -> bool:
        before = self._objects.pop(key, None)
        if before is None:
            return False
        self.size_bytes -= len(before.packed) + _OVERHEAD_BYTES
        self.members = (self.members - member_hash(key, before.uid)) % 2**64
        self._order = None
        return True

    def _tell(self, before: Mapping[Key, Held | None]) -> None:
        if before:
            for listener in tuple(self._listeners):
                listener.changed(before)

    def _refresh(self, freshness: Freshness) -> None:
        if freshness is not self.freshness:
            self.freshness, self.since = freshness, datetime.now(UTC)
            for listener in tuple(self._listeners):
                listener.refreshed()


def place_of(key: Key) -> tuple[str, str]:
    """Returns the place of a key: API servers order by `namespace/name`, so `shop-eu` comes before `shop`."""
    return key[0] + "/", key[1]


def member_hash(key: Key, uid: str) -> int:
    """Returns a hash of an object's identity, the same in every process; it fits 64 bits."""
    text = "\n".join((*key, uid)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
