"""Objects in memory that change while they are served."""

from collections.abc import Iterable, Sequence

import msgspec

from k8s.kinds.kind import Kind
from snapshots.serving.content import ObjectList
from snapshots.serving.index.item import Item, item_bytes
from snapshots.serving.place import key_of, kind_of
from snapshots.serving.servedkinds import by_type, served_kinds
from snapshots.serving.static import DEFAULT_VERSION, highest_version, sorted_by_kind
from snapshots.serving.watching.changelog import Change, ChangeLog, ChangeReader


class LiveContent:
    """A content whose objects can be applied and deleted while it is served; see `Content`.

    Each change has a revision, as in etcd: one counter for all kinds, which is the changed object's
    `metadata.resourceVersion` and the version of every list. Use it only in the event loop that serves it.
    """

    def __init__(
        self,
        objects: Iterable[Item],
        *,
        version: str = DEFAULT_VERSION,
        kinds: Iterable[Kind] | None = None,
        resource_version: str | None = None,
    ) -> None:
        """Sorts the objects of a cluster, as `StaticContent`; an object without a resource version gets one."""
        items = tuple(objects)
        self.version = version
        self.kinds: Sequence[Kind] = served_kinds(items) if kinds is None else tuple(kinds)
        self._revision = int(resource_version or highest_version(items))
        self._types = by_type(self.kinds)
        self._items = sorted_by_kind((_versioned(item, self._revision) for item in items), self.kinds)
        self._lists: dict[Kind, tuple[bytes, ...]] = {}
        self._logs = {kind: ChangeLog(self._revision) for kind in self.kinds}

    @property
    def resource_version(self) -> str:
        """Returns the revision of the latest change."""
        return str(self._revision)

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns the current objects of a kind."""
        if kind not in self._lists:
            items = self._items[kind]
            self._lists[kind] = tuple(items[key] for key in sorted(items))
        return ObjectList(self.resource_version, self._lists[kind])

    def changes(self, kind: Kind, *, after: int) -> ChangeReader:
        """Returns the changes of a kind since a revision."""
        return ChangeReader(self._logs[kind], after=after)

    def get(self, kind: Kind, namespace: str | None, name: str) -> dict[str, object] | None:
        """Returns a copy of an object, for a change and `apply`; None if it does not exist."""
        body = self._items[kind].get(f"{namespace}/{name}" if kind.namespaced else name)
        if body is None:
            return None
        return {
            "apiVersion": kind.api_version,
            "kind": kind.name,
            **msgspec.json.decode(body, type=dict[str, object]),
        }

    def apply(self, item: Item) -> None:
        """Creates or replaces an object; does nothing if it is unchanged.

        Raises:
            ContentInvalid: Its kind is not served, or it has no name.
        """
        kind = kind_of(item, self._types)
        key = key_of(kind, item)
        previous = self._items[kind].get(key)
        if previous is not None and _without_version(kind, item) == _without_version(kind, _decoded(previous)):
            return
        self._revision += 1
        body = item_bytes(kind, _at_version(item, self._revision))
        self._items[kind][key] = body
        self._note(kind, Change("ADDED" if previous is None else "MODIFIED", self._revision, body, previous))

    def delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Removes an object; does nothing if it does not exist."""
        previous = self._items[kind].pop(f"{namespace}/{name}" if kind.namespaced else name, None)
        if previous is None:
            return
        self._revision += 1
        last = msgspec.json.encode(_at_version(_decoded(previous), self._revision))
        self._note(kind, Change("DELETED", self._revision, last, previous))

    def _note(self, kind: Kind, change: Change) -> None:
        self._lists.pop(kind, None)
        self._logs[kind].append(change)


def _decoded(body: bytes) -> dict[str, object]:
    return msgspec.json.decode(body, type=dict[str, object])


def _versioned(item: Item, revision: int) -> Item:
    metadata = item.get("metadata")
    has_version = isinstance(metadata, dict) and metadata.get("resourceVersion")
    return item if has_version else _at_version(item, revision)


def _at_version(item: Item, revision: int) -> Item:
    metadata = item.get("metadata")
    fields = metadata if isinstance(metadata, dict) else {}
    return {**item, "metadata": {**fields, "resourceVersion": str(revision)}}


def _without_version(kind: Kind, item: Item) -> object:
    """Returns an object without its version, as JSON has it, for comparison: tuples are lists there."""
    return _decoded(item_bytes(kind, _at_version(item, 0)))
