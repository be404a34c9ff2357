"""What a dump holds, and what else there is to say of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from k8s.kinds.kind import Kind
from snapshots.dumps.archives.spool import Spool
from snapshots.dumps.errors import Broken
from snapshots.dumps.manifest import Manifest
from snapshots.dumps.resolving import TypeName


@dataclass(slots=True)
class Tally:
    """What became of what was read.

    Attributes:
        broken: places that were skipped; the first of them.
        broken_count: all of them.
        files: how many were read.
        ignored_files: how many were not: logs and others whose names are none of JSON or YAML, or that hold no objects.
        duplicates: objects that were there more than once, each time but one.
    """

    kept: int
    broken: list[Broken] = field(default_factory=list)
    broken_count: int = 0
    files: int = 0
    ignored_files: int = 0
    duplicates: int = 0

    def skip(self, broken: Broken) -> None:
        """Notes a place that was skipped."""
        self.broken_count += 1
        if len(self.broken) < self.kept:
            self.broken.append(broken)


@dataclass(frozen=True, slots=True)
class DumpedKind:
    """The objects of one kind.

    Attributes:
        kind: what is served.
        objects: how many.
        is_guessed: whether plural and scope are only guessed.
    """

    kind: Kind
    objects: int
    is_guessed: bool


@dataclass(frozen=True, slots=True)
class Dump:
    """What was read; it lasts as long as `opened_dump`'s context.

    Attributes:
        kinds: those that it has objects of, or says that it has none of.
        version: the release of the API server, or `unknown`.
        taken_at: when, as far as that can be told: by the manifest, else by the newest file.
        resource_version: the highest of all.
        tally: what else there is to say.
        manifest: of our own snapshots.
    """

    kinds: tuple[DumpedKind, ...]
    version: str
    taken_at: datetime
    resource_version: str
    tally: Tally
    manifest: Manifest | None
    _spool: Spool = field(repr=False)

    @property
    def objects(self) -> int:
        """How many there are."""
        return sum(kind.objects for kind in self.kinds)

    def bodies(self, kind: Kind) -> Iterator[bytes]:
        """The JSON of the objects of a kind, by key, as `snapshots.serving.content` wants it; without line ends."""
        type_name = TypeName(kind.api_version, kind.name)
        if type_name in self._spool.types:
            yield from self._spool.bodies(type_name, with_namespace=kind.namespaced)
