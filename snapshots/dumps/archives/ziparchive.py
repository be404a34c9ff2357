"""A zip archive: the members that may hold objects, in the order of its directory."""

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import Budget
from snapshots.dumps.archives.inflating import Inflated, read_bounded
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import Broken, DocumentBroken, DumpRefused, DumpTooLarge

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_LINK: Final = 0o120000
_LONGEST_PATH: Final = 4096
_SHOWN_PATH: Final = 100
_ENTRY_BYTES: Final = 320
"""Of an entry in the directory, its name included."""
_LEAST_BYTES: Final = 1024 * 1024
_TYPE: Final = 0o170000


def zip_files(path: Path, budget: Budget) -> Iterator[DumpFile | Broken]:
    """The regular files of an archive.

    Raises:
        DumpRefused: the archive is damaged, or cut off: its directory stands at its end.
    """
    with path.open("rb") as opened:
        archive = _archive(path, _Bounded(opened, budget.limits.files))
        for member in archive.infolist():
            budget.take_file()
            if len(member.filename) > _LONGEST_PATH:
                yield Broken(f"{member.filename[:_SHOWN_PATH]}...", None, "its path is too long")
            elif not member.filename.endswith("/") and (member.external_attr >> 16) & _TYPE != _LINK:
                yield DumpFile(member.filename, _Reading(archive, member, budget), _time(member))


def _archive(path: Path, opened: "_Bounded") -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(opened)
    except DumpRefused:
        raise
    except Exception as error:  # zipfile raises whatever a number in the directory leads to
        raise DumpRefused(f"{path} is damaged: it is no complete zip archive.") from error


class _Bounded:
    """A file whose parts are read in pieces that fit into memory; the directory of an archive is one of them."""

    def __init__(self, opened: BinaryIO, files: int) -> None:
        self._opened = opened
        self._files = files
        self.seek = opened.seek
        self.tell = opened.tell
        self.seekable = opened.seekable

    def read(self, size: int = -1, /) -> bytes:
        """Some bytes; raises DumpTooLarge."""
        limit = max(self._files * _ENTRY_BYTES, _LEAST_BYTES)
        if size > limit:
            raise DumpTooLarge("files", f"Its directory has {size} bytes, more than {self._files} files need.")
        return self._opened.read(size if size >= 0 else limit)


class _Reading:
    """Reads a member."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> None:
        self._archive = archive
        self._member = member
        self._budget = budget

    def __call__(self) -> bytes:
        """The content; raises DocumentBroken."""
        member = self._member
        if member.flag_bits & _ENCRYPTED:
            raise DocumentBroken("it is encrypted")
        if member.compress_type not in _METHODS:
            raise DocumentBroken(f"it is compressed by another method (number {member.compress_type}) than deflate")
        try:
            with self._archive.open(member) as opened:
                is_packed = member.filename.lower().endswith(".gz")
                return read_bounded(Inflated(opened) if is_packed else opened, self._budget)
        except (DocumentBroken, DumpRefused):
            raise
        except Exception as error:  # as above, of a number in the directory or in the member's header
            raise DocumentBroken("it is damaged") from error


def _time(member: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None
