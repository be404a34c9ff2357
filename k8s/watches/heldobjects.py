"""The current objects of a target, as its watch last said, for all who need them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Final, Protocol

import msgspec

from k8s import errors
from k8s.masking.kindmask import UNMASKED, KindMask
from k8s.watches.freshness import Freshness
from k8s.watches.heldobject import Held as Held
from k8s.watches.heldobject import are_alike, member_hash
from k8s.watches.keyorder import Key as Key
from k8s.watches.keyorder import KeyOrder
from k8s.watches.packing import Packing
from k8s.watches.reflector.watchevent import EventType, WatchEvent
from k8s.watches.target import WatchTarget
from k8s.watches.watchmemory import HeldMemory

_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


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
        version: The resource version behind all events so far; empty before the first sync, and for objects of
            servers without versions.
        is_complete: Whether all objects were there once, and may be seen.
        is_ended: Whether nothing will change any more; another watch may begin.
        polled_every_s: Seconds between two lists, because the objects cannot be watched; None for watched ones.
        heard_s: The monotonic time at which the API server last sent something.
        members: The sum of the hashes of all objects' names and uids (`member_hash`): equal for equal objects,
            whatever their contents.
    """

    def __init__(self, target: WatchTarget, masks: KindMask = UNMASKED, share: HeldMemory | None = None) -> None:
        """Takes what is held, the masks of the values that are not, and their memory."""
        self.target = target
        self.freshness = Freshness.SYNCING
        self.since = datetime.now(UTC)
        self.error: errors.ClusterError | None = None
        self.version = ""
        self.is_complete = self.is_ended = False
        self.polled_every_s: float | None = None
        self.heard_s = monotonic()
        self.members = 0
        self._share = share or HeldMemory()
        self._packing = Packing(masks)
        self._objects: dict[Key, Held] = {}
        self._order = KeyOrder()
        self._unseen: set[Key] | None = None
        self._listeners: set[Listener] = set()

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._objects)

    def __contains__(self, key: Key) -> bool:
        return key in self._objects

    @property
    def size_bytes(self) -> int:
        """Returns about the memory of the objects."""
        return self._share.size_bytes

    @property
    def version_to_continue(self) -> str:
        """Returns the version from which another watch may continue; empty if that one is to begin anew."""
        return self.version if self._unseen is None else ""

    def get(self, key: Key) -> Held | None:
        """Returns an object, or None."""
        return self._objects.get(key)

    def json(self, key: Key) -> bytes | None:
        """Returns the JSON of an object, or None."""
        held = self._objects.get(key)
        return None if held is None else self.unpacked(held)

    def copy(self) -> Mapping[Key, Held]:
        """Returns all objects as they are now."""
        return dict(self._objects)

    def unpacked(self, held: Held) -> bytes:
        """Returns the JSON of an object that is, or was, among these."""
        return self._packing.unpack(held.packed)

    def ordered(self) -> list[Key]:
        """Returns the keys in the order of API servers; the list is not to be changed."""
        return self._order.of(self._objects.keys())

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
        self.heard_s = monotonic()
        changed: dict[Key, Held | None] = {}
        try:
            for event in events:
                key = event.metadata.namespace, event.metadata.name
                if self._unseen is not None:
                    self._unseen.discard(key)
                before = self._objects.get(key)
                if self._remove(key) if event.type is EventType.DELETED else self._put(key, event):
                    changed.setdefault(key, before)
        finally:
            self._tell(changed)

    def synced(self, version: str) -> None:
        """Takes the end of all objects, and drops those that were not among them."""
        gone: dict[Key, Held | None] = {key: self._objects.get(key) for key in self._unseen or ()}
        gone = {key: before for key, before in gone.items() if self._remove(key)}
        self._unseen = None
        self.version, self.is_complete = version, True
        self._tell(gone)

    def reached(self, version: str) -> None:
        """Takes the version behind the events so far."""
        self.version, self.heard_s = version, monotonic()
        if self.freshness is not Freshness.LIVE:
            self.connected()

    def connected(self, *, polled_every_s: float | None = None) -> None:
        """Takes the first answer of a request, or of each list of objects that cannot be watched."""
        self.error, self.heard_s = None, monotonic()
        is_other = polled_every_s != self.polled_every_s
        self.polled_every_s = polled_every_s
        self._refresh(Freshness.LIVE, is_other=is_other)

    def interrupted(self, error: errors.ClusterError) -> None:
        """Takes the failure of a request."""
        is_other = str(error) != str(self.error)
        self.error = error
        self._refresh(Freshness.STALE if self.is_complete else Freshness.FAILED, is_other=is_other)

    def revoke(self, error: errors.ClusterError) -> None:
        """Drops all objects, because they may not be seen any more."""
        self._drop(error)

    def end(self, error: errors.ClusterError) -> None:
        """Drops all objects for good, because their watch ended; `error` says why."""
        if not self.is_ended:
            self.is_ended = True
            self._drop(error)

    def _drop(self, error: errors.ClusterError) -> None:
        before: Mapping[Key, Held | None] = dict(self._objects)
        self._objects.clear()
        self._order.clear()
        self._share.resize(-self.size_bytes)
        self._unseen, self.members, self.version, self.is_complete, self.error = None, 0, "", False, error
        self._refresh(Freshness.FAILED, is_other=True)
        self._tell(before)

    def _put(self, key: Key, event: WatchEvent) -> bool:
        before = self._objects.get(key)
        is_same = before and (before.uid, before.version) == (event.metadata.uid, event.metadata.resource_version)
        if is_same and self._unseen is None:
            return False
        try:
            packed = self._packing.pack(event.object)
        except _UNREADABLE:
            return self._remove(key)  # its head was JSON, but it is no object that can be shown
        if before and is_same and are_alike(self._packing.unpack(packed), self.unpacked(before)):
            return False  # a restored server gives a version of before to something else
        self._objects[key] = held = Held(event.metadata.uid, event.metadata.resource_version, packed)
        self._share.resize(held.size_bytes(key) - (before.size_bytes(key) if before else 0))
        if before is None:
            self._order.change(key)
        if before is None or before.uid != event.metadata.uid:
            gone = 0 if before is None else member_hash(key, before.uid)
            self.members = (self.members - gone + member_hash(key, event.metadata.uid)) % 2**64
        return True

    def _remove(self, key: Key) -> bool:
        before = self._objects.pop(key, None)
        if before is None:
            return False
        self._share.resize(-before.size_bytes(key))
        self.members = (self.members - member_hash(key, before.uid)) % 2**64
        self._order.change(key)
        return True

    def _tell(self, before: Mapping[Key, Held | None]) -> None:
        if before:
            for listener in tuple(self._listeners):
                listener.changed(before)

    def _refresh(self, freshness: Freshness, *, is_other: bool) -> None:
        """Lets listeners hear of another freshness, or of another reason for it."""
        if freshness is not self.freshness:
            self.freshness, self.since = freshness, datetime.now(UTC)
        elif not is_other:
            return
        for listener in tuple(self._listeners):
            listener.refreshed()
