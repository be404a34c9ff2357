"""An object's JSON, as it stands in a list and alone."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from snapshots.decoding import Decoder

Item: TypeAlias = Mapping[str, object]
"""An object as JSON or YAML has it."""

BUILT_IN_GROUPS: Final = frozenset(kind.group for kind in BUILT_IN)
_TYPE_META: Final = ("kind", "apiVersion")


def item_bytes(kind: Kind, item: Item) -> bytes:
    """The JSON of an object as an item of a list: API servers leave out its type there, except of custom resources."""
    if kind.group in BUILT_IN_GROUPS:
        item = {key: value for key, value in item.items() if key not in _TYPE_META}
    return msgspec.json.encode(item)


class Head(msgspec.Struct, gc=False):
    """The part of an object that says which it is; `metadata` is a view of the object's own bytes."""

    metadata: msgspec.Raw
    kind: str = ""


_HEAD: Final = Decoder(Head)


def read_head(item: bytes) -> Head:
    """The head of an object.

    Raises:
        msgspec.DecodeError: it is no JSON, or has no metadata.
    """
    return _HEAD.decode(item)


def alone(kind: Kind, item: bytes) -> bytes:
    """The JSON of an object as an answer of its own: its type comes before all else."""
    return item if read_head(item).kind else type_meta(kind.name, kind.api_version) + b"," + item.lstrip()[1:]


def metadata_alone(metadata: msgspec.Raw) -> bytes:
    """The JSON of a `PartialObjectMetadata`."""
    return b"".join(metadata_pieces(metadata))


def metadata_pieces(metadata: msgspec.Raw) -> tuple[bytes, bytes, bytes]:
    """The same, not put together; that of the object is no copy."""
    return _METADATA_HEAD, metadata, b"}"


def type_meta(kind: str, api_version: str) -> bytes:
    """The beginning of a JSON object that says what it is; the brace is left open."""
    return b'{"kind":' + msgspec.json.encode(kind) + b',"apiVersion":' + msgspec.json.encode(api_version)


_METADATA_HEAD: Final = type_meta("PartialObjectMetadata", "meta.k8s.io/v1") + b',"metadata":'
