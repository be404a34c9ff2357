"""One object of a list, with the values for selectors, decoded at their first use and cached."""

from collections.abc import Mapping

import msgspec

from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.index.item import read_head
from snapshots.serving.selectors.selectable import NAME, NAMESPACE, SelectableFields

Labels = Mapping[str, str | None]


class _ObjectName(msgspec.Struct, gc=False):
    name: str
    namespace: str | None = None


class _Labelled(msgspec.Struct, gc=False):
    labels: dict[str, str | None] | None = None


_NAME_DECODER = LenientDecoder(_ObjectName)
_LABELS_DECODER = LenientDecoder(_Labelled)


class IndexedObject(msgspec.Struct, eq=False, gc=False):
    """An object's bytes and key; not tracked by garbage collection, because a dump has many objects.

    Attributes:
        key: `namespace/name`, or the name of a cluster-scoped object.
        item: Its JSON.
        metadata: The JSON of its metadata, a view of the same bytes.
    """

    key: str
    item: bytes
    metadata: msgspec.Raw
    _labels: Labels | None = None
    _fields: Mapping[str, str] = {}

    @classmethod
    def read(cls, kind: Kind, item: bytes) -> "IndexedObject":
        """Decodes the head of an object.

        Raises:
            msgspec.DecodeError: It is not JSON, or has no name.
        """
        metadata = read_head(item).metadata
        names = _NAME_DECODER.decode(bytes(metadata))
        return cls(f"{names.namespace or ''}/{names.name}" if kind.namespaced else names.name, item, metadata)

    @property
    def labels(self) -> Labels:
        """Returns its labels."""
        if self._labels is None:
            self._labels = _LABELS_DECODER.decode(bytes(self.metadata)).labels or {}
        return self._labels

    def field(self, field: str, known: SelectableFields) -> str:
        """Returns the value of a selectable field."""
        if field == NAME:
            return self.key.rpartition("/")[2]
        if field == NAMESPACE:
            return self.key.rpartition("/")[0]
        if field not in self._fields:
            row = known.decode(self.item)
            self._fields = {field: reading.value(row) for field, reading in known.readings.items()}
        return self._fields[field]
