"""A tar archive, read once from begin to end: a header, a content, the next header.

Only the formats that dumps need are supported (POSIX.1-2001 `ustar` and `pax`, GNU's long names), so that no header
takes more memory than its own bytes: links, devices and sparse files are skipped, and paths are text for messages.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Final

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.inflating import GzipReader, Readable, read_bounded
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import Broken, DocumentBroken

BLOCK_BYTES: Final = 512
_MAGIC: Final = slice(257, 262)
_LONGEST_HEADER_BYTES: Final = 1024 * 1024
_CHUNK_BYTES: Final = 256 * 1024
_LONGEST_PATH: Final = 4096
_SHOWN_PATH: Final = 100
_BINARY: Final = 0x80
_OCTAL: Final = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_SPARSE: Final = "GNU.sparse"
_REGULAR: Final = frozenset({b"0", b"\0", b"7"})
_EXTENDED: Final = re.compile(rb"(\d+) ([^=\n]+)=")


@dataclass(slots=True)
class _TarEntry:
    """One header, completed by the extended headers before it."""

    path: str
    size_bytes: int
    type: bytes
    modified_s: float
    is_sparse: bool = False


def is_tar(head: bytes) -> bool:
    """Returns whether the first block is the header of an archive."""
    return head[_MAGIC] == b"ustar"


def tar_files(source: Readable, budget: DumpBudget) -> Iterator[DumpFile | Broken]:
    """Yields the regular files of an archive, each readable until the next one is requested.

    The last one is a `Broken` if the archive is damaged or cut off; the files before it are valid.
    """
    archive = _Archive(source, budget)
    try:
        while (entry := archive.entry()) is not None:
            content = _Content(archive, entry.size_bytes)
            if len(entry.path) > _LONGEST_PATH:
                cause = f"its path has {len(entry.path)} characters; the limit is {_LONGEST_PATH}"
                yield Broken(f"{entry.path[:_SHOWN_PATH]}...", None, cause)
            elif entry.type in _REGULAR and not entry.is_sparse:
                yield DumpFile(entry.path, _TarMember(entry.path, content, budget), _time(entry.modified_s))
            content.skip()
            archive.take(-entry.size_bytes % BLOCK_BYTES)
    except DocumentBroken as error:
        yield Broken("the archive", None, f"{error.cause}; the rest is lost")


class _Archive:
    """The blocks of an archive."""

    def __init__(self, source: Readable, budget: DumpBudget) -> None:
        self._source = source
        self._budget = budget

    def take(self, size_bytes: int, *, is_counted: bool = True) -> bytes:
        """Returns the next bytes, all of them."""
        data = self._source.read(size_bytes)
        if is_counted:
            self._budget.take(len(data))
        if len(data) < size_bytes:
            raise DocumentBroken("it ends early: it was cut off")
        return data

    def entry(self) -> _TarEntry | None:
        """Returns the next entry; None at the end."""
        extended: dict[str, str] = {}
        while True:
            block = self._source.read(BLOCK_BYTES)
            self._budget.take(len(block))
            if not block or not block.strip(b"\0"):
                return None
            self._budget.take_file()
            entry = _parsed(block)
            if entry.type in {b"x", b"X"}:
                extended |= _extended(self._header_content(entry))
            elif entry.type == b"L":
                extended["path"] = self._header_content(entry).rstrip(b"\0").decode("utf-8", "replace")
            elif entry.type in {b"K", b"g"}:
                self._header_content(entry)
            else:
                return self._completed(entry, extended, block)

    def _header_content(self, entry: _TarEntry) -> bytes:
        if entry.size_bytes > _LONGEST_HEADER_BYTES:
            raise DocumentBroken(f"a header has {entry.size_bytes} bytes, more than {_LONGEST_HEADER_BYTES}")
        content = self.take(entry.size_bytes)
        self.take(-entry.size_bytes % BLOCK_BYTES)
        return content

    def _completed(self, entry: _TarEntry, extended: dict[str, str], block: bytes) -> _TarEntry:
        entry.path = extended.get("path", entry.path)
        if (size := extended.get("size", "")).isascii() and size.isdigit() and len(size) < 19:
            entry.size_bytes = int(size)
        entry.is_sparse = entry.type == b"S" or _SPARSE in extended
        more = entry.type == b"S" and block[482]
        while more:
            more = self.take(BLOCK_BYTES)[504]
        return entry


class _Content:
    """The bytes of one file; unread bytes are skipped."""

    def __init__(self, archive: _Archive, size_bytes: int) -> None:
        self._archive = archive
        self._left_bytes = size_bytes

    def read(self, size: int, /) -> bytes:
        """Returns at most `size` bytes; the caller counts them."""
        chunk = self._archive.take(min(size, self._left_bytes), is_counted=False)
        self._left_bytes -= len(chunk)
        return chunk

    def skip(self) -> None:
        """Skips the remaining bytes."""
        while self._left_bytes:
            self._left_bytes -= len(self._archive.take(min(_CHUNK_BYTES, self._left_bytes)))


@dataclass(frozen=True, slots=True)
class _TarMember:
    """A file of an archive, unpacked if its suffix is .gz."""

    path: str
    content: _Content
    budget: DumpBudget

    def __call__(self) -> bytes:
        is_packed = self.path.lower().endswith(".gz")
        return read_bounded(GzipReader(self.content) if is_packed else self.content, self.budget)


def _parsed(block: bytes) -> _TarEntry:
    if len(block) < BLOCK_BYTES:
        raise DocumentBroken("it ends early: it was cut off")
    if _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise DocumentBroken("it is damaged: a header's checksum is wrong")
    prefix = _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    path = f"{prefix}/{_text(block[:100])}" if prefix else _text(block[:100])
    return _TarEntry(path, _number(block[124:136]), block[156:157], _modified_s(block[136:148]))


def _number(field: bytes) -> int:
    """Returns the number of octal digits, or of GNU's binary format."""
    if field[0] == _BINARY:
        return int.from_bytes(field[1:], "big")
    digits = _OCTAL.fullmatch(field)
    if digits is None:
        raise DocumentBroken("it is damaged: a size in a header is not a number")
    return int(digits[1] or b"0", 8)


def _modified_s(field: bytes) -> float:
    """Returns seconds since 1970, or -inf for an invalid field: the content is still valid without a time."""
    try:
        return _number(field)
    except DocumentBroken:
        return -inf


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _extended(content: bytes) -> dict[str, str]:
    """Returns the records of a pax header, `length key=value`, with the length of the whole record."""
    records: dict[str, str] = {}
    at = 0
    while (match := _EXTENDED.match(content, at)) is not None:
        end = at + int(match[1][:18])
        if end <= match.end() or end > len(content):
            break
        key = match[2].decode("utf-8", "replace")
        if key.startswith(_SPARSE):
            records[_SPARSE] = key
        elif key in {"path", "size"}:  # all others are skipped: there may be any number of them
            records[key] = content[match.end() : end - 1].decode("utf-8", "replace")
        at = end
    return records


def _time(modified_s: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(modified_s, UTC)
    except (OverflowError, OSError, ValueError):
        return None
