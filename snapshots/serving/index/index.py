"""The objects of a list by their keys, so that pages, namespaces and names are found without reading any of them."""

from bisect import bisect_left
from collections.abc import Sequence

from k8s.kinds.kind import Kind
from snapshots.serving.index.indexedobject import IndexedObject
from snapshots.serving.pacing import in_slices
from snapshots.serving.selectors.fields import FieldSelector
from snapshots.serving.selectors.labels import LabelSelector
from snapshots.serving.selectors.selectable import SelectableFields


class ObjectIndex:
    """The objects of one kind at one moment, ordered by key.

    Attributes:
        objects: what it was made of.
        entries: the objects in order.
    """

    def __init__(self, objects: Sequence[bytes], entries: Sequence[IndexedObject], keys: Sequence[str]) -> None:
        """Takes the objects as they came, and in order with their keys."""
        self.objects = objects
        self.entries = entries
        self._keys = keys

    @classmethod
    async def of(cls, kind: Kind, objects: Sequence[bytes], before: "ObjectIndex | None" = None) -> "ObjectIndex":
        """The index of a list; what it shares with the list `before` is not read again.

        Raises:
            msgspec.DecodeError: an object is no JSON, or has no name.
        """
        known = {id(entry.item): entry for entry in before.entries} if before else {}
        entries: list[IndexedObject] = []
        keys: list[str] = []
        is_ordered = True
        async for item in in_slices(objects):
            entry = known.get(id(item)) or IndexedObject.read(kind, item)
            is_ordered = is_ordered and (not keys or keys[-1] <= entry.key)
            entries.append(entry)
            keys.append(entry.key)
        if not is_ordered:
            entries.sort(key=lambda entry: entry.key)
            keys.sort()
        return cls(objects, entries, keys)

    def span(self, namespace: str | None) -> range:
        """Where the objects of a namespace are, or all."""
        if namespace is None:
            return range(len(self._keys))
        return range(bisect_left(self._keys, f"{namespace}/"), bisect_left(self._keys, f"{namespace}0"))

    def from_key(self, key: str, within: range) -> range:
        """What of a span is not before a key."""
        return range(max(within.start, min(within.stop, bisect_left(self._keys, key))), within.stop)

    def find(self, key: str) -> int | None:
        """Where the object with a key is."""
        at = bisect_left(self._keys, key)
        return at if at < len(self._keys) and self._keys[at] == key else None

    async def selected(
        self, within: range, labels: LabelSelector, fields: FieldSelector, *, known: SelectableFields, limit: int
    ) -> Sequence[int]:
        """Where the first objects are that both selectors select; at most `limit`, and all for 0."""
        if not labels and not fields:
            return within[:limit] if limit else within
        found: list[int] = []
        async for at in in_slices(within):
            if self._selects(self.entries[at], labels, fields, known):
                found.append(at)
                if len(found) == limit:
                    break
        return found

    @staticmethod
    def _selects(entry: IndexedObject, labels: LabelSelector, fields: FieldSelector, known: SelectableFields) -> bool:
        if labels and not labels.matches(entry.labels):
            return False
        return not fields or fields.matches(lambda field: entry.field(field, known))
