"""`clusters import --snapshot`: registration of a dump as a cluster, and its result."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

from k8s.kubeconfig.names import ClusterNameInvalid, dns_label
from resolvers.audit.commandline import on_record
from server.cli.arguments import parse_labels
from server.cli.changes import changeable_registry
from server.cli.snapshots.results import print_snapshot, snapshot_json
from server.cli.snapshots.standardinput import STANDARD_INPUT, spooled_input
from server.commanderrors import ExitCode, InputError
from server.composition.registry import opened_registry
from server.settings.limits import dump_limits
from server.settings.settings import Settings, load_settings
from server.settings.types import PREFIX
from server.snapshots.parts import LAYOUT, Contents, StoredDocument, StoredKind, pack_contents, pack_objects
from server.terminal.output import print_json
from server.terminal.progressbar import progress_bar
from snapshots.dumps.archives.files import DumpSource
from snapshots.dumps.dump import Dump
from snapshots.dumps.errors import DumpRefused, DumpTooLarge
from snapshots.dumps.reading import opened_dump
from store.audit.event import AuditAction
from store.clusters.cluster import NewSnapshot, SnapshotOrigin
from store.clusters.snapshots import StoredSnapshot
from store.errors import NameTaken, NotFound
from store.names import require_cluster_name

_ARCHIVE_SUFFIXES: Final = (".gz", ".tgz", ".tar", ".zip", ".json", ".yaml", ".yml")
_SETTINGS: Final = {
    "total_bytes": f"{PREFIX}MAX_SNAPSHOT_BYTES",
    "files": f"{PREFIX}MAX_SNAPSHOT_FILES",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotOptions:
    """The options of the command; the path is `-` for standard input."""

    path: Path
    name: str | None
    labels: tuple[str, ...]

    @property
    def is_standard_input(self) -> bool:
        """Returns whether the dump is read from standard input."""
        return str(self.path) == "-"

    @property
    def file_name(self) -> str:
        """Returns the name of the dump for people."""
        return STANDARD_INPUT if self.is_standard_input else _storable(self.path.absolute().name)


def import_snapshot(options: SnapshotOptions, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The dump is invalid or too large.
        NameTaken: A cluster with a connection has that name.
        StoreError: The registry cannot be written.
    """
    settings = load_settings()
    labels = parse_labels(options.labels) or None
    name = options.name or _name_of(options)
    require_cluster_name(name)
    asyncio.run(_require_free(name, settings))
    with _opened(options, settings) as dump, tempfile.TemporaryFile() as spool:
        parts = _PartSpool(spool)
        contents = _packed(dump, parts)
        origin = SnapshotOrigin(
            import_id=str(uuid4()),
            file_name=options.file_name,
            taken_at=dump.taken_at,
            version=dump.version,
            objects=dump.objects,
            kinds=sum(1 for kind in dump.kinds if kind.objects),
        )
        new = NewSnapshot(name=name, origin=origin, labels=labels)
        stored = asyncio.run(_store(new, contents, parts, settings))
        if as_json:
            print_json([snapshot_json(stored, dump)])
        else:
            print_snapshot(stored, dump)
    return ExitCode.OK


@contextmanager
def _opened(options: SnapshotOptions, settings: Settings) -> Iterator[Dump]:
    limits = dump_limits(settings)
    try:
        with ExitStack() as stack:
            source: DumpSource = options.path
            if options.is_standard_input:
                source = stack.enter_context(spooled_input(sys.stdin, limits.total_bytes))
            with progress_bar("Reading", total=None) as advance:
                dump = stack.enter_context(opened_dump(source, limits, on_file=advance))
            yield dump
    except DumpTooLarge as error:
        raise InputError(f"{error} The limit is the setting {_SETTINGS[error.limit]}.") from error
    except DumpRefused as error:
        raise InputError(str(error)) from error


class _PartSpool:
    """The parts of a snapshot on disk: they may exceed the memory, and the store wants them quickly."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._sizes: list[int] = []

    @property
    def count(self) -> int:
        """Returns the number of parts."""
        return len(self._sizes)

    def put(self, part: bytes) -> None:
        """Adds a part."""
        self._spool.write(part)
        self._sizes.append(len(part))

    def __iter__(self) -> Iterator[bytes]:
        self._spool.seek(0)
        for size in self._sizes:
            yield self._spool.read(size)


def _packed(dump: Dump, parts: _PartSpool) -> Contents:
    """Packs the objects and returns the table of contents, which becomes part 0; their parts count from 1."""
    kinds = []
    with progress_bar("Packing", total=len(dump.kinds)) as advance:
        for dumped in dump.kinds:
            first = parts.count + 1
            for part in pack_objects(dump.bodies(dumped.kind)):
                parts.put(part)
            kinds.append(StoredKind(dumped.kind, dumped.objects, first, parts.count))
            advance()
    documents = []
    for name in dump.documents:
        first, body = parts.count + 1, dump.document(name)
        for part in pack_objects([body]):
            parts.put(part)
        documents.append(StoredDocument(name, blake2b(body, digest_size=32).hexdigest().upper(), first, parts.count))
    return Contents(LAYOUT, dump.version, dump.resource_version, tuple(kinds), tuple(documents))


async def _store(new: NewSnapshot, contents: Contents, parts: _PartSpool, settings: Settings) -> StoredSnapshot:
    async def all_parts() -> AsyncIterator[bytes]:
        yield pack_contents(contents)
        for part in parts:
            yield part

    async with (
        changeable_registry(settings) as registry,
        on_record(registry.audit, AuditAction.CLUSTER_IMPORT, cluster=new.name, resource="snapshots"),
    ):
        return await registry.snapshots.put(new, all_parts())


async def _require_free(name: str, settings: Settings) -> None:
    """Raises NameTaken early; the store would raise it only after minutes."""
    async with opened_registry(settings) as registry:
        try:
            record = await registry.clusters.get(name)
        except NotFound:
            return
    if not isinstance(record.connection, SnapshotOrigin):
        raise NameTaken(name, f"{name} is a cluster with a connection. Choose another name with --name.")


def _name_of(options: SnapshotOptions) -> str:
    path = options.path
    if options.is_standard_input:
        raise InputError("Standard input has no file name: set the name of the cluster with --name.")
    name = path.absolute().name
    while name.lower().endswith(_ARCHIVE_SUFFIXES):
        name = name.rpartition(".")[0]
    try:
        return dns_label(name)
    except ClusterNameInvalid:
        raise InputError(f"{path} has no letter or digit for a cluster name; set one with --name.") from None


def _storable(name: str) -> str:
    """Returns a file name without lone surrogates, which no database stores."""
    return name.encode("utf-8", "replace").decode()
