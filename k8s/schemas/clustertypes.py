"""The custom kinds that one cluster serves, as they were learned.

Of each document, the kinds are held as bytes, and opened when a schema is built of them: a fleet has hundreds of
clusters, and a server that starts needs no more of them than their digests.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

import msgspec

from k8s.schemas.kindschema import KindKey, KindProblem, KindSchema
from k8s.turns.pauses import Pauses

_LEVEL: Final = 3
_DEFINITION: Final = "crd/"


class LearnedDocument(msgspec.Struct, frozen=True, weakref=True):
    """The kinds of one document.

    Attributes:
        name: The name of the document: `apis/GROUP/VERSION`, or `crd/NAME`.
        hash: The hash of its content, as the cluster states it; empty for a document that is read again next time.
        packed: Its kinds, which `kinds` opens; empty without any.
        names: Their names.
        structures: The number of their structures.
        problems: Whatever of it has no type.
        digest: A digest of the kinds; empty without any.
        is_left_out: Whether its kinds were left out because the cluster has too many.
        is_refused: Whether the cluster did not show it.
        missed: The number of rounds in succession in which the index did not have it, although its group is served.
    """

    name: str
    hash: str
    packed: bytes = b""
    names: tuple[str, ...] = ()
    structures: int = 0
    problems: tuple[KindProblem, ...] = ()
    digest: str = ""
    is_left_out: bool = False
    is_refused: bool = False
    missed: int = 0

    @property
    def group(self) -> str:
        """Returns the API group of its kinds."""
        if self.name.startswith(_DEFINITION):
            return self.name.removeprefix(_DEFINITION).partition(".")[2]
        return self.name.split("/")[1]

    def kinds(self, pauses: Pauses | None = None) -> Iterator[KindSchema]:
        """Yields its kinds, opened each time."""
        if not self.packed:
            return
        for piece in msgspec.msgpack.decode(zlib.decompress(self.packed), type=list[msgspec.Raw]):
            yield msgspec.msgpack.decode(piece, type=KindSchema)
            if pauses is not None:
                pauses.pause()


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
        digests = sorted(document.digest for document in self.documents if document.digest)
        return sha256("\n".join(digests).encode()).hexdigest()

    @cached_property
    def has_kinds(self) -> bool:
        """Returns whether there is any kind with a type."""
        return any(document.digest for document in self.documents)

    @property
    def kind_keys(self) -> Iterator[KindKey]:
        """Yields group and name of each kind, once for each of its versions."""
        for document in self.documents:
            group = document.group
            for name in document.names:
                yield (group, name)

    def kinds(self) -> tuple[KindSchema, ...]:
        """Returns all kinds, each in every version that has a schema, opened each time."""
        return tuple(kind for document in self.documents for kind in document.kinds())

    @cached_property
    def all_problems(self) -> tuple[KindProblem, ...]:
        """Returns everything that has no type, for `kinds { problems }`."""
        return (*self.problems, *(problem for document in self.documents for problem in document.problems))


def learned(name: str, content_hash: str, kinds: Iterable[KindSchema]) -> LearnedDocument:
    """Returns a document with the problems of its kinds. Call it in a thread."""
    pauses, digest = Pauses(), sha256()
    pieces: list[msgspec.Raw] = []
    names: list[str] = []
    problems: list[KindProblem] = []
    structures = 0
    for kind in kinds:
        piece = msgspec.msgpack.encode(kind)
        digest.update(piece)
        pieces.append(msgspec.Raw(piece))
        names.append(kind.name)
        problems += [KindProblem(kind.group, kind.name, problem, kind.version) for problem in kind.problems]
        structures += len(kind.structures)
        pauses.pause()
    if not pieces:
        return LearnedDocument(name, content_hash)
    packed = zlib.compress(msgspec.msgpack.encode(pieces), _LEVEL)
    return LearnedDocument(
        name, content_hash, packed, tuple(names), structures, problems=tuple(problems), digest=digest.hexdigest()
    )
