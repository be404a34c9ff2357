"""Gzip, unpacked while it is read, within the limits."""

import zlib
from typing import BinaryIO, Final, Protocol

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.errors import DocumentBroken

GZIP: Final = b"\x1f\x8b"
_CHUNK_BYTES: Final = 256 * 1024
_PACKED_BYTES: Final = 16 * 1024
_EMPTY_MEMBERS: Final = 100
_GZIP_WBITS: Final = 31


class Readable(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """Returns at most `size` bytes; fewer only at the end."""
        ...


class GzipReader:
    """The unpacked bytes of a gzip stream, with all its members in a row.

    It is unpacked in chunks of a bounded size for any request: the decompressor copies its unused input.
    """

    def __init__(self, packed: Readable) -> None:
        self._packed = packed
        self._inflate = zlib.decompressobj(_GZIP_WBITS)
        self._waiting = b""
        self._unpacked = b""
        self._read_to = 0
        self._empty_members = 0

    def read(self, size: int, /) -> bytes:
        """Returns at most `size` bytes; fewer only at the end.

        Raises:
            DocumentBroken: The data is damaged, or ends early.
        """
        chunks: list[bytes] = []
        left = size
        while left and (chunk := self._some(left)):
            chunks.append(chunk)
            left -= len(chunk)
        return b"".join(chunks)

    def _some(self, size: int) -> bytes:
        """Returns some bytes, or none at the end."""
        if self._read_to == len(self._unpacked):
            self._unpacked, self._read_to = self._next(), 0
        chunk = self._unpacked[self._read_to : self._read_to + size]
        self._read_to += len(chunk)
        return chunk

    def _next(self) -> bytes:
        while True:
            packed = self._waiting or self._packed.read(_PACKED_BYTES)
            if self._inflate.eof:
                packed = packed.lstrip(b"\0")  # padding after the last member
                if not packed:
                    return b""
                self._begin_member()
            chunk = self._inflated(packed)
            if chunk:
                self._empty_members = 0
                return chunk
            if not packed and not self._inflate.eof:
                raise DocumentBroken("the gzip data ends early: it was cut off")

    def _begin_member(self) -> None:
        self._empty_members += 1
        if self._empty_members > _EMPTY_MEMBERS:
            raise DocumentBroken(f"more than {_EMPTY_MEMBERS} parts of the gzip data in a row are empty")
        self._inflate = zlib.decompressobj(_GZIP_WBITS)

    def _inflated(self, packed: bytes) -> bytes:
        try:
            chunk = self._inflate.decompress(packed, _CHUNK_BYTES)
        except zlib.error as error:
            raise DocumentBroken("the gzip data is damaged") from error
        self._waiting = self._inflate.unconsumed_tail or self._inflate.unused_data
        return chunk


def read_bounded(source: Readable, budget: DumpBudget) -> bytes:
    """Returns all bytes of a file.

    Raises:
        DocumentBroken: The file exceeds its limit.
        DumpTooLarge: The dump exceeds its limit.
    """
    limit = budget.limits.file_bytes
    chunks: list[bytes] = []
    size_bytes = 0
    while chunk := source.read(_CHUNK_BYTES):
        budget.take(len(chunk))
        chunks.append(chunk)
        size_bytes += len(chunk)
        if size_bytes > limit:
            raise DocumentBroken(f"it has more than {limit} bytes")
    return b"".join(chunks)


def read_file(opened: BinaryIO, budget: DumpBudget) -> bytes:
    """Returns all bytes of a file, unpacked if they are gzip; raises as `read_bounded` does."""
    head = opened.read(len(GZIP))
    rest = _PrefixedReader(head, opened)
    return read_bounded(GzipReader(rest) if head == GZIP else rest, budget)


class _PrefixedReader:
    """A source with some bytes that were already read in front."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        head, self._head = self._head, b""
        return head + self._rest.read(size - len(head))
