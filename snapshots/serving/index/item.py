"""The JSON of an object, in a list and alone."""

from collections.abc import Mapping
from typing import Final, TypeAlias

import msgspec

from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from snapshots.lenientdecoder import LenientDecoder

Item: TypeAlias = Mapping[str, object]
"""An object, decoded from JSON or YAML."""

BUILT_IN_GROUPS: Final = frozenset(kind.group for kind in BUILT_IN)
_TYPE_META: Final = ("kind", "apiVersion")


def item_bytes(kind: Kind, item: Item) -> bytes:
    """Returns the JSON of an object in a list: API servers omit its type there, except for custom resources."""
    if kind.group in BUILT_IN_GROUPS:
        item = {key: value for key, value in item.items() if key not in _TYPE_META}
    return msgspec.json.encode(item)


class ItemHead(msgspec.Struct, gc=False):
    """The metadata and the kind of an object; `metadata` is a view of the object's own bytes."""

    metadata: msgspec.Raw
    kind: str = ""


_HEAD: Final = LenientDecoder(ItemHead)


def read_head(item: bytes) -> ItemHead:
    """Returns the head of an object.

    Raises:
        msgspec.DecodeError: It is not JSON, or has no metadata.
    """
    return _HEAD.decode(item)


def alone(kind: Kind, item: bytes) -> bytes:
    """Returns the JSON of an object as a whole response, which begins with its type."""
    return item if read_head(item).kind else type_meta(kind.name, kind.api_version) + b"," + item.lstrip()[1:]


def metadata_alone(metadata: msgspec.Raw) -> bytes:
    """Returns the JSON of a `PartialObjectMetadata`."""
    return b"".join(metadata_pieces(metadata))


def metadata_pieces(metadata: msgspec.Raw) -> tuple[bytes, bytes, bytes]:
    """Returns the same in pieces, without copying the metadata."""
    return _METADATA_HEAD, metadata, b"}"


def type_meta(kind: str, api_version: str) -> bytes:
    """Returns the begin of a JSON object with its type; the brace is left open."""
    return b'{"kind":' + msgspec.json.encode(kind) + b',"apiVersion":' + msgspec.json.encode(api_version)


_METADATA_HEAD: Final = type_meta("PartialObjectMetadata", "meta.k8s.io/v1") + b',"metadata":'
