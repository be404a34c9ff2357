"""The objects of a document: one, or those of a list (`List`, `PodList`, a JSON array, a list without a kind)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from snapshots.dumps.errors import DocumentBroken, Lost
from snapshots.dumps.objecttype import NO_TYPE, ObjectType
from snapshots.dumps.repeatedkeys import has_single_keys, repeated, repeated_key
from snapshots.dumps.texts.document import Document
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.index.item import type_meta

_DEEPEST: Final = 3
"""The maximum depth of nested lists, which result from concatenation; no tool writes them."""

_LIST: Final = "List"


class Metadata(msgspec.Struct, rename="camel"):
    """Metadata of an object, with the types of Kubernetes."""

    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None


class ObjectHead(msgspec.Struct, rename="camel"):
    """The fields that identify an object."""

    api_version: str | None = None
    kind: str | None = None
    metadata: Metadata | None = None

    @property
    def name(self) -> str | None:
        """Returns the object's name."""
        return self.metadata.name if self.metadata else None


@dataclass(frozen=True, slots=True)
class DumpedObject:
    """An object, not checked yet.

    Attributes:
        line: The first line of its document.
        place: The path in the document, such as `items[3]`; empty for the document itself.
        body: Its JSON, without white space.
        type: Its own apiVersion and kind, or those of its list, or of the file's path.
        metadata: Its metadata.
    """

    line: int
    place: str
    body: bytes
    type: ObjectType
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class EmptyList:
    """A list without objects: the kind is known to have none."""

    type: ObjectType


@dataclass(frozen=True, slots=True)
class InvalidEntry:
    """Entries of a list, or a whole list, that cannot be read.

    Attributes:
        line: The first line of the document.
        cause: The cause, with the place of the first entry.
        lost: The thing that is missing.
        count: The number of these things.
    """

    line: int
    cause: str
    lost: Lost = Lost.OBJECT
    count: int = 1


Entry = DumpedObject | EmptyList | InvalidEntry

_TOP: Final = LenientDecoder(dict[str, msgspec.Raw])
_ARRAY: Final = LenientDecoder(list[msgspec.Raw])


class _ObjectList(msgspec.Struct):
    items: list[msgspec.Raw] | None = None


_LISTED: Final = LenientDecoder(_ObjectList)
_HEAD: Final = LenientDecoder(ObjectHead)
_BEGINS_TYPED: Final = re.compile(rb'\{\s*"(?:apiVersion|kind)"')
_EMPTY_KEYS: Final = frozenset({"apiVersion", "kind", "metadata"})
"""The keys of a list without `items`; an object of a kind that ends in List has more."""

_MARKS: Final = (b'"apiVersion"', b'"metadata"')
"""The keys without which an array has no objects."""


def objects_of(document: Document, path_type: ObjectType | None = None) -> Iterator[Entry]:
    """Yields the objects of a document; none if nothing in it looks like an object.

    Args:
        document: The document.
        path_type: The type of objects without one, from the file's path.
    """
    body = document.body.lstrip()
    listing = _Listing(document, path_type or NO_TYPE)
    if body.startswith(b"["):
        if path_type and not body[1:].strip(b" \t\n]"):
            yield EmptyList(path_type)
        elif any(mark in body for mark in _MARKS):
            yield from listing.entries(_ARRAY.decode(body), "", depth=0)
    elif body.startswith(b"{") and _may_be_object(body):
        yield from listing.objects(body, "", depth=0)
    if listing.untyped:
        cause = f"{listing.untyped[0]}it has no apiVersion and no kind, and its path does not name a kind"
        more = f" (and {listing.untyped_count - 1} more)" if listing.untyped_count > 1 else ""
        yield InvalidEntry(document.line, f"{cause}{more}", count=listing.untyped_count)


def _may_be_object(body: bytes) -> bool:
    if _BEGINS_TYPED.match(body):
        return True
    top = _TOP.decode(body)
    if {"apiVersion", "kind"} & top.keys():
        return True
    inside = bytes(top.get("items", b"") or top.get("metadata", b""))
    if "items" in top:
        return inside.startswith(b"[") and any(mark in inside for mark in _MARKS)
    return b'"name"' in inside


