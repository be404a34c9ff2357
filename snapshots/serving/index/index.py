"""Index of a list by key: pages, namespaces and names are found without decoding objects."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Iterable, Sequence
from time import perf_counter
from typing import Final, TypeVar

from k8s.kinds.kind import Kind
from k8s.turns.turns import turn
from snapshots.serving.index.indexedobject import IndexedObject
from snapshots.serving.selectors.fields import FieldSelector
from snapshots.serving.selectors.labels import LabelSelector
from snapshots.serving.selectors.selectable import SelectableFields

T = TypeVar("T")

SLICE_S: Final = 0.005
"""Seconds of work on the event loop before other tasks have their turn."""


async def in_slices(values: Iterable[T]) -> AsyncIterator[T]:
    """Yields the same values; after each slice of time, other tasks have their turn."""
    until_s = perf_counter() + SLICE_S
    for value in values:
        if perf_counter() > until_s:
            await turn()
            until_s = perf_counter() + SLICE_S
        yield value


class ObjectIndex:
    """The objects of one kind at one moment, ordered by key.

    Attributes:
        objects: The objects in their original order.
        entries: The objects in key order.
    """

    def __init__(self, objects: Sequence[bytes], entries: Sequence[IndexedObject], keys: Sequence[str]) -> None:
        """Takes the objects in their original order, and in key order with their keys."""
        self.objects = objects
        self.entries = entries
        self._keys = keys

    @classmethod
    async def of(cls, kind: Kind, objects: Sequence[bytes], before: "ObjectIndex | None" = None) -> "ObjectIndex":
        """Returns the index of a list; entries that it shares with `before` are not decoded again.

        Raises:
            msgspec.DecodeError: An object is not JSON, or has no name.
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
        """Returns the positions of the objects of a namespace, or of all objects."""
        if namespace is None:
            return range(len(self._keys))
        return range(bisect_left(self._keys, f"{namespace}/"), bisect_left(self._keys, f"{namespace}0"))

    def from_key(self, key: str, within: range) -> range:
        """Returns the positions in a span from a key on."""
        return range(max(within.start, min(within.stop, bisect_left(self._keys, key))), within.stop)

    def find(self, key: str) -> int | None:
        """Returns the position of the object with a key."""
        at = bisect_left(self._keys, key)
        return at if at < len(self._keys) and self._keys[at] == key else None

    async def selected(
        self, within: range, labels: LabelSelector, fields: FieldSelector, *, known: SelectableFields, limit: int
    ) -> Sequence[int]:
        """Returns the positions of the first `limit` objects that match both selectors; 0 means all."""
        if not labels and not fields:
            return within[:limit] if limit else within
        places: list[int] = []
        async for at in in_slices(within):
            if self._selects(self.entries[at], labels, fields, known):
                places.append(at)
                if len(places) == limit:
                    break
        return places

    @staticmethod
    def _selects(entry: IndexedObject, labels: LabelSelector, fields: FieldSelector, known: SelectableFields) -> bool:
        if labels and not labels.matches(entry.labels):
            return False
        return not fields or fields.matches(lambda field: entry.field(field, known))
