"""`clusters import --snapshot`: from a dump to a registered cluster."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

from k8s.kubeconfig.names import ClusterNameInvalid, dns_label
from server.cli.arguments import parse_labels
from server.cli.recorded import on_record
from server.cli.snapshots.importresult import print_snapshot, snapshot_json
from server.composition import opened_registry
from server.errors import ExitCode, InputError
from server.settings.limits import dump_limits
from server.settings.settings import Settings, load_settings
from server.settings.types import PREFIX
from server.snapshots.parts import LAYOUT, Contents, StoredKind, pack_contents, pack_objects
from server.terminal.output import print_json
from server.terminal.progress import progress
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
class WantedSnapshot:
    """The options of the command, as they were given."""

    path: Path
    name: str | None
    labels: tuple[str, ...]


def import_snapshot(wanted: WantedSnapshot, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The dump cannot be used.
        NameTaken: A cluster with a connection has that name.
        StoreError: Nothing can be stored.
    """
    settings = load_settings()
    labels = parse_labels(wanted.labels) or None
    name = wanted.name or _name_of(wanted.path)
    require_cluster_name(name)
    asyncio.run(_require_free(name, settings))
    with _opened(wanted.path, settings) as dump, tempfile.TemporaryFile() as spool:
        parts = _Parts(spool)
        contents = _packed(dump, parts)
        origin = SnapshotOrigin(
            import_id=str(uuid4()),
            file_name=_storable(wanted.path.absolute().name),
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
def _opened(path: Path, settings: Settings) -> Iterator[Dump]:
    try:
        with ExitStack() as stack:
            with progress("Reading", total=None) as advance:
                dump = stack.enter_context(opened_dump(path, dump_limits(settings), on_file=advance))
            yield dump
    except DumpTooLarge as error:
        raise InputError(f"{error} The limit is the setting {_SETTINGS[error.limit]}.") from error
    except DumpRefused as error:
        raise InputError(str(error)) from error


class _Parts:
    """Parts on disk, since all of them may be more than memory holds, and the store wants them quickly."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._sizes: list[int] = []

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._sizes)

    def put(self, part: bytes) -> None:
        """Takes one."""
        self._spool.write(part)
        self._sizes.append(len(part))

    def __iter__(self) -> Iterator[bytes]:
        self._spool.seek(0)
        for size in self._sizes:
            yield self._spool.read(size)


def _packed(dump: Dump, parts: _Parts) -> Contents:
    """Packs the objects; the table of contents will be part 0, so theirs are counted from 1."""
    kinds = []
    with progress("Packing", total=len(dump.kinds)) as advance:
        for dumped in dump.kinds:
            first = parts.count + 1
            for part in pack_objects(dump.bodies(dumped.kind)):
                parts.put(part)
            kinds.append(StoredKind(dumped.kind, dumped.objects, first, parts.count))
            advance()
    return Contents(LAYOUT, dump.version, dump.resource_version, tuple(kinds))


async def _store(new: NewSnapshot, contents: Contents, parts: _Parts, settings: Settings) -> StoredSnapshot:
    async def each() -> AsyncIterator[bytes]:
        yield pack_contents(contents)
        for part in parts:
            yield part

    async with (
        opened_registry(settings) as registry,
        on_record(registry, AuditAction.CLUSTER_IMPORT, cluster=new.name, resource="snapshots"),
    ):
        return await registry.snapshots.put(new, each())


async def _require_free(name: str, settings: Settings) -> None:
    """Refuses early what the store would refuse after minutes."""
    async with opened_registry(settings) as registry:
        try:
            record = await registry.clusters.get(name)
        except NotFound:
            return
    if not isinstance(record.connection, SnapshotOrigin):
        raise NameTaken(name, f"{name} is a cluster with a connection. Choose another name with --name.")


def _name_of(path: Path) -> str:
    name = path.absolute().name
    while name.lower().endswith(_ARCHIVE_SUFFIXES):
        name = name.rpartition(".")[0]
    try:
        return dns_label(name)
    except ClusterNameInvalid:
        raise InputError(f"{path} has no letter or digit for a cluster name; give one with --name.") from None


def _storable(name: str) -> str:
    """A file's name without what no database could store."""
    return name.encode("utf-8", "replace").decode()
