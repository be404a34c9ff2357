"""Gzip, unpacked as it is read and never beyond what is allowed."""

import zlib
from typing import BinaryIO, Final, Protocol

from snapshots.dumps.archives.budget import Budget
from snapshots.dumps.errors import DocumentBroken

GZIP: Final = b"\x1f\x8b"
_CHUNK_BYTES: Final = 256 * 1024
_PACKED_BYTES: Final = 16 * 1024
_EMPTY_MEMBERS: Final = 100
_GZIP_WBITS: Final = 31


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; fewer only at the end."""
        ...


class Inflated:
    """The unpacked bytes of a gzip stream, all its members one behind the other.

    It is unpacked in pieces of a bounded size, whatever is asked for: the decompressor copies what it has not used.
    """

    def __init__(self, packed: Readable) -> None:
        self._packed = packed
        self._inflate = zlib.decompressobj(_GZIP_WBITS)
        self._waiting = b""
        self._unpacked = b""
        self._read_to = 0
        self._empty_members = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; fewer only at the end.

        Raises:
            DocumentBroken: it is damaged, or ends early.
        """
        parts: list[bytes] = []
        left = size
        while left and (part := self._some(left)):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        """Some bytes, or none at the end."""
        if self._read_to == len(self._unpacked):
            self._unpacked, self._read_to = self._next(), 0
        part = self._unpacked[self._read_to : self._read_to + size]
        self._read_to += len(part)
        return part

    def _next(self) -> bytes:
        while True:
            packed = self._waiting or self._packed.read(_PACKED_BYTES)
            if self._inflate.eof:
                packed = packed.lstrip(b"\0")  # padding behind the last member
                if not packed:
                    return b""
                self._begin_member()
            part = self._inflated(packed)
            if part:
                self._empty_members = 0
                return part
            if not packed and not self._inflate.eof:
                raise DocumentBroken("the gzip data ends early: it was cut off")

    def _begin_member(self) -> None:
        self._empty_members += 1
        if self._empty_members > _EMPTY_MEMBERS:
            raise DocumentBroken(f"more than {_EMPTY_MEMBERS} parts of the gzip data in a row are empty")
        self._inflate = zlib.decompressobj(_GZIP_WBITS)

    def _inflated(self, packed: bytes) -> bytes:
        try:
            part = self._inflate.decompress(packed, _CHUNK_BYTES)
        except zlib.error as error:
            raise DocumentBroken("the gzip data is damaged") from error
        self._waiting = self._inflate.unconsumed_tail or self._inflate.unused_data
        return part


def read_bounded(source: Readable, budget: Budget) -> bytes:
    """All bytes of a file.

    Raises:
        DocumentBroken: there are more than a file may have.
        DumpTooLarge: there are more than the dump may have.
    """
    limit = budget.limits.file_bytes
    parts: list[bytes] = []
    size_bytes = 0
    while chunk := source.read(_CHUNK_BYTES):
        budget.take(len(chunk))
        parts.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > limit:
            raise DocumentBroken(f"it has more than {limit} bytes")
    return b"".join(parts)


def read_file(opened: BinaryIO, budget: Budget) -> bytes:
    """All bytes of a file, unpacked if they are gzip; raises as `read_bounded` does."""
    head = opened.read(len(GZIP))
    rest = _Behind(head, opened)
    return read_bounded(Inflated(rest) if head == GZIP else rest, budget)


class _Behind:
    """Bytes that were read already, before those that were not."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        head, self._head = self._head, b""
        return head + self._rest.read(size - len(head))
