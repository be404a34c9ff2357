"""The content of a dump, and counts of skipped places."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from k8s.kinds.kind import Kind
from snapshots.dumps.archives.spool import Spool
from snapshots.dumps.errors import Broken, Lost
from snapshots.dumps.manifest import Manifest
from snapshots.dumps.objecttype import ObjectType


@dataclass(slots=True)
class Tally:
    """Counts of the results of reading a dump.

    Attributes:
        max_broken: The maximum length of `broken`.
        broken: The first skipped places.
        broken_count: The number of all skipped places.
        lost: The numbers of objects, documents and texts in them.
        files: The number of files that were read.
        ignored_files: The number of ignored files: logs and others without a JSON or YAML suffix, or without objects.
        duplicates: The number of surplus occurrences of objects.
    """

    max_broken: int
    broken: list[Broken] = field(default_factory=list)
    broken_count: int = 0
    lost: Counter[Lost] = field(default_factory=Counter)
    files: int = 0
    ignored_files: int = 0
    duplicates: int = 0

    def skip(self, broken: Broken) -> None:
        """Notes a place that was skipped."""
        self.broken_count += 1
        self.lost[broken.lost] += broken.count
        if len(self.broken) < self.max_broken:
            self.broken.append(broken)


@dataclass(frozen=True, slots=True)
class DumpedKind:
    """The objects of one kind.

    Attributes:
        kind: The served kind.
        objects: The number of objects.
        is_guessed: Whether plural and scope are only guessed.
    """

    kind: Kind
    objects: int
    is_guessed: bool


@dataclass(frozen=True, slots=True)
class Dump:
    """A dump that was read; valid while the context of `opened_dump` is open.

    Attributes:
        kinds: The kinds with objects, and those with empty lists.
        version: The release of the API server, or `unknown`.
        taken_at: The time of the dump, from the manifest, else from the newest file.
        resource_version: The highest resource version.
        tally: Counts of skipped and duplicate objects.
        manifest: The manifest of our own snapshots.
    """

    kinds: tuple[DumpedKind, ...]
    version: str
    taken_at: datetime
    resource_version: str
    tally: Tally
    manifest: Manifest | None
    _spool: Spool = field(repr=False)

    @property
    def documents(self) -> tuple[str, ...]:
        """Returns the names of the OpenAPI documents, such as `apis/example.com/v1`, sorted."""
        return self._spool.documents

    def document(self, name: str) -> bytes:
        """Returns the JSON of an OpenAPI document, without line breaks."""
        return self._spool.document(name)

    @property
    def objects(self) -> int:
        """Returns the number of objects."""
        return sum(kind.objects for kind in self.kinds)

    def bodies(self, kind: Kind) -> Iterator[bytes]:
        """Yields the JSON of a kind's objects, sorted by key as in `snapshots.serving.content`, without line breaks."""
        object_type = ObjectType(kind.api_version, kind.name)
        if object_type in self._spool.types:
            yield from self._spool.bodies(object_type, with_namespace=kind.namespaced)
