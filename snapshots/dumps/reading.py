"""Reading of a dump: from its path to objects by kind."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import msgspec

from k8s.kinds.builtin import NODE
from snapshots.dumps.archives.budget import DumpBudget
from snapshots.dumps.archives.files import DumpSource, dump_files
from snapshots.dumps.archives.spool import Spool
from snapshots.dumps.checking import require_decodable
from snapshots.dumps.clusterversion import ClusterVersion
from snapshots.dumps.dump import Dump, DumpedKind, Tally
from snapshots.dumps.dumpfile import DumpFile
from snapshots.dumps.errors import Broken, DocumentBroken, DumpRefused, Lost
from snapshots.dumps.hints import hint_of, kind_of
from snapshots.dumps.limits import DumpLimits
from snapshots.dumps.manifest import MANIFEST_NAME, Manifest, read_manifest
from snapshots.dumps.objects import DumpedObject, EmptyList, Entry, InvalidEntry, objects_of
from snapshots.dumps.objecttype import ObjectType, require_identity
from snapshots.dumps.resolving import KindBook, built_in
from snapshots.dumps.schemadocuments import document_name, read_schemas
from snapshots.dumps.texts.document import BrokenDocument, Document, SurroundingText
from snapshots.dumps.texts.documents import documents
from snapshots.dumps.texts.surroundings import in_words, is_complaint
from snapshots.dumps.versions import converted, served_type

_NODE: Final = ObjectType(NODE.api_version, NODE.name)


@contextmanager
def opened_dump(
    source: DumpSource, limits: DumpLimits | None = None, *, on_file: Callable[[], None] = lambda: None
) -> Iterator[Dump]:
    """Reads a dump.

    Args:
        source: A folder, an archive or a file; or an open file.
        limits: The limits.
        on_file: Called after each file.

    Raises:
        DumpRefused: The dump is unusable, or exceeds a limit.
    """
    with Spool() as spool:
        try:
            reader = _DumpReader(spool, limits or DumpLimits())
            reader.read(source, on_file)
            yield reader.dump(source)
        except sqlite3.Error as error:
            raise DumpRefused(f"{source} cannot be sorted in a temporary file: {error}.") from error


class _DumpReader:
    """A reader of the files of a dump into a spool."""

    def __init__(self, spool: Spool, limits: DumpLimits) -> None:
        self._spool = spool
        self._limits = limits
        self._tally = Tally(limits.broken)
        self._book = KindBook()
        self._version = ClusterVersion()
        self._empty: set[ObjectType] = set()
        self._manifest: Manifest | None = None
        self._newest: datetime | None = None

    def read(self, source: DumpSource, on_file: Callable[[], None]) -> None:
        """Reads all files."""
        for file in dump_files(source, DumpBudget(self._limits)):
            if isinstance(file, Broken):
                self._tally.skip(file)
            elif file.may_hold_objects:
                self._read_file(file)
                on_file()
            elif file.may_have_version:
                self._read_version(file)
            else:
                self._tally.ignored_files += 1

    def dump(self, source: DumpSource) -> Dump:
        """Returns the dump."""
        kinds = [self._dumped(source, object_type) for object_type in self._spool.types]
        present = {dumped.kind for dumped in kinds}
        empty = {self._book.resolved(name, has_namespaces=True).kind for name in self._empty}
        kinds += [DumpedKind(kind, 0, is_guessed=False) for kind in empty - present]
        if not kinds:
            raise DumpRefused(f"{source} holds no Kubernetes objects.{self._first_broken()}")
        self._tally.duplicates = self._spool.put_count - sum(self._spool.count(name)[0] for name in self._spool.types)
        return Dump(
            kinds=tuple(sorted(kinds, key=lambda dumped: (dumped.kind.group, dumped.kind.version, dumped.kind.name))),
            version=self._version.best,
            taken_at=self._taken_at(),
            resource_version=str(max(self._spool.highest_version, 1)),
            tally=self._tally,
            manifest=self._manifest,
            _spool=self._spool,
        )

    def _read_file(self, file: DumpFile) -> None:
        self._tally.files += 1
        if (name := document_name(file.path)) is not None:
            self._read_schemas(file, name)
            return
        count_before = self._count()
        texts: list[SurroundingText] = []
        try:
            for part in documents(file, self._limits):
                if isinstance(part, SurroundingText):
                    texts += [part] if len(texts) < self._limits.broken else []
                else:
                    self._read_document(file, part)
        except DocumentBroken as error:
            self._skip(file, None, str(error))
        for text in texts:  # other files of text only, such as logs, are ignored
            if self._count() > count_before or is_complaint(text):
                self._skip(file, text.line, in_words(text), Lost.TEXT)
        if self._count() == count_before:
            self._tally.ignored_files += 1
        elif file.modified_at is not None:
            self._newest = max(self._newest or file.modified_at, file.modified_at)

    def _read_schemas(self, file: DumpFile, name: str) -> None:
        try:
            body = read_schemas(file, max_bytes=self._limits.object_bytes)
        except DocumentBroken as error:
            self._skip(file, None, str(error))
            return
        if len(self._spool.documents) < self._limits.kinds:
            self._spool.put_document(name, body)

    def _count(self) -> int:
        return self._spool.put_count + self._tally.broken_count + len(self._empty)

    def _read_document(self, file: DumpFile, document: Document | BrokenDocument) -> None:
        if isinstance(document, BrokenDocument):
            self._skip(file, document.error.line, document.error.cause, document.lost)
            return
        try:
            self._read_whole(file, document)
        except (msgspec.DecodeError, RecursionError) as error:
            self._skip(file, document.line, str(error))

    def _read_whole(self, file: DumpFile, document: Document) -> None:
        if file.path.endswith(MANIFEST_NAME) and (manifest := read_manifest(document.body)):
            self._manifest = manifest
            self._book.note_manifest(manifest)
            self._version.note_manifest(manifest.version)
            for listed in manifest.kinds:
                self._take_empty(file, document.line, ObjectType(listed.as_kind.api_version, listed.kind))
            return
        kind = kind_of(file.path)
        found = False
        for entry in objects_of(document, ObjectType(kind.api_version, kind.name) if kind else None):
            found = True
            self._take(file, document.line, entry)
        if not found:
            self._version.note_document(document.body)

    def _take(self, file: DumpFile, line: int, entry: Entry) -> None:
        if isinstance(entry, EmptyList):
            self._take_empty(file, line, entry.type)
        elif isinstance(entry, InvalidEntry):
            self._skip(file, entry.line, entry.cause, entry.lost, entry.count)
        else:
            try:
                self._take_object(file, entry)
            except DocumentBroken as error:
                cause = f"{entry.place}: {error.cause}" if entry.place else error.cause
                self._skip(file, entry.line, cause, Lost.OBJECT)

    def _take_empty(self, file: DumpFile, line: int, object_type: ObjectType) -> None:
        if not object_type.is_valid:
            self._skip(file, line, "the apiVersion or the kind of a list is invalid")
        elif len(self._empty) < self._limits.kinds:
            self._empty.add(served_type(object_type))

    def _take_object(self, file: DumpFile, dumped: DumpedObject) -> None:
        metadata = dumped.metadata
        require_identity(dumped.type, metadata.name, metadata.namespace)
        if len(dumped.body) > self._limits.object_bytes:
            raise DocumentBroken(
                f"it has {len(dumped.body)} bytes; the limit of an object is {self._limits.object_bytes}"
            )
        object_type, body = served_type(dumped.type), converted(dumped.body, dumped.type)
        if object_type not in self._spool and self._spool.kinds >= self._limits.kinds:
            raise DocumentBroken(f"the dump has objects of more than {self._limits.kinds} kinds")
        kind = built_in(object_type)
        namespace = metadata.namespace or ""
        if kind is not None:
            if kind.namespaced and not namespace:
                raise DocumentBroken(f"{kind.name} {metadata.name} has no metadata.namespace")
            namespace = namespace if kind.namespaced else ""
        require_decodable(kind, body)
        self._book.note_definition(object_type, body)
        self._book.note_hint(object_type, hint_of(file.path))
        if object_type == _NODE:
            self._version.note_node(body)
        self._spool.put(object_type, metadata, body, namespace=namespace)

    def _read_version(self, file: DumpFile) -> None:
        try:
            self._version.note_text(file.read())
        except DocumentBroken:
            self._tally.ignored_files += 1

    def _dumped(self, source: DumpSource, object_type: ObjectType) -> DumpedKind:
        count, with_namespace = self._spool.count(object_type)
        resolved = self._book.resolved(object_type, has_namespaces=bool(with_namespace))
        if not resolved.kind.namespaced:
            return DumpedKind(resolved.kind, count, resolved.is_guessed)
        if count > with_namespace:
            cause = f"{count - with_namespace} {object_type.kind} objects have no metadata.namespace"
            self._tally.skip(Broken(source.name, None, cause, Lost.OBJECT, count - with_namespace))
        return DumpedKind(resolved.kind, with_namespace, resolved.is_guessed)

    def _taken_at(self) -> datetime:
        now = datetime.now(UTC)
        taken_at = self._manifest.taken_at if self._manifest else self._newest
        return min(taken_at, now) if taken_at and taken_at.year > 1980 else now

    def _skip(self, file: DumpFile, line: int | None, cause: str, lost: Lost = Lost.DOCUMENT, count: int = 1) -> None:
        self._tally.skip(Broken(file.path, line, cause, lost, count))

    def _first_broken(self) -> str:
        if not self._tally.broken:
            return ""
        more = f" (and {self._tally.broken_count - 1} more)" if self._tally.broken_count > 1 else ""
        return f" Skipped: {self._tally.broken[0]}{more}."
