"""Archives of snapshots: the API server's own pages, without masked values, and a manifest behind them."""

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final, Protocol

import msgspec

from k8s.kinds.kind import Kind
from k8s.masking.kindmask import KindMask
from k8s.reading.decoder import Decoder
from k8s.reading.decodingcost import uncounted_s
from server.commanderrors import InputError
from snapshots.dumps.manifest import MANIFEST_NAME, Manifest

_TAR_SUFFIXES: Final = (".tar.gz", ".tgz")
_ZIP_SUFFIX: Final = ".zip"
_CORE: Final = "core"
_LEVEL: Final = 6

_PAGES: Final[Decoder[dict[str, Any]]] = Decoder(dict[str, Any], cost_s=uncounted_s)
"""Decodes a list of objects with all of its fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveOptions:
    """The options of the command."""

    name: str
    path: Path
    has_secret_data: bool
    may_replace: bool


class Archive(Protocol):
    """A file with files in it, written one after the other."""

    def add(self, name: str, content: bytes) -> None:
        """Adds a file."""
        ...


def require_archive_name(path: Path) -> None:
    """Raises InputError for a file name without a supported suffix."""
    if not path.name.lower().endswith((*_TAR_SUFFIXES, _ZIP_SUFFIX)):
        raise InputError(f"{path}: the suffix is unknown; a snapshot is written as .tar.gz, .tgz or .zip.")


@contextmanager
def archive_to(opened: IO[bytes], path: Path, taken_at: datetime) -> Iterator[Archive]:
    """Opens an archive in the format of the suffix of `path`; it is complete when the context ends."""
    if path.name.lower().endswith(_ZIP_SUFFIX):
        with zipfile.ZipFile(opened, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as zipped:
            yield _ZipArchive(zipped, taken_at)
    else:
        with tarfile.open(fileobj=opened, mode="w:gz", compresslevel=_LEVEL) as tar:
            yield _TarArchive(tar, taken_at)


def page_name(kind: Kind, number: int) -> str:
    """Returns the name of a page in the archive; `number` counts from 1."""
    return f"objects/{kind.group or _CORE}/{kind.plural}/{number:05}.json"


def add_manifest(archive: Archive, manifest: Manifest) -> None:
    """Adds the manifest, indented for people; it is the last file."""
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


async def masked_page(page: bytes, masks: KindMask) -> bytes:
    """Returns a page of a kind's objects with null for masked values.

    Raises:
        Undecodable: The page is not a list.
    """
    if not masks.always and not any(labelled.value.encode() in page for labelled in masks.labelled):
        return page  # it has no object that the masks are for, and stays as the API server sent it
    objects = await _PAGES.read(page)
    items = objects.get("items")
    objects["items"] = [masks.applied(item) for item in items] if isinstance(items, list) else []
    return msgspec.json.encode(objects)
