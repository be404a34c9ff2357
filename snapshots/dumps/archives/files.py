"""The files of a dump, whatever they lie in: a folder, an archive, or one file alone.

What it is, is told by the first bytes and not by the name, since dumps are renamed on their way.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from snapshots.dumps.archives.budget import Budget
from snapshots.dumps.archives.folder import folder_files, single_file
from snapshots.dumps.archives.inflating import GZIP, Inflated
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


def dump_files(path: Path, budget: Budget) -> Iterator[DumpFile | Broken]:
    """The files, each readable until the next one is asked for.

    Raises:
        DumpRefused: there is no such file, it cannot be read, or it is an archive of another kind.
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


def _of_file(path: Path, budget: Budget) -> Iterator[DumpFile | Broken]:
    with path.open("rb") as opened:
        head = opened.read(BLOCK_BYTES)
        for magic, name in _OTHERS:
            if head.startswith(magic):
                raise DumpRefused(f"{path} is compressed with {name}; unpack it, or give a .tar.gz or .zip.")
        opened.seek(0)
        if head.startswith(_ZIP):
            yield from zip_files(path, budget)
        elif head.startswith(GZIP) and is_tar(_first_block(opened)):
            opened.seek(0)
            yield from tar_files(Inflated(opened), budget)
        elif is_tar(head):
            yield from tar_files(opened, budget)
        else:
            yield single_file(path, budget)


def _first_block(packed: BinaryIO) -> bytes:
    try:
        return Inflated(packed).read(BLOCK_BYTES)
    except DocumentBroken:
        return b""
