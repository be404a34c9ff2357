"""A zip archive: the members that may hold objects, in the order of its directory."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from demo.dumps.budget import Budget
from demo.dumps.dumpfile import DumpFile
from demo.dumps.errors import DocumentBroken, DumpRefused
from demo.dumps.inflating import Inflated, read_bounded

_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x1
_LINK: Final = 0o120000
_TYPE: Final = 0o170000


def zip_files(path: Path, budget: Budget) -> Iterator[DumpFile]:
    """The regular files of an archive.

    Raises:
        DumpRefused: the archive is damaged, or cut off: its directory stands at its end.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                budget.take_file()
                if not member.is_dir() and (member.external_attr >> 16) & _TYPE != _LINK:
                    yield DumpFile(member.filename, _Reading(archive, member, budget), _time(member))
    except (zipfile.BadZipFile, ValueError) as error:
        raise DumpRefused(f"{path} is damaged: it is no complete zip archive.") from error


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
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
            raise DocumentBroken("it is damaged") from error


def _time(member: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None
