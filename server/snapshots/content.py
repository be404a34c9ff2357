"""The content of a snapshot cluster, read from the store kind by kind, when a kind is first asked for."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from k8s import errors
from k8s.kinds.kind import Kind
from server.snapshots.kindmemory import KindMemory
from server.snapshots.parts import Contents, unpack_contents, unpack_objects
from snapshots.serving.api import SnapshotApi
from snapshots.serving.content import Listed
from store.clusters.snapshots import SnapshotKey
from store.errors import CredentialUnreadable, NotFound, StoreUnavailable

_PARTS_AT_ONCE: Final = 8
_OBJECT_BYTES: Final = 600
"""What an object costs in memory beside its JSON: its place in the index, and its labels once they are asked for."""


class ReadsParts(Protocol):
    """Where the parts are."""

    async def parts(self, key: SnapshotKey, first: int, last: int) -> list[bytes]:
        """The sealed parts with these numbers."""
        ...

    def opened(self, sealed: bytes, key: SnapshotKey, number: int) -> bytes:
        """A part in the clear."""
        ...


class StoredContent:
    """Serves one import of one cluster; see `snapshots.serving.content.Content`."""

    def __init__(self, parts: "StoredParts", contents: Contents, *, memory: KindMemory) -> None:
        self.version = contents.version
        self.kinds: Sequence[Kind] = tuple(each.kind for each in contents.kinds)
        self.api = SnapshotApi(self)
        self._parts = parts
        self._resource_version = contents.resource_version
        self._stored = {each.kind: each for each in contents.kinds}
        self._memory = memory
        self._held: dict[Kind, tuple[Listed, int]] = {}

    async def listed(self, kind: Kind) -> Listed:
        """All objects of a kind; the event loop goes on while they are read.

        Raises:
            ClusterError: they cannot be read.
        """
        held = self._held.get(kind) or await self._read(kind)
        self._held[kind] = held
        self._memory.use(self, kind, held[1])
        return held[0]

    def forget(self, kind: Kind) -> None:
        """Lets go of a list, and of its index."""
        self._held.pop(kind, None)
        self.api.forget(kind)

    def leave(self) -> None:
        """Nobody is connected to it any more; what is under way keeps what it reads no longer than itself."""
        self._memory.leave(self)
        self._memory = KindMemory(0)

    async def _read(self, kind: Kind) -> tuple[Listed, int]:
        stored = self._stored[kind]
        bodies, size_bytes = await self._parts.objects(stored.first, stored.last)
        return Listed(self._resource_version, bodies), size_bytes + _OBJECT_BYTES * len(bodies)


class StoredParts:
    """The parts of one import of one cluster; whatever is wrong with them is that cluster's error."""

    def __init__(self, name: str, key: SnapshotKey, source: ReadsParts) -> None:
        self._name = name
        self._key = key
        self._source = source

    async def contents(self) -> Contents:
        """The table of contents; raises ClusterError."""
        with self._errors():
            (part,) = await self._opened(0, 0)
            return await asyncio.to_thread(unpack_contents, part)

    async def objects(self, first: int, last: int) -> tuple[Sequence[bytes], int]:
        """The objects in some parts, and their bytes; raises ClusterError."""
        bodies: list[bytes] = []
        size_bytes = 0
        with self._errors():
            for start in range(first, last + 1, _PARTS_AT_ONCE):
                for part in await self._opened(start, min(start + _PARTS_AT_ONCE - 1, last)):
                    unpacked = await asyncio.to_thread(unpack_objects, part)
                    size_bytes += sum(map(len, unpacked))
                    bodies += unpacked
        return bodies, size_bytes

    async def _opened(self, first: int, last: int) -> list[bytes]:
        sealed = await self._source.parts(self._key, first, last)
        return await asyncio.to_thread(self._open, sealed, first)

    def _open(self, sealed: Sequence[bytes], first: int) -> list[bytes]:
        return [self._source.opened(part, self._key, number) for number, part in enumerate(sealed, start=first)]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except NotFound as error:
            cause = "its snapshot was replaced or removed a moment ago; ask again."
            raise errors.Unreachable(self._name, cause) from error
        except StoreUnavailable as error:
            cause = "its snapshot cannot be read: the database does not answer."
            raise errors.Unreachable(self._name, cause) from error
        except (CredentialUnreadable, ValueError) as error:
            cause = f"its snapshot cannot be opened; import it again. {error}"
            raise errors.CredentialUnusable(self._name, cause) from error
