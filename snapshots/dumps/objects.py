"""The objects of a document: one, or those of a list (`List`, `PodList`, a JSON array)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from snapshots.decoding import Decoder
from snapshots.dumps.document import Document
from snapshots.dumps.errors import DocumentBroken
from snapshots.serving.index.item import type_meta

_DEEPEST: Final = 3
"""Lists in lists; no tool writes them, but concatenating does."""

_LIST: Final = "List"


class Metadata(msgspec.Struct, rename="camel"):
    """What every object says of itself, with the types that Kubernetes gives it."""

    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    labels: dict[str, str | None] | None = None
    annotations: dict[str, str | None] | None = None


class Head(msgspec.Struct, rename="camel"):
    """The part of an object that says which it is."""

    api_version: str | None = None
    kind: str | None = None
    metadata: Metadata | None = None

    @property
    def name(self) -> str | None:
        """The object's name."""
        return self.metadata.name if self.metadata else None


@dataclass(frozen=True, slots=True)
class Found:
    """An object, or what looks like one.

    Attributes:
        line: where its document begins.
        place: where it stands in the document, as `items[3]`; empty for the document itself.
        body: its JSON, without white space.
        api_version: its own, or what its list says.
        kind: likewise.
        metadata: what it says of itself.
    """

    line: int
    place: str
    body: bytes
    api_version: str
    kind: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class EmptyList:
    """A list without objects: there are none of the kind, which is more than not to know of any."""

    api_version: str
    kind: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """An entry that is no object, among others that are."""

    line: int
    cause: str


_TOP: Final = Decoder(dict[str, msgspec.Raw])
_ARRAY: Final = Decoder(list[msgspec.Raw])


class _List(msgspec.Struct):
    items: list[msgspec.Raw] | None


_LISTED: Final = Decoder(_List)
_HEAD: Final = Decoder(Head)


def objects_of(document: Document) -> Iterator[Found | EmptyList | Misfit]:
    """The objects of a document; nothing for one that is no Kubernetes object at all (neither apiVersion nor kind)."""
    body = document.body.lstrip()
    if body.startswith(b"["):
        for at, item in enumerate(_ARRAY.decode(body)):
            yield from _found(bytes(item), document.line, place=f"[{at}]")
    elif body.startswith(b"{"):
        yield from _found(body, document.line, place="")


def is_object(document: Document) -> bool:
    """Whether a document says what it is, or is a list of what may."""
    body = document.body.lstrip()
    if body.startswith(b"["):
        return b'"apiVersion"' in body
    return body.startswith(b"{") and bool({"apiVersion", "kind"} & _TOP.decode(body).keys())


def _found(
    body: bytes, line: int, *, place: str, said: tuple[str, str] = ("", ""), depth: int = 0
) -> Iterator[Found | EmptyList | Misfit]:
    try:
        items = _items(body)
        if items is None:
            yield _object(body, line, place=place, said=said)
            return
    except (DocumentBroken, msgspec.DecodeError) as error:
        yield Misfit(line, f"{place}: {error}" if place else str(error))
        return
    head = _HEAD.decode(body)
    said = (head.api_version or "", (head.kind or "").removesuffix(_LIST)) if head.kind != _LIST else ("", "")
    if not items and all(said):
        yield EmptyList(*said)
    for at, item in enumerate(items):
        if depth >= _DEEPEST:
            yield Misfit(line, f"lists stand in each other more than {_DEEPEST} deep")
            return
        yield from _found(bytes(item), line, place=f"{place}items[{at}]", said=said, depth=depth + 1)


def _items(body: bytes) -> list[msgspec.Raw] | None:
    """The entries of a list; None for what is no list."""
    top = _TOP.decode(body)
    kind = bytes(top.get("kind", b""))
    if not kind.endswith(b'List"') or "items" not in top or _HEAD.decode(body).name:
        return None
    return _LISTED.decode(body).items or []


def _object(body: bytes, line: int, *, place: str, said: tuple[str, str]) -> Found:
    head = _HEAD.decode(body)
    api_version, kind = head.api_version or said[0], head.kind or said[1]
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
    return Found(line, place, compact, api_version, kind, head.metadata)


def _untyped(body: bytes) -> bytes:
    """An object without its brace and its type: half a type is none."""
    values = {key: value for key, value in _TOP.decode(body).items() if key not in {"apiVersion", "kind"}}
    return msgspec.json.encode(values)[1:]
