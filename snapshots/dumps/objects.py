"""The objects of a document: one, or those of a list (`List`, `PodList`, a JSON array), and their names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from k8s.dnslabel import DNS_LABEL
from snapshots.dumps.document import Document
from snapshots.dumps.errors import DocumentBroken
from snapshots.lenientdecoder import LenientDecoder
from snapshots.serving.index.item import type_meta

_DEEPEST: Final = 3
"""The maximum depth of nested lists, which result from concatenation; no tool writes them."""

_LIST: Final = "List"
_API_VERSION: Final = re.compile(r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?v?[a-z0-9]{1,62}", re.ASCII)
_KIND: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}", re.ASCII)
_NAME: Final = re.compile(r"[-A-Za-z0-9._:@+~]{1,253}", re.ASCII)


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
        api_version: Its own apiVersion, or that of its list.
        kind: Its own kind, or that of its list.
        metadata: Its metadata.
    """

    line: int
    place: str
    body: bytes
    api_version: str
    kind: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class EmptyList:
    """A list without objects: the kind is known to have none."""

    api_version: str
    kind: str


@dataclass(frozen=True, slots=True)
class InvalidEntry:
    """An entry of a list that is not an object."""

    line: int
    cause: str


_TOP: Final = LenientDecoder(dict[str, msgspec.Raw])
_ARRAY: Final = LenientDecoder(list[msgspec.Raw])


class _ObjectList(msgspec.Struct):
    items: list[msgspec.Raw] | None


_LISTED: Final = LenientDecoder(_ObjectList)
_HEAD: Final = LenientDecoder(ObjectHead)


def objects_of(document: Document) -> Iterator[DumpedObject | EmptyList | InvalidEntry]:
    """Yields the objects of a document; none if it has neither apiVersion nor kind."""
    body = document.body.lstrip()
    if body.startswith(b"["):
        for at, item in enumerate(_ARRAY.decode(body)):
            yield from _objects(bytes(item), document.line, place=f"[{at}]")
    elif body.startswith(b"{"):
        yield from _objects(body, document.line, place="")


def is_object(document: Document) -> bool:
    """Returns whether a document has an apiVersion or kind, or is an array of such objects."""
    body = document.body.lstrip()
    if body.startswith(b"["):
        return b'"apiVersion"' in body
    return body.startswith(b"{") and bool({"apiVersion", "kind"} & _TOP.decode(body).keys())


def _objects(
    body: bytes, line: int, *, place: str, list_type: tuple[str, str] = ("", ""), depth: int = 0
) -> Iterator[DumpedObject | EmptyList | InvalidEntry]:
    try:
        items = _items(body)
        if items is None:
            yield _object(body, line, place=place, list_type=list_type)
            return
    except (DocumentBroken, msgspec.DecodeError) as error:
        yield InvalidEntry(line, f"{place}: {error}" if place else str(error))
        return
    head = _HEAD.decode(body)
    list_type = (head.api_version or "", (head.kind or "").removesuffix(_LIST)) if head.kind != _LIST else ("", "")
    if not items and all(list_type):
        yield EmptyList(*list_type)
    for at, item in enumerate(items):
        if depth >= _DEEPEST:
            yield InvalidEntry(line, f"lists are nested deeper than {_DEEPEST}")
            return
        yield from _objects(bytes(item), line, place=f"{place}items[{at}]", list_type=list_type, depth=depth + 1)


def _items(body: bytes) -> list[msgspec.Raw] | None:
    """Returns the entries of a list; None if the body is not a list."""
    top = _TOP.decode(body)
    kind = bytes(top.get("kind", b""))
    if not kind.endswith(b'List"') or "items" not in top or _HEAD.decode(body).name:
        return None
    return _LISTED.decode(body).items or []


def _object(body: bytes, line: int, *, place: str, list_type: tuple[str, str]) -> DumpedObject:
    head = _HEAD.decode(body)
    api_version, kind = head.api_version or list_type[0], head.kind or list_type[1]
    missing = [
        name
        for name, value in (
            ("apiVersion", api_version),
            ("kind", kind),
            ("metadata.name", head.name),
        )
        if not value
    ]
    if missing or head.metadata is None:
        raise DocumentBroken(f"it has no {' and no '.join(missing)}")
    compact = msgspec.json.format(body, indent=-1)
    if not (head.kind and head.api_version):
        compact = b",".join((type_meta(kind, api_version), _untyped(compact)))
    return DumpedObject(line, place, compact, api_version, kind, head.metadata)


def _untyped(body: bytes) -> bytes:
    """Returns an object without its opening brace, apiVersion and kind."""
    values = {key: value for key, value in _TOP.decode(body).items() if key not in {"apiVersion", "kind"}}
    return msgspec.json.encode(values)[1:]


def is_type(api_version: str, kind: str) -> bool:
    """Returns whether an API server could serve such a type."""
    return bool(_API_VERSION.fullmatch(api_version) and _KIND.fullmatch(kind))


def require_identity(dumped: DumpedObject) -> None:
    """Raises an error for names that no API server accepts; the rules are those of `k8s.transport.path`.

    Raises:
        DocumentBroken: The type, the name or the namespace is invalid.
    """
    metadata = dumped.metadata
    if not is_type(dumped.api_version, dumped.kind):
        raise DocumentBroken("its apiVersion or kind is invalid")
    if not _NAME.fullmatch(metadata.name or "") or metadata.name in {".", ".."}:
        raise DocumentBroken(f"the name of a {dumped.kind} is invalid")
    if metadata.namespace and not DNS_LABEL.fullmatch(metadata.namespace):
        raise DocumentBroken(f"the namespace of {dumped.kind} {metadata.name} is invalid")
