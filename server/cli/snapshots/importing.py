"""`clusters import --snapshot`: registration of a dump as a cluster, and its result."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from uuid import uuid4

from k8s.kubeconfig.names import ClusterNameInvalid, dns_label
from resolvers.audit.commandline import on_record
from server.cli.arguments import parse_labels
from server.cli.changes import changeable_registry
from server.commanderrors import ExitCode, InputError
from server.composition.registry import opened_registry
from server.settings.limits import dump_limits
from server.settings.settings import Settings, load_settings
from server.settings.types import PREFIX
from server.snapshots.parts import LAYOUT, Contents, StoredKind, pack_contents, pack_objects
from server.terminal.output import Json, note, print_json, print_line
from server.terminal.progressbar import progress_bar
from server.terminal.terminal import sentence
from snapshots.dumps.dump import Dump, DumpedKind
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
    """The options of the command."""

    path: Path
    name: str | None
    labels: tuple[str, ...]


def import_snapshot(options: SnapshotOptions, *, as_json: bool) -> ExitCode:
    """Runs the command.

    Raises:
        InputError: The dump is invalid or too large.
        NameTaken: A cluster with a connection has that name.
        StoreError: The registry cannot be written.
    """
    settings = load_settings()
    labels = parse_labels(options.labels) or None
    name = options.name or _name_of(options.path)
    require_cluster_name(name)
    asyncio.run(_require_free(name, settings))
    with _opened(options.path, settings) as dump, tempfile.TemporaryFile() as spool:
        parts = _PartSpool(spool)
        contents = _packed(dump, parts)
        origin = SnapshotOrigin(
            import_id=str(uuid4()),
            file_name=_storable(options.path.absolute().name),
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
            with progress_bar("Reading", total=None) as advance:
                dump = stack.enter_context(opened_dump(path, dump_limits(settings), on_file=advance))
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
    return Contents(LAYOUT, dump.version, dump.resource_version, tuple(kinds))


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


def _name_of(path: Path) -> str:
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


_MOST_NAMED: Final = 20


def print_snapshot(stored: StoredSnapshot, dump: Dump) -> None:
    """Prints one line with the result, and notes on stderr for skipped, duplicate and guessed objects."""
    tally = dump.tally
    kinds = sum(1 for kind in dump.kinds if kind.objects)
    summary = f"{dump.version}, taken {dump.taken_at:%Y-%m-%d %H:%M} UTC, {_count(dump.objects, 'object')} of "
    skipped = f", {tally.broken_count} skipped" if tally.broken_count else ""
    print_line(f"{_word(stored):9} {stored.record.name}: {summary}{_count(kinds, 'kind')}{skipped}")
    for broken in tally.broken[:_MOST_NAMED]:
        note(sentence(f"skipped: {broken}"))
    if tally.broken_count > _MOST_NAMED:
        note(f"skipped: {tally.broken_count - _MOST_NAMED} more; --json names them.")
    if tally.duplicates:
        note(f"{_count(tally.duplicates, 'object')} occurred more than once; the newest of each is used.")
    if tally.ignored_files:
        note(f"{_count(tally.ignored_files, 'file')} without objects, such as logs, left out.")
    for guessed in (kind for kind in dump.kinds if kind.is_guessed):
        note(f"guessed: {_guess_words(guessed)}; the dump has no CustomResourceDefinition for it.")
    if dump.manifest is not None:
        for missing in dump.manifest.skipped:
            note(sentence(f"not in the snapshot: {missing.resource}: {missing.cause}"))


def snapshot_json(stored: StoredSnapshot, dump: Dump) -> Json:
    """Returns the same for programs."""
    tally = dump.tally
    return {
        "name": stored.record.name,
        "context": None,
        "result": _word(stored),
        "version": dump.version,
        "takenAt": dump.taken_at.isoformat(),
        "objects": dump.objects,
        "kinds": [
            {
                "apiVersion": dumped.kind.api_version,
                "kind": dumped.kind.name,
                "plural": dumped.kind.plural,
                "namespaced": dumped.kind.namespaced,
                "objects": dumped.objects,
                "isGuessed": dumped.is_guessed,
            }
            for dumped in dump.kinds
        ],
        "skipped": tally.broken_count,
        "skippedPlaces": [{"path": broken.path, "line": broken.line, "cause": broken.cause} for broken in tally.broken],
        "duplicates": tally.duplicates,
        "ignoredFiles": tally.ignored_files,
        "error": None,
    }


def _word(stored: StoredSnapshot) -> str:
    return "added" if stored.replaced is None else "replaced"


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _guess_words(guessed: DumpedKind) -> str:
    scope = "in namespaces" if guessed.kind.namespaced else "without namespaces"
    return f"{guessed.kind.api_version} {guessed.kind.name} is treated as {guessed.kind.plural}, {scope}"