class _Listing:
    """The traversal of one document; counts objects without a type."""

    def __init__(self, document: Document, path_type: ObjectType) -> None:
        self._line = document.line
        self._is_cut = document.is_cut
        self._type = path_type
        self.untyped: list[str] = []
        self.untyped_count = 0

    def objects(self, body: bytes, place: str, *, depth: int) -> Iterator[Entry]:
        """Yields the object, or those of the list."""
        at = f"{place}: " if place else ""
        top: dict[str, msgspec.Raw] = {}
        try:
            top = _TOP.decode(body)
            head = _HEAD.decode(body)
            if not _is_list(head, top, self._is_cut):
                found = self._object(body, head, place)
                if found is not None:
                    yield found
                return
            _require_single_keys(body, top, self._line)
            items = _LISTED.decode(body).items or []
        except (DocumentBroken, msgspec.DecodeError) as error:
            line = error.line if isinstance(error, DocumentBroken) and error.line else self._line
            yield InvalidEntry(line, f"{at}{error}", Lost.DOCUMENT if "items" in top else Lost.OBJECT)
            return
        if head.kind is None and head.api_version and not place and not self._is_cut:
            cause = f"the list has no kind: it may be cut off (entries: {len(items)})"
            yield InvalidEntry(self._line, cause, Lost.DOCUMENT)
        yield from self._listed(items, head, place, depth=depth)

    def _listed(self, items: list[msgspec.Raw], head: ObjectHead, place: str, *, depth: int) -> Iterator[Entry]:
        above = self._type
        if head.kind and head.kind != _LIST:
            self._type = _completed(head.api_version, head.kind.removesuffix(_LIST), above)
        if not items and self._type.is_complete and head.kind != _LIST:
            yield EmptyList(self._type)
        elif items and depth >= _DEEPEST:
            yield InvalidEntry(self._line, f"lists are nested deeper than {_DEEPEST}", Lost.DOCUMENT)
        else:
            yield from self.entries(items, f"{place}items", depth=depth + 1)
        self._type = above

    def entries(self, items: list[msgspec.Raw], place: str, *, depth: int) -> Iterator[Entry]:
        """Yields the objects of the entries."""
        for at, item in enumerate(items):
            yield from self.objects(bytes(item), f"{place}[{at}]", depth=depth)

    def _object(self, body: bytes, head: ObjectHead, place: str) -> DumpedObject | None:
        found = _completed(head.api_version, head.kind, self._type)
        if not (found.api_version or found.kind) and head.name:
            self.untyped_count += 1
            self.untyped = self.untyped or [f"{place}: " if place else ""]
            return None
        named = {"apiVersion": found.api_version, "kind": found.kind, "metadata.name": head.name}
        missing = [name for name, value in named.items() if not value]
        if missing or head.metadata is None:
            raise DocumentBroken(f"it has no {' and no '.join(missing)}")
        compact = msgspec.json.format(body, indent=-1)
        _require_single_keys_inside(compact, body, None if place else self._line)
        if not (head.kind and head.api_version):
            compact = typed(compact, found)
        return DumpedObject(self._line, place, compact, found, head.metadata)


def _completed(api_version: str | None, kind: str | None, above: ObjectType) -> ObjectType:
    """Returns a type whose missing part is that of the list or path, if the other part is the same."""
    if kind in {None, "", above.kind} and api_version in {None, "", above.api_version}:
        return ObjectType(api_version or above.api_version, kind or above.kind)
    return ObjectType(api_version or "", kind or "")


def _is_list(head: ObjectHead, top: dict[str, msgspec.Raw], is_cut: bool) -> bool:
    """Returns whether an object is a list; Go reads a list of a kind without `items` as an empty one."""
    if head.name:
        return False
    if not head.kind:
        return bytes(top.get("items", b"")).startswith(b"[")
    is_empty = top.keys() == _EMPTY_KEYS and head.kind != _LIST and not is_cut
    return head.kind.endswith(_LIST) and ("items" in top or is_empty)


def _require_single_keys(body: bytes, top: dict[str, msgspec.Raw], line: int | None) -> None:
    """Raises DocumentBroken for a key that occurs twice; its line is known in a document, whose text is as written."""
    found = repeated_key(body, top)
    if found is not None:
        raise DocumentBroken(repeated(found[0]), line=line + body.count(b"\n", 0, found[1]) if line else None)


def _require_single_keys_inside(compact: bytes, body: bytes, line: int | None) -> None:
    """Raises the same for an object, whose `body` has white space, and for its metadata."""
    top = _TOP.decode(compact)
    if not has_single_keys(compact, top):
        _require_single_keys(body, _TOP.decode(body), line)
    metadata = bytes(top["metadata"])
    inside = _TOP.decode(metadata)
    if not has_single_keys(metadata, inside) and (found := repeated_key(metadata, inside)) is not None:
        raise DocumentBroken(f"{repeated(found[0])} in metadata")


def typed(body: bytes, object_type: ObjectType) -> bytes:
    """Returns an object with another type; `body` has no white space."""
    values = {key: value for key, value in _TOP.decode(body).items() if key not in {"apiVersion", "kind"}}
    return b",".join((type_meta(object_type.kind, object_type.api_version), msgspec.json.encode(values)[1:]))
