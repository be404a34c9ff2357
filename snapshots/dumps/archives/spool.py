"""The objects of a dump on disk, sorted by type and key: a dump may be larger than memory.

The file is a temporary one of SQLite: without a name, private to this process, and removed with it.
"""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from snapshots.dumps.objects import Metadata
from snapshots.dumps.objecttype import ObjectType

_CACHE_KIBIBYTES: Final = 65_536
_LARGEST_VERSION: Final = 2**63 - 1
_SCHEMA: Final = """
    PRAGMA cache_size = -{cache};
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    CREATE TABLE object (
        type INTEGER NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
        body BLOB NOT NULL, PRIMARY KEY (type, namespace, name)
    );
    CREATE TABLE document (name TEXT PRIMARY KEY, body BLOB NOT NULL);
"""
_UPSERT: Final = """
    INSERT INTO object VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET version = excluded.version, body = excluded.body
    WHERE excluded.version >= object.version
"""
_SORTED: Final = """
    SELECT body FROM object WHERE type = ? AND (namespace != '' OR NOT ?)
    ORDER BY CASE namespace WHEN '' THEN name ELSE namespace || '/' || name END
"""


class Spool:
    """Objects in any order, returned by type and sorted by key; of two with the same key, the newer one."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA.format(cache=_CACHE_KIBIBYTES))
        self._types: dict[ObjectType, int] = {}
        self.put_count = 0
        self.highest_version = 0

    @property
    def types(self) -> tuple[ObjectType, ...]:
        """Returns the types of all objects, sorted."""
        return tuple(sorted(self._types))

    @property
    def kinds(self) -> int:
        """Returns the number of types."""
        return len(self._types)

    def __contains__(self, object_type: ObjectType) -> bool:
        return object_type in self._types

    def put(self, object_type: ObjectType, metadata: Metadata, body: bytes, *, namespace: str) -> None:
        """Adds an object; `namespace` is empty if its kind has none."""
        number = self._types.setdefault(object_type, len(self._types))
        version = _version(metadata.resource_version)
        self.highest_version = max(self.highest_version, version)
        self.put_count += 1
        self._database.execute(_UPSERT, (number, namespace, metadata.name, version, body))

    def count(self, object_type: ObjectType) -> tuple[int, int]:
        """Returns the number of objects of a type, and the number of those with a namespace."""
        statement = "SELECT count(*), count(nullif(namespace, '')) FROM object WHERE type = ?"
        row = self._database.execute(statement, (self._types[object_type],)).fetchone()
        return (int(row[0]), int(row[1]))

    def bodies(self, object_type: ObjectType, *, with_namespace: bool) -> Iterator[bytes]:
        """Yields the objects of a type, sorted by key; `with_namespace` leaves out those without a namespace."""
        for (body,) in self._database.execute(_SORTED, (self._types[object_type], with_namespace)):
            yield body

    @property
    def documents(self) -> tuple[str, ...]:
        """Returns the names of the OpenAPI documents, sorted."""
        return tuple(name for (name,) in self._database.execute("SELECT name FROM document ORDER BY name"))

    def put_document(self, name: str, body: bytes) -> None:
        """Adds an OpenAPI document; of two with the same name, the last one stays."""
        self._database.execute("INSERT OR REPLACE INTO document VALUES (?, ?)", (name, body))

    def document(self, name: str) -> bytes:
        """Returns an OpenAPI document."""
        return bytes(self._database.execute("SELECT body FROM document WHERE name = ?", (name,)).fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()


def _version(text: str | None) -> int:
    """Returns a resource version as a number; Kubernetes compares decimal ones by value."""
    if not text or not (text.isascii() and text.isdigit()) or len(text) > 19:
        return 0
    return min(int(text), _LARGEST_VERSION)
