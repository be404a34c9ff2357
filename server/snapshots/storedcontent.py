"""The content of a snapshot cluster, read from the store by kind at the first request, and its limit in memory."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Protocol

from k8s import errors
from k8s.kinds.kind import Kind
from server.snapshots.parts import Contents, unpack_contents, unpack_objects
from snapshots.serving.api import SnapshotApi
from snapshots.serving.content import ObjectList
from store.clusters.snapshots import SnapshotKey
from store.errors import CredentialUnreadable, NotFound, StoreUnavailable

_PARTS_AT_ONCE: Final = 8
_OBJECT_BYTES: Final = 600
"""Bytes of an object in memory in addition to its JSON: its entry in the index, and its labels once they are read."""


class KindMemory:
    """A least-recently-used limit for the lists of all snapshots in memory."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._used: OrderedDict[tuple[int, Kind], tuple[StoredContent, int]] = OrderedDict()
        self.used_bytes = 0

    def use(self, content: "StoredContent", kind: Kind, size_bytes: int) -> None:
        """Notes the use of a list, which stays, whatever its size, until another list needs its memory."""
        self._drop((id(content), kind))
        self._used[id(content), kind] = (content, size_bytes)
        self.used_bytes += size_bytes
        while self.used_bytes > self._limit_bytes and len(self._used) > 1:
            oldest = next(iter(self._used))
            content, _size = self._used[oldest]
            self._drop(oldest)
            content.forget(oldest[1])

    def leave(self, content: "StoredContent") -> None:
        """Removes the lists of a content."""
        for key in [key for key in self._used if key[0] == id(content)]:
            self._drop(key)

    def _drop(self, key: tuple[int, Kind]) -> None:
        _content, size_bytes = self._used.pop(key, (None, 0))
        self.used_bytes -= size_bytes


class ReadsParts(Protocol):
    """A store of the parts of snapshots."""

    async def parts(self, key: SnapshotKey, first: int, last: int) -> list[bytes]:
        """Returns the encrypted parts with these numbers."""
        ...

    def opened(self, sealed: bytes, key: SnapshotKey, number: int) -> bytes:
        """Returns a decrypted part."""
        ...


class StoredContent:
    """The content of one import of one cluster; see `snapshots.serving.content.Content`."""

    def __init__(self, parts: "StoredParts", contents: Contents, *, memory: KindMemory) -> None:
        self.version = contents.version
        self.kinds: Sequence[Kind] = tuple(stored.kind for stored in contents.kinds)
        self.api = SnapshotApi(self, self)
        self._parts = parts
        self._resource_version = contents.resource_version
        self._stored = {stored.kind: stored for stored in contents.kinds}
        self._documents = {stored.name: stored for stored in contents.documents}
        self._memory = memory
        self._lists: dict[Kind, tuple[ObjectList, int]] = {}

    async def listed(self, kind: Kind) -> ObjectList:
        """Returns all objects of a kind; they are read without blocking the event loop.

        Raises:
            ClusterError: They cannot be read.
        """
        listed, size_bytes = self._lists[kind] = self._lists.get(kind) or await self._read(kind)
        self._memory.use(self, kind, size_bytes)
        return listed

    @property
    def digests(self) -> Mapping[str, str]:
        """Returns a digest of each OpenAPI document of the dump, by name."""
        return {name: stored.digest for name, stored in self._documents.items()}

    async def document(self, name: str) -> bytes:
        """Returns an OpenAPI document of the dump, which is read each time; raises ClusterError."""
        stored = self._documents[name]
        (body,), _size_bytes = await self._parts.objects(stored.first, stored.last)
        return body

    def forget(self, kind: Kind) -> None:
        """Drops a list and its index."""
        self._lists.pop(kind, None)
        self.api.forget(kind)

    def leave(self) -> None:
        """Removes all lists from the memory limit after the last connection; running requests still read."""
        self._memory.leave(self)
        self._memory = KindMemory(0)

    async def _read(self, kind: Kind) -> tuple[ObjectList, int]:
        stored = self._stored[kind]
        bodies, size_bytes = await self._parts.objects(stored.first, stored.last)
        return ObjectList(self._resource_version, bodies), size_bytes + _OBJECT_BYTES * len(bodies)


class StoredParts:
    """The parts of one import of one cluster; their faults are errors of that cluster."""

    def __init__(self, name: str, key: SnapshotKey, source: ReadsParts) -> None:
        self._name = name
        self._key = key
        self._source = source

    async def contents(self) -> Contents:
        """Returns the table of contents; raises ClusterError."""
        with self._errors():
            (part,) = await self._opened(0, 0)
            return await asyncio.to_thread(unpack_contents, part)

    async def objects(self, first: int, last: int) -> tuple[Sequence[bytes], int]:
        """Returns the objects in these parts, and their size in bytes; raises ClusterError."""
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
