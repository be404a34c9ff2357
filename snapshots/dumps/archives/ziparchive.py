"""A zip archive: its regular files, in the order of its directory."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.inflating import GzipReader, read_bounded
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import Broken, DocumentBroken, DumpRefused, DumpTooLarge

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_LINK: Final = 0o120000
_LONGEST_PATH: Final = 4096
_SHOWN_PATH: Final = 100
_ENTRY_BYTES: Final = 320
"""Bytes of an entry in the directory, including its name."""
_LEAST_BYTES: Final = 1024 * 1024
_TYPE: Final = 0o170000


def zip_files(opened: BinaryIO, name: str, budget: DumpBudget) -> Iterator[DumpFile | Broken]:
    """Yields the regular files of an archive; `name` is for messages.

    Raises:
        DumpRefused: The archive is damaged, or cut off: its directory is at its end.
    """
    archive = _archive(name, _BoundedFile(opened, budget.limits.files))
    for member in archive.infolist():
        budget.take_file()
        if len(member.filename) > _LONGEST_PATH:
            yield Broken(
                f"{member.filename[:_SHOWN_PATH]}...",
                None,
                f"its path has {len(member.filename)} characters; the limit is {_LONGEST_PATH}",
            )
        elif not member.filename.endswith("/") and (member.external_attr >> 16) & _TYPE != _LINK:
            yield DumpFile(member.filename, _ZipMember(archive, member, budget), _time(member))


def _archive(name: str, opened: "_BoundedFile") -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(opened)
    except DumpRefused:
        raise
    except Exception as error:  # zipfile raises many types of errors for invalid numbers in the directory
        raise DumpRefused(f"{name} is damaged: it is not a complete zip archive.") from error


class _BoundedFile:
    """A file that is read in pieces that fit into memory; the directory of an archive is read at once."""

    def __init__(self, opened: BinaryIO, files: int) -> None:
        self._opened = opened
        self._files = files
        self.seek = opened.seek
        self.tell = opened.tell
        self.seekable = opened.seekable

    def read(self, size: int = -1, /) -> bytes:
        """Returns some bytes; raises DumpTooLarge."""
        limit = max(self._files * _ENTRY_BYTES, _LEAST_BYTES)
        if size > limit:
            raise DumpTooLarge("files", f"Its directory has {size} bytes, more than {self._files} files need.")
        return self._opened.read(size if size >= 0 else limit)


class _ZipMember:
    """A member of an archive."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: DumpBudget) -> None:
        self._archive = archive
        self._member = member
        self._budget = budget

    def __call__(self) -> bytes:
        """Returns the content; raises DocumentBroken."""
        member = self._member
        if member.flag_bits & _ENCRYPTED:
            raise DocumentBroken("it is encrypted")
        if member.compress_type not in _METHODS:
            raise DocumentBroken(
                f"its compression method (number {member.compress_type}) is not supported; use deflate"
            )
        try:
            with self._archive.open(member) as opened:
                is_packed = member.filename.lower().endswith(".gz")
                return read_bounded(GzipReader(opened) if is_packed else opened, self._budget)
        except (DocumentBroken, DumpRefused):
            raise
        except Exception as error:  # as above, for numbers in the directory or in the header of the member
            raise DocumentBroken("it is damaged") from error


def _time(member: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None
