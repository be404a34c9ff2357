"""The files of a dump: in a folder, in an archive, or one file alone.

The first bytes decide on the format, not the name, because dumps are often renamed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.folder import folder_files, single_file
from snapshots.dumps.archives.inflating import GZIP, GzipReader
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


def dump_files(path: Path, budget: DumpBudget) -> Iterator[DumpFile | Broken]:
    """Yields the files, each readable until the next one is requested.

    Raises:
        DumpRefused: There is no such file, it cannot be read, or its archive format is not supported.
    """
    try:
        if path.is_dir():
            yield from folder_files(path, budget)
        elif path.is_file():
            yield from _of_file(path, budget)
        else:
            raise DumpRefused(f"{path}: {'it is neither a file nor a folder' if path.exists() else 'no such file'}.")
    except OSError as error:
        raise DumpRefused(f"{path} cannot be read: {error.strerror or error}.") from error


def _of_file(path: Path, budget: DumpBudget) -> Iterator[DumpFile | Broken]:
    with path.open("rb") as opened:
        head = opened.read(BLOCK_BYTES)
        for magic, name in _OTHERS:
            if head.startswith(magic):
                raise DumpRefused(f"{path} is compressed with {name}; unpack it, or use a .tar.gz or .zip.")
        opened.seek(0)
        if head.startswith(_ZIP):
            yield from zip_files(path, budget)
        elif head.startswith(GZIP) and is_tar(_first_block(opened)):
            opened.seek(0)
            yield from tar_files(GzipReader(opened), budget)
        elif is_tar(head):
            yield from tar_files(opened, budget)
        else:
            yield single_file(path, budget)


def _first_block(packed: BinaryIO) -> bytes:
    try:
        return GzipReader(packed).read(BLOCK_BYTES)
    except DocumentBroken:
        return b""
