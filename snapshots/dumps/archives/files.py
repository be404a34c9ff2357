"""The files of a dump: in a folder, in an archive, or one file alone.

The first bytes decide on the format, not the name, because dumps are often renamed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.folder import folder_files
from snapshots.dumps.archives.inflating import GZIP, GzipReader, read_file
from snapshots.dumps.archives.tararchive import BLOCK_BYTES, is_tar, tar_files
from snapshots.dumps.archives.ziparchive import zip_files
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import Broken, DocumentBroken, DumpRefused

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS: Final = (
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
)


@dataclass(frozen=True, slots=True)
class OpenedInput:
    """A dump without a path, such as a copy of standard input; the file can be read from its begin again."""

    opened: BinaryIO
    name: str

    def __str__(self) -> str:
        return self.name


DumpSource: TypeAlias = Path | OpenedInput


def dump_files(source: DumpSource, budget: DumpBudget) -> Iterator[DumpFile | Broken]:
    """Yields the files, each readable until the next one is requested.

    Raises:
        DumpRefused: There is no such file, it cannot be read, or its archive format is not supported.
    """
    try:
        if isinstance(source, OpenedInput):
            yield from _of_opened(source, budget, datetime.now(UTC))
        elif source.is_dir():
            yield from folder_files(source, budget)
        elif source.is_file():
            modified_at = datetime.fromtimestamp(source.stat().st_mtime, UTC)
            with source.open("rb") as opened:
                yield from _of_opened(OpenedInput(opened, str(source)), budget, modified_at)
        else:
            cause = "it is neither a file nor a folder" if source.exists() else "no such file"
            raise DumpRefused(f"{source}: {cause}.")
    except OSError as error:
        raise DumpRefused(f"{source} cannot be read: {error.strerror or error}.") from error


def _of_opened(source: OpenedInput, budget: DumpBudget, modified_at: datetime) -> Iterator[DumpFile | Broken]:
    opened = source.opened
    head = opened.read(BLOCK_BYTES)
    for magic, name in _OTHERS:
        if head.startswith(magic):
            raise DumpRefused(f"{source} is compressed with {name}; unpack it, or use a .tar.gz or .zip.")
    opened.seek(0)
    if head.startswith(_ZIP):
        yield from zip_files(opened, source.name, budget)
    elif head.startswith(GZIP) and is_tar(_first_block(opened)):
        opened.seek(0)
        yield from tar_files(GzipReader(opened), budget)
    elif is_tar(head):
        yield from tar_files(opened, budget)
    else:
        opened.seek(0)
        budget.take_file()
        yield DumpFile(Path(source.name).name, lambda: read_file(opened, budget), modified_at, is_alone=True)


def _first_block(packed: BinaryIO) -> bytes:
    try:
        return GzipReader(packed).read(BLOCK_BYTES)
    except DocumentBroken:
        return b""
