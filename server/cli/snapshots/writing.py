"""`clusters snapshot`: all objects of a cluster in one archive."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Final

from k8s.apiserver.discovery import discover
from k8s.apiserver.version import read_version
from k8s.errors import Forbidden, Gone, Invalid, ProtocolBroken, ResourceNotFound, StatusError, Unauthenticated
from k8s.kinds.builtin import BUILT_IN, SECRET
from k8s.kinds.kind import Kind
from k8s.reading.rawpages import raw_pages
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.identity import ADMINISTRATOR
from server.cli.snapshots.archive import Archive, add_manifest, archive_to, page_name, require_archive_name
from server.cli.snapshots.newfile import new_file, require_new
from server.cli.snapshots.secretvalues import without_values
from server.cli.snapshots.writeresult import print_written
from server.composition import opened_registry
from server.errors import ExitCode
from server.settings.settings import Settings, load_settings
from server.snapshots.clusters import snapshot_clusters
from server.terminal.progress import progress
from snapshots.dumps.manifest import FORMAT, Manifest, ManifestKind, Skipped
from store.clusters.cluster import ClusterFilter, OpenedCluster, SnapshotOrigin
from store.errors import NotFound as NoSuchCluster

_IN_MEMORY_BYTES: Final = 16 * 1024 * 1024
_TRIES: Final = 3
_REFUSALS: Final = (Forbidden, ResourceNotFound, Invalid)
"""What a cluster may well say of a kind; anything else means that it could not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """The options of the command, as they were given."""

    name: str
    path: Path
    has_secret_data: bool
    may_replace: bool


def write_snapshot(wanted: WantedFile, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The file cannot be written, or exists.
        NoSuchCluster: No cluster has that name.
        ClusterError: The cluster does not answer; there is no file then.
    """
    settings = load_settings()
    require_archive_name(wanted.path)
    if not wanted.may_replace:
        require_new(wanted.path)
    manifest, has_failed = asyncio.run(_write(wanted, settings))
    print_written(wanted.path, manifest, as_json=as_json)
    return ExitCode.FAILED if has_failed else ExitCode.OK


async def _write(wanted: WantedFile, settings: Settings) -> tuple[Manifest, bool]:
    async with opened_registry(settings) as registry:
        cluster = _found(await registry.clusters.open(ClusterFilter(names=frozenset({wanted.name}))), wanted.name)
        connection = snapshot_clusters(settings, registry).connect(cluster, ADMINISTRATOR)
        try:
            snapshot = _Snapshot(connection, wanted, page_timeout_s=settings.cluster_timeout_s)
            return await snapshot.write(_taken_at(cluster)), snapshot.has_failed
        finally:
            await connection.close()


def _found(clusters: Sequence[OpenedCluster], name: str) -> OpenedCluster:
    if not clusters:
        raise NoSuchCluster(name, f"No cluster is named {name[:80]!r}.")
    return clusters[0]


def _taken_at(cluster: OpenedCluster) -> datetime:
    origin = cluster.record.connection
    return origin.taken_at if isinstance(origin, SnapshotOrigin) else datetime.now(UTC)


@dataclass(slots=True)
class _Pages:
    """The pages of one list on disk: a list that has to be begun again leaves nothing in the archive."""

    file: IO[bytes]
    sizes: list[int] = field(default_factory=list)
    objects: int = 0
    resource_version: str = ""

    def put(self, body: bytes, objects: int) -> None:
        self.file.write(body)
        self.sizes.append(len(body))
        self.objects += objects

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(0)
        for size in self.sizes:
            yield self.file.read(size)


@contextmanager
def _empty_pages() -> Iterator[_Pages]:
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        yield _Pages(file)


class _Snapshot:
    """Reads a cluster kind by kind; one page is in memory at a time.

    Attributes:
        has_failed: whether built-in kinds are missing for another reason than that they may not be listed; a server of
            its own for other kinds is often down, and is named only.
    """

    def __init__(self, sender: Sender, wanted: WantedFile, *, page_timeout_s: float) -> None:
        self._sender = sender
        self._wanted = wanted
        self._page_timeout_s = page_timeout_s
        self._kinds: list[ManifestKind] = []
        self._skipped: list[Skipped] = []
        self.has_failed = False

    async def write(self, taken_at: datetime) -> Manifest:
        """Writes the file; raises ClusterError and InputError."""
        version = await read_version(self._sender, self._deadline())
        discovered = await discover(self._sender, self._deadline())
        self._skipped += [Skipped(name, cause) for name, cause in discovered.failed.items()]
        path = self._wanted.path
        with (
            new_file(path, may_replace=self._wanted.may_replace) as opened,
            archive_to(opened, path, taken_at) as archive,
        ):
            with progress("Reading", total=len(discovered.kinds)) as advance:
                await self._add_kinds(archive, discovered.kinds, advance)
            manifest = self._manifest(version, taken_at)
            add_manifest(archive, manifest)
        return manifest

    def _manifest(self, version: str, taken_at: datetime) -> Manifest:
        return Manifest(
            format=FORMAT,
            cluster=self._wanted.name,
            version=version,
            taken_at=taken_at,
            has_secret_data=self._wanted.has_secret_data,
            kinds=tuple(self._kinds),
            skipped=tuple(self._skipped),
        )

    async def _add_kinds(self, archive: Archive, kinds: Sequence[Kind], advance: Callable[[], None]) -> None:
        for kind in kinds:
            try:
                await self._add_kind(archive, kind)
            except Unauthenticated:
                raise
            except (StatusError, ProtocolBroken) as error:
                self._skipped.append(Skipped(str(kind), error.cause))
                is_failure = kind in BUILT_IN and not isinstance(error, _REFUSALS)
                self.has_failed = self.has_failed or is_failure
            advance()

    async def _add_kind(self, archive: Archive, kind: Kind) -> None:
        with _empty_pages() as pages:
            for left in reversed(range(_TRIES)):
                try:
                    await self._read(kind, pages)
                    break
                except Gone:
                    if not left:
                        raise
                    pages.file.truncate(0)
                    pages.file.seek(0)
                    pages.sizes.clear()
                    pages.objects = 0
            for number, body in enumerate(pages, start=1):
                archive.add(page_name(kind, number), body)
            self._kinds.append(_manifest_kind(kind, pages))

    async def _read(self, kind: Kind, pages: _Pages) -> None:
        hides_values = kind == SECRET and not self._wanted.has_secret_data
        async for page in raw_pages(self._sender, kind, page_timeout_s=self._page_timeout_s):
            pages.put(await without_values(page.body) if hides_values else page.body, page.objects)
            pages.resource_version = page.resource_version

    def _deadline(self) -> Deadline:
        return Deadline(self._page_timeout_s)


def _manifest_kind(kind: Kind, pages: _Pages) -> ManifestKind:
    return ManifestKind(
        group=kind.group,
        version=kind.version,
        kind=kind.name,
        plural=kind.plural,
        namespaced=kind.namespaced,
        objects=pages.objects,
        resource_version=pages.resource_version,
    )
