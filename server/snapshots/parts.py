"""Layout of the content of a snapshot cluster in parts, as the store has them.

Part 0 is the table of contents; the others hold the objects, one JSON object a line, grouped by kind.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from k8s.kinds.kind import Kind

LAYOUT: Final = 1
PART_BYTES: Final = 1024 * 1024
_LEVEL: Final = 6


class StoredKind(msgspec.Struct, frozen=True):
    """The parts with the objects of one kind.

    Attributes:
        kind: The kind.
        objects: The number of objects.
        first: The number of the first part.
        last: The number of the last part; less than `first` if there are no objects.
    """

    kind: Kind
    objects: int
    first: int
    last: int


class StoredDocument(msgspec.Struct, frozen=True):
    """The parts with one OpenAPI document.

    Attributes:
        name: Its name, such as `apis/example.com/v1`.
        digest: A digest of its content.
        first: The number of the first part.
        last: The number of the last part.
    """

    name: str
    digest: str
    first: int
    last: int


class Contents(msgspec.Struct, frozen=True):
    """The table of contents; those of earlier releases have no documents."""

    layout: int
    version: str
    resource_version: str
    kinds: tuple[StoredKind, ...]
    documents: tuple[StoredDocument, ...] = ()


_CONTENTS: Final = msgspec.json.Decoder(Contents)


def pack_contents(contents: Contents) -> bytes:
    """Returns part 0."""
    return zlib.compress(msgspec.json.encode(contents), _LEVEL)


def unpack_contents(part: bytes) -> Contents:
    """Returns the table of contents; raises ValueError for another layout."""
    try:
        contents = _CONTENTS.decode(zlib.decompress(part))
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError("it is not a table of contents") from error
    if contents.layout != LAYOUT:
        raise ValueError(f"it is of layout {contents.layout}")
    return contents


def pack_objects(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the parts of these objects; each body is JSON without line breaks."""
    lines: list[bytes] = []
    size_bytes = 0
    for body in bodies:
        lines.append(body)
        size_bytes += len(body)
        if size_bytes >= PART_BYTES:
            yield zlib.compress(b"\n".join(lines), _LEVEL)
            lines, size_bytes = [], 0
    if lines:
        yield zlib.compress(b"\n".join(lines), _LEVEL)


def unpack_objects(part: bytes) -> list[bytes]:
    """Returns the objects of a part."""
    return zlib.decompress(part).split(b"\n")
