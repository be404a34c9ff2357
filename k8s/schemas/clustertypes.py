"""The custom kinds that one cluster serves, as they were learned, and as bytes for a store."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from typing import Final

import msgspec

from k8s.schemas.kindschema import KindProblem, KindSchema
from k8s.turns.pauses import Pauses, in_thread

_LAYOUT: Final = b"1"
"""The first byte of what is stored: what another layout has written is learned anew."""
_LEVEL: Final = 3


class TypesUnreadable(Exception):
    """Bytes that are not those of this release's `encode_types`."""


class LearnedDocument(msgspec.Struct, frozen=True, weakref=True):
    """The kinds of one document.

    Attributes:
        name: The name of the document: `apis/GROUP/VERSION`, or `crd/NAME`.
        hash: The hash of its content, as the cluster states it; empty for a document that is read again next time.
        kinds: Its kinds.
        problems: Whatever of it has no type.
        digest: A digest of the kinds.
        is_left_out: Whether its kinds were left out because the cluster has too many.
        is_refused: Whether the cluster did not show it.
    """

    name: str
    hash: str
    kinds: tuple[KindSchema, ...] = ()
    problems: tuple[KindProblem, ...] = ()
    digest: str = ""
    is_left_out: bool = False
    is_refused: bool = False


@dataclass(frozen=True)
class ClusterTypes:
    """The custom kinds of one cluster; it never changes.

    Attributes:
        documents: What was read, by name.
        problems: Whatever has no type and is no part of a document.
    """

    documents: tuple[LearnedDocument, ...] = ()
    problems: tuple[KindProblem, ...] = ()

    @cached_property
    def fingerprint(self) -> str:
        """Returns a digest of the kinds: equal for two clusters whose custom kinds have the same types."""
        digests = sorted(document.digest for document in self.documents if document.kinds)
        return sha256("\n".join(digests).encode()).hexdigest()

    @cached_property
    def kinds(self) -> tuple[KindSchema, ...]:
        """Returns all kinds, each in every version that has a schema."""
        return tuple(kind for document in self.documents for kind in document.kinds)

    @cached_property
    def all_problems(self) -> tuple[KindProblem, ...]:
        """Returns everything that has no type, for `kinds { problems }`."""
        return (*self.problems, *(problem for document in self.documents for problem in document.problems))


def learned(name: str, content_hash: str, kinds: Iterable[KindSchema]) -> LearnedDocument:
    """Returns a document with the problems of its kinds."""
    found = tuple(kinds)
    problems = tuple(
        KindProblem(kind.group, kind.name, problem, kind.version) for kind in found for problem in kind.problems
    )
    digest = sha256(msgspec.msgpack.encode(found)).hexdigest() if found else ""
    return LearnedDocument(name, content_hash, found, problems, digest)


async def encode_types(types: ClusterTypes) -> bytes:
    """Returns the bytes to store; 75 kinds in all versions take 0.3 MB."""
    return await in_thread(partial(_encoded, types))


async def decode_types(content: bytes) -> ClusterTypes:
    """Returns the types of stored bytes.

    Raises:
        TypesUnreadable: They are of another release.
    """
    return await in_thread(partial(_decoded, content))


class _Stored(msgspec.Struct):
    documents: list[msgspec.Raw]
    problems: tuple[KindProblem, ...]


def _encoded(types: ClusterTypes) -> bytes:
    pauses, pieces = Pauses(), list[msgspec.Raw]()
    for document in types.documents:
        pieces.append(msgspec.Raw(msgspec.msgpack.encode(document)))
        pauses.pause()
    return _LAYOUT + zlib.compress(msgspec.msgpack.encode(_Stored(pieces, types.problems)), _LEVEL)


def _decoded(content: bytes) -> ClusterTypes:
    if content[:1] != _LAYOUT:
        raise TypesUnreadable("its layout is another")
    try:
        stored = msgspec.msgpack.decode(zlib.decompress(content[1:]), type=_Stored)
        pauses, documents = Pauses(), list[LearnedDocument]()
        for piece in stored.documents:
            documents.append(msgspec.msgpack.decode(piece, type=LearnedDocument))
            pauses.pause()
    except (zlib.error, msgspec.MsgspecError) as error:
        raise TypesUnreadable(str(error)) from error
    return ClusterTypes(tuple(documents), stored.problems)
