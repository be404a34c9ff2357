"""The archive that a snapshot is written to: the API server's own pages, and a manifest behind them."""

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Protocol

import msgspec

from k8s.kinds.kind import Kind
from server.errors import InputError
from snapshots.dumps.manifest import MANIFEST_NAME, Manifest

_TAR_SUFFIXES: Final = (".tar.gz", ".tgz")
_ZIP_SUFFIX: Final = ".zip"
_CORE: Final = "core"
_LEVEL: Final = 6


class Archive(Protocol):
    """Takes files, one after the other."""

    def add(self, name: str, content: bytes) -> None:
        """Adds a file."""
        ...


def require_archive_name(path: Path) -> None:
    """Refuses a file whose name says no form that can be written; raises InputError."""
    if not path.name.lower().endswith((*_TAR_SUFFIXES, _ZIP_SUFFIX)):
        raise InputError(f"{path}: a snapshot is written as .tar.gz, .tgz or .zip; end the name so.")


@contextmanager
def archive_to(opened: IO[bytes], path: Path, taken_at: datetime) -> Iterator[Archive]:
    """An archive in the form that the name of `path` says; complete when the context ends."""
    if path.name.lower().endswith(_ZIP_SUFFIX):
        with zipfile.ZipFile(opened, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as zipped:
            yield _ZipArchive(zipped, taken_at)
    else:
        with tarfile.open(fileobj=opened, mode="w:gz", compresslevel=_LEVEL) as tar:
            yield _TarArchive(tar, taken_at)


def page_name(kind: Kind, number: int) -> str:
    """Where a page stands; `number` counts from 1."""
    return f"objects/{kind.group or _CORE}/{kind.plural}/{number:05}.json"


def add_manifest(archive: Archive, manifest: Manifest) -> None:
    """The last file, for people, too."""
    archive.add(MANIFEST_NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")


class _TarArchive:
    def __init__(self, tar: tarfile.TarFile, taken_at: datetime) -> None:
        self._tar = tar
        self._modified_s = int(taken_at.timestamp())

    def add(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        member.mtime = self._modified_s
        member.mode = 0o600
        self._tar.addfile(member, BytesIO(content))


class _ZipArchive:
    def __init__(self, zipped: zipfile.ZipFile, taken_at: datetime) -> None:
        self._zipped = zipped
        time = taken_at.astimezone(UTC)
        self._modified = (max(time.year, 1980), time.month, time.day, time.hour, time.minute, time.second)

    def add(self, name: str, content: bytes) -> None:
        member = zipfile.ZipInfo(name, self._modified)
        member.compress_type = zipfile.ZIP_DEFLATED
        member.external_attr = 0o100600 << 16
        self._zipped.writestr(member, content)
