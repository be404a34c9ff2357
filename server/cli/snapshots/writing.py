"""`clusters snapshot`: all objects of a cluster in one archive, and its result."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from k8s.apiserver.discovery import read_served
from k8s.apiserver.proof import Proof
from k8s.apiserver.version import read_version
from k8s.errors import (
    BrokenOff,
    Forbidden,
    Gone,
    Invalid,
    NotConnected,
    ProtocolBroken,
    ResourceNotFound,
    StatusError,
    TimedOut,
    Unauthenticated,
)
from k8s.kinds.builtin import BUILT_IN
from k8s.kinds.kind import Kind
from k8s.masking.kindmask import UNMASKED
from k8s.masking.masking import Masking
from k8s.reading.rawpages import raw_pages
from k8s.transport.deadline import Deadline
from k8s.transport.sender import Sender
from resolvers.authorization import ADMINISTRATOR
from server.cli.snapshots.archive import (
    Archive,
    ArchiveOptions,
    add_manifest,
    archive_to,
    masked_page,
    page_name,
    require_archive_name,
)
from server.cli.snapshots.newfile import new_file, require_new
from server.cli.snapshots.pagespool import PageSpool, empty_pages
from server.cli.snapshots.results import print_written
from server.cli.snapshots.schemas import add_schemas
from server.commanderrors import ExitCode
from server.composition.clients import cluster_clients
from server.composition.registry import opened_registry
from server.settings.settings import Settings, load_settings
from server.terminal.progressbar import progress_bar
from snapshots.dumps.clusterversion import UNKNOWN
from snapshots.dumps.manifest import FORMAT, Manifest, ManifestKind, Skipped
from store.clusters.cluster import ClusterFilter, OpenedCluster, SnapshotOrigin
from store.errors import NotFound as NoSuchCluster

_TRIES: Final = 3
_REFUSALS: Final = (Forbidden, ResourceNotFound, Invalid)
"""Errors that are an answer about a kind; any other means that its objects are unknown."""
_BUILT_IN_VERSIONS: Final = frozenset(kind.api_version for kind in BUILT_IN)


def write_snapshot(options: ArchiveOptions, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The file cannot be written, or exists.
        NoSuchCluster: No cluster has that name.
        ClusterError: The cluster does not answer; no file is written.
    """
    settings = load_settings()
    require_archive_name(options.path)
    if not options.may_replace:
        require_new(options.path)
    manifest, has_failed = asyncio.run(_write(options, settings))
    print_written(options.path, manifest, as_json=as_json)
    return ExitCode.FAILED if has_failed else ExitCode.OK


async def _write(options: ArchiveOptions, settings: Settings) -> tuple[Manifest, bool]:
    async with opened_registry(settings) as registry:
        cluster = _only(await registry.clusters.open(ClusterFilter(names=frozenset({options.name}))), options.name)
        connection = cluster_clients(settings, registry).connect(cluster, ADMINISTRATOR)
        try:
            snapshot = _SnapshotWriter(
                connection,
                options,
                settings.masking,
                page_timeout_s=settings.cluster_timeout_s,
                most_kinds=settings.max_served_kinds,
            )
            return await snapshot.write(_taken_at(cluster)), snapshot.has_failed
        finally:
            await connection.close()


def _only(clusters: Sequence[OpenedCluster], name: str) -> OpenedCluster:
    if not clusters:
        raise NoSuchCluster.cluster(name)
    return clusters[0]


def _taken_at(cluster: OpenedCluster) -> datetime:
    origin = cluster.record.connection
    return origin.taken_at if isinstance(origin, SnapshotOrigin) else datetime.now(UTC)


class _SnapshotWriter:
    """A writer of one snapshot: reads a cluster kind by kind, with one page in memory at a time.

    Attributes:
        has_failed: True if built-in kinds are missing for another reason than missing permissions. Aggregated API
            servers of other kinds are often down; they are only named, and one that hangs is asked for one kind.
    """

    def __init__(
        self, sender: Sender, options: ArchiveOptions, masking: Masking, *, page_timeout_s: float, most_kinds: int
    ) -> None:
        self._sender = sender
        self._masking = masking
        self._options = options
        self._page_timeout_s = page_timeout_s
        self._most_kinds = most_kinds
        self._kinds: list[ManifestKind] = []
        self._skipped: list[Skipped] = []
        self._silent_groups: set[str] = set()
        self.has_failed = False

    async def write(self, taken_at: datetime) -> Manifest:
        """Writes the file; raises ClusterError and InputError."""
        version = await Proof(self._sender, self._deadline()).ask(read_version) or UNKNOWN
        served = await read_served(self._sender, self._deadline(), most_kinds=self._most_kinds)
        kinds = tuple(served.listed())
        self._skipped += [Skipped(name, cause) for name, cause in served.failed.items()]
        self._skipped += [Skipped("discovery", problem) for problem in served.problems]
        self.has_failed = not _BUILT_IN_VERSIONS.isdisjoint(served.failed)
        path = self._options.path
        with (
            new_file(path, may_replace=self._options.may_replace) as opened,
            archive_to(opened, path, taken_at) as archive,
        ):
            with progress_bar("Reading", total=len(kinds)) as advance:
                await self._add_kinds(archive, kinds, advance)
            self._skipped += await add_schemas(archive, self._sender, self._kinds, self._deadline)
            manifest = self._manifest(version, taken_at)
            add_manifest(archive, manifest)
        return manifest

    def _manifest(self, version: str, taken_at: datetime) -> Manifest:
        return Manifest(
            format=FORMAT,
            cluster=self._options.name,
            version=version,
            taken_at=taken_at,
            has_secret_data=self._options.has_secret_data,
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
                self._skip(kind, error.cause)
                is_failure = kind in BUILT_IN and not isinstance(error, _REFUSALS)
                self.has_failed = self.has_failed or is_failure
            except (TimedOut, BrokenOff) as error:
                if kind in BUILT_IN or isinstance(error, NotConnected):
                    raise
                self._skip(kind, error.cause)
                self._silent_groups.add(kind.group)
            advance()

    def _skip(self, kind: Kind, cause: str) -> None:
        self._skipped.append(Skipped(str(kind), cause))

    async def _add_kind(self, archive: Archive, kind: Kind) -> None:
        if kind.group in self._silent_groups:
            self._skip(kind, "its server does not answer.")
            return
        with empty_pages() as pages:
            for retries in reversed(range(_TRIES)):
                try:
                    await self._read(kind, pages)
                    break
                except Gone:
                    if not retries:
                        raise
                    pages.clear()
            for number, body in enumerate(pages, start=1):
                archive.add(page_name(kind, number), body)
            self._kinds.append(_manifest_kind(kind, pages))

    async def _read(self, kind: Kind, pages: PageSpool) -> None:
        masks = UNMASKED if self._options.has_secret_data else self._masking.of(kind)
        async for page in raw_pages(self._sender, kind, page_timeout_s=self._page_timeout_s):
            pages.put(await masked_page(page.body, masks) if masks else page.body, page.objects)
            pages.resource_version = page.resource_version

    def _deadline(self) -> Deadline:
        return Deadline(self._page_timeout_s)


def _manifest_kind(kind: Kind, pages: PageSpool) -> ManifestKind:
    return ManifestKind(
        group=kind.group,
        version=kind.version,
        kind=kind.name,
        plural=kind.plural,
        namespaced=kind.namespaced,
        objects=pages.objects,
        resource_version=pages.resource_version,
    )
