"""One object of a list, with what selectors ask of it: read when it is first asked for, and kept."""

from collections.abc import Mapping

import msgspec

from k8s.kinds.kind import Kind
from snapshots.decoding import Decoder
from snapshots.serving.index.item import read_head
from snapshots.serving.selectors.selectable import NAME, NAMESPACE, SelectableFields

Labels = Mapping[str, str | None]


class _Place(msgspec.Struct, gc=False):
    name: str
    namespace: str | None = None


class _Labelled(msgspec.Struct, gc=False):
    labels: dict[str, str | None] | None = None


_PLACE = Decoder(_Place)
_LABELLED = Decoder(_Labelled)


class IndexedObject(msgspec.Struct, eq=False, gc=False):
    """An object's bytes, and where it stands: a dump has many, which no collection of garbage need walk.

    Attributes:
        key: `namespace/name`, or the name of an object of the whole cluster.
        item: its JSON.
        metadata: the JSON of its metadata, a view of the same bytes.
    """

    key: str
    item: bytes
    metadata: msgspec.Raw
    _labels: Labels | None = None
    _fields: Mapping[str, str] = {}

    @classmethod
    def read(cls, kind: Kind, item: bytes) -> "IndexedObject":
        """Reads the head of an object.

        Raises:
            msgspec.DecodeError: it is no JSON, or has no name.
        """
        metadata = read_head(item).metadata
        place = _PLACE.decode(bytes(metadata))
        return cls(f"{place.namespace or ''}/{place.name}" if kind.namespaced else place.name, item, metadata)

    @property
    def labels(self) -> Labels:
        """Its labels."""
        if self._labels is None:
            self._labels = _LABELLED.decode(bytes(self.metadata)).labels or {}
        return self._labels

    def field(self, field: str, known: SelectableFields) -> str:
        """The value of a field that objects of its kind can be selected by."""
        if field == NAME:
            return self.key.rpartition("/")[2]
        if field == NAMESPACE:
            return self.key.rpartition("/")[0]
        if field not in self._fields:
            row = known.decode(self.item)
            self._fields = {field: reading.value(row) for field, reading in known.readings.items()}
        return self._fields[field]
