"""Malicious archives and texts."""

import gzip
import struct
from pathlib import Path

from tests.snapshots.dumps.dumping import NODE, POD, Files, tar, zipped

FILES: Files = {"a.yaml": POD, "b.json": NODE}
_BLOCK = 512
_SIZE = slice(124, 136)
_MODIFIED = slice(136, 148)
_TYPE = 156
_CHECKSUM = slice(148, 156)


def tar_header(name: bytes, size: bytes, *, kind: bytes = b"0", modified: bytes = b"0") -> bytes:
    """Returns a header with a valid checksum and any content."""
    header = bytearray(_BLOCK)
    header[: len(name)] = name
    header[_SIZE] = size.ljust(12, b"\0")
    header[_MODIFIED] = modified.ljust(12, b"\0")
    header[_TYPE : _TYPE + 1] = kind
    header[257:265] = b"ustar\x0000"
    header[_CHECKSUM] = b" " * 8
    header[_CHECKSUM] = b"%06o\0 " % sum(header)
    return bytes(header)


def tar_member(name: bytes, content: bytes, *, kind: bytes = b"0", modified: bytes = b"0") -> bytes:
    """Returns a valid member."""
    padding = b"\0" * (-len(content) % _BLOCK)
    return tar_header(name, b"%o" % len(content), kind=kind, modified=modified) + content + padding


def good_tar_member() -> bytes:
    return tar_member(b"good.yaml", POD.encode())


def zip_bytes(folder: Path) -> bytes:
    """Returns a valid archive."""
    return zipped(folder / "good.zip", FILES).read_bytes()


def with_end_of_zip(archive: bytes, *, at: int, value: int) -> bytes:
    """Returns an archive with an invalid last record of its directory: 12 is the size, 16 the offset."""
    changed = bytearray(archive)
    struct.pack_into("<L", changed, archive.rindex(b"PK\5\6") + at, value % 2**32)
    return bytes(changed)


def with_entry_of_zip(archive: bytes, *, at: int, form: str, value: int) -> bytes:
    """Returns an archive with an invalid first entry in its directory."""
    changed = bytearray(archive)
    struct.pack_into(form, changed, archive.index(b"PK\1\2") + at, value)
    return bytes(changed)


def seeds(folder: Path) -> dict[str, bytes]:
    """Returns valid dumps of each form, to be damaged."""
    return {
        "tar": tar(folder / "good.tar", FILES, mode="w").read_bytes(),
        "tgz": tar(folder / "good.tgz", FILES).read_bytes(),
        "zip": zip_bytes(folder),
        "gz": gzip.compress(POD.encode()),
        "yaml": (POD + "---\n" + POD.replace("web-0", "web-1") + "---\n&a [*a, <<: *a]\n").encode(),
        "json": (NODE + '[{"kind":"PodList","apiVersion":"v1","items":[{}]}]\n' + NODE).encode(),
    }


def written(folder: Path, content: bytes, name: str = "dump") -> Path:
    """Writes a file to a folder and returns its path."""
    path = folder / name
    path.write_bytes(content)
    return path
